package main

import (
	"fmt"
	"io"
	"time"

	"ringback/sim/call"
)

// meter tells how far a simulation is: on a terminal while it goes on, and
// everywhere at the end.
type meter struct {
	out      io.Writer
	terminal bool
	epoch    call.Instant
	began    time.Time
	shown    time.Time
	calls    int
	at       call.Instant
}

func newMeter(out io.Writer, epoch call.Instant) *meter {
	return &meter{out: out, terminal: isTerminal(out), epoch: epoch, at: epoch, began: time.Now()}
}

// call counts one.
func (m *meter) call(at call.Instant) {
	m.calls++
	m.at = max(m.at, at)
	if m.terminal && m.calls%256 == 0 && time.Since(m.shown) > 100*time.Millisecond {
		m.shown = time.Now()
		fmt.Fprintf(m.out, "\r%s\x1b[K", m)
	}
}

func (m *meter) String() string {
	days := m.at.Sub(m.epoch).Hours() / 24
	return fmt.Sprintf("%s in %.2f simulated days", count(uint64(m.calls), "call"), days)
}

// end says what it came to.
func (m *meter) end(suppressed uint64) {
	if m.terminal {
		fmt.Fprint(m.out, "\r\x1b[K")
	}
	fmt.Fprintf(m.out, "%s, made in %s; %s came to nothing, because somebody who wanted to call was in a call\n",
		m, time.Since(m.began).Round(time.Millisecond), count(suppressed, "more attempt"))
}
