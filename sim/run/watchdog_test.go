package run_test

import (
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/run"
)

// hanging answers what it wants to, and lets all else wait for the timeout.
type hanging struct{ answers func() bool }

func (hanging) Close() {}

func (s hanging) Send(_ *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	*a = delivery.Answer{Connected: true, Status: 200}
	if !s.answers() {
		began := time.Now()
		time.Sleep(2 * time.Second) // of the bubble
		*a = delivery.Answer{Connected: true, Failure: delivery.TimedOut, Took: time.Since(began)}
	}
}

// A run against a receiver that hangs ends within the time that was announced; one
// against a receiver that is slow for a moment, or does not answer what a fault
// spoiled, goes on.
func TestWatchdog(t *testing.T) {
	const attempts = 1000
	maimed := delivery.Transport{LoseTail: 1}
	for name, test := range map[string]struct {
		answers   func(n int) bool
		transport func(n int) delivery.Transport
		atOnce    int
		warned    int // after so many attempts of a worker; 0: never
		ended     int
		err       string
	}{
		"answers":       {answers: func(int) bool { return true }, atOnce: 1},
		"never answers": {answers: func(int) bool { return false }, atOnce: 1, warned: 3, ended: 14, err: "the receiver hangs: no answer came for 28s"},
		"never, side by side": {
			answers: func(int) bool { return false }, atOnce: 8, warned: 3, ended: 14, err: "the receiver hangs: no answer came for 28s",
		},
		"from the 100th on": {answers: func(n int) bool { return n < 100 }, atOnce: 1, warned: 102, ended: 113, err: "the receiver hangs: no answer came for 28s"},
		"each third": {
			answers: func(n int) bool { return n%3 > 0 }, atOnce: 1, warned: 9, ended: 126,
			err: "the receiver hangs: attempts waited 1m24s in all for answers that did not come in time",
		},
		"hangs once, with 64 that wait": {answers: func(n int) bool { return n > 1 }, atOnce: 64},
		"not what is cut short": {
			answers: func(n int) bool { return n%2 > 0 }, atOnce: 1,
			transport: func(n int) delivery.Transport {
				if n%2 > 0 {
					return delivery.Transport{}
				}
				return maimed
			},
		},
		"never, most of it cut short": {
			answers: func(int) bool { return false }, atOnce: 1, warned: 3, ended: 14, err: "the receiver hangs: no answer came for 28s",
			transport: func(n int) delivery.Transport {
				if n == 1 {
					return delivery.Transport{}
				}
				return maimed
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				warned, ended := 0, 0
				var why error
				n := 0
				w := &run.Watchdog{
					Timeout: 2 * time.Second,
					Warn: func(string) {
						if warned > 0 {
							t.Error("warned twice")
						}
						warned = n
					},
					Stop: func(err error) {
						if ended > 0 {
							t.Error("stopped twice")
						}
						ended, why = n, err
					},
				}
				make := w.Watch(func() run.Sender { return hanging{func() bool { return test.answers(n) }} })
				senders := []run.Sender{}
				for range test.atOnce {
					senders = append(senders, make())
				}
				for n = 1; n <= attempts && ended == 0; n++ { // the workers keep step
					var transport delivery.Transport
					if test.transport != nil {
						transport = test.transport(n)
					}
					for _, s := range senders {
						go func() { s.Send(nil, transport, new(delivery.Answer)) }()
					}
					synctest.Wait()
					time.Sleep(2 * time.Second)
					synctest.Wait()
				}
				if warned != test.warned || ended != test.ended {
					t.Errorf("warned after %d attempts, ended after %d, want %d and %d", warned, ended, test.warned, test.ended)
				}
				if got := text(why); got != test.err {
					t.Errorf("ended by %q, want %q", got, test.err)
				}
			})
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// The run ends as the warning says.
func TestWatchdogAnnounces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		announced := ""
		w := &run.Watchdog{Timeout: 2 * time.Second, Warn: func(text string) { announced = text }, Stop: func(error) {}}
		s := w.Watch(func() run.Sender { return hanging{func() bool { return false }} })()
		for range 3 {
			s.Send(nil, delivery.Transport{}, new(delivery.Answer))
		}
		const want = "the receiver hangs: attempts waited 6s for answers that did not come within --timeout 2s; the run ends once no answer came for 28s, or 1m24s of waiting are spent"
		if announced != want {
			t.Errorf("announced %q\nwant %q", announced, want)
		}
	})
}
