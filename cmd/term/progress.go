package term

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"ringback/cmd/cli"
	"ringback/sim/call"
	"ringback/sim/text"
)

// Progress shows how far a simulation is: on a terminal while it goes on, and
// everywhere at the end.
type Progress struct {
	out      io.Writer
	terminal bool
	epoch    call.Instant
	began    time.Time
	shown    time.Time
	Calls    int // so far
	at       call.Instant
}

// NewProgress begins to count the calls of a simulation that starts at an epoch.
func NewProgress(out io.Writer, epoch call.Instant) *Progress {
	return &Progress{out: out, terminal: cli.IsTerminal(out), epoch: epoch, at: epoch, began: time.Now()}
}

// Count counts a call that starts.
func (m *Progress) Count(at call.Instant) {
	m.Calls++
	m.at = max(m.at, at)
	if m.terminal && m.Calls%256 == 0 && time.Since(m.shown) > 100*time.Millisecond {
		m.shown = time.Now()
		fmt.Fprintf(m.out, "\r%s\x1b[K", m)
	}
}

func (m *Progress) String() string {
	span := m.at.Sub(m.epoch)
	if span < 24*time.Hour {
		return fmt.Sprintf("%s in %s of simulated time", text.Count(m.Calls, "call"), span.Round(time.Second))
	}
	days := strconv.FormatFloat(math.Round(span.Hours()/24*100)/100, 'f', -1, 64) + " simulated days"
	if days == "1 simulated days" {
		days = "1 simulated day"
	}
	return fmt.Sprintf("%s in %s", text.Count(m.Calls, "call"), days)
}

// End prints the summary: how many calls there are in how much time, and how
// many intended calls were suppressed because their caller was busy.
func (m *Progress) End(at call.Instant, suppressed uint64) {
	m.at = max(m.at, at)
	if m.terminal {
		fmt.Fprint(m.out, "\r\x1b[K")
	}
	fmt.Fprintf(m.out, "%s, made in %s; %s suppressed (caller busy)\n", m, time.Since(m.began).Round(time.Millisecond), text.Count(suppressed, "intended call"))
}
