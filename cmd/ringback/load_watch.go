package main

import (
	"fmt"
	"io"
	"time"

	"ringback/sim/load"
)

// watchLoad prints a line about a run now and then: on a terminal over the one
// before. The function that it returns ends that.
func watchLoad(out io.Writer, l *load.Load, ramp, duration time.Duration) (stop func()) {
	every, terminal := 5*time.Second, isTerminal(out)
	if terminal {
		every = 500 * time.Millisecond
	}
	done, stopped := make(chan struct{}), make(chan struct{})
	began := time.Now()
	go func() {
		defer close(stopped)
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
			case <-done:
				if terminal {
					fmt.Fprint(out, "\r\x1b[K")
				}
				return
			}
			line := progressLine(l.Report(), time.Since(began), ramp, duration)
			if terminal {
				fmt.Fprintf(out, "\r%s\x1b[K", line)
			} else {
				fmt.Fprintln(out, line)
			}
		}
	}()
	return func() {
		close(done)
		<-stopped
	}
}

func progressLine(r *load.Report, since, ramp, duration time.Duration) string {
	phase := fmt.Sprintf("%3.0f%%", 100*min(1, max(0, (since-ramp).Seconds()/duration.Seconds())))
	switch {
	case since < ramp:
		phase = "ramp"
	case since > ramp+duration:
		phase = "drain"
	}
	var last load.Point
	if n := len(r.Series); n > 1 {
		last = r.Series[n-2] // the latest whole one
	}
	return fmt.Sprintf("  %5.0fs %-5s %7.0f callbacks/s  p50 %-8s p99 %-8s %d open  %d retries  %d not acknowledged",
		since.Seconds(), phase, float64(last.Due)/max(last.WidthS, 1), ms(last.P50), ms(last.P99), r.Unfinished, r.Retries, r.AttemptsRejected+r.AttemptsError)
}
