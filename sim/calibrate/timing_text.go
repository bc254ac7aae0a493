package calibrate

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"ringback/sim/text"
)

// timing prints what the times show.
func (p *printer) timing(t *Timing) {
	for _, s := range t.Schedules {
		p.schedule(s)
	}
	p.timeout(t)
	p.order(&t.Order)
	p.title("In flight")
	p.line("at most %s at once%s, at most %d of one call", text.Count(t.InFlight.Max, "request"), where(t.InFlight.Place), t.InFlight.PerCall)
	p.title("Times")
	for _, d := range t.Delays {
		what := text.Short(d.Word, 40) + ", from " + d.From + " to "
		if d.To == "arrival" {
			what += "its arrival by the clock of who recorded"
		} else {
			what += d.To
		}
		p.line("%s: %s", what, d.Seen.String())
	}
}

// printer prints lines until one fails.
type printer struct {
	w     io.Writer
	style text.Style
	err   error
}

func (p *printer) print(format string, args ...any) {
	if p.err == nil {
		_, p.err = text.Fprintf(p.w, format, args...)
	}
}

func (p *printer) title(s string) { p.print("\n%s\n", p.style.Bold.Render(s)) }

func (p *printer) line(format string, args ...any) { p.print("  "+format+"\n", args...) }

func (p *printer) schedule(s *Schedule) {
	p.title("Retries of " + s.Generation.String())
	p.line("%s, %d of them repeated before an acknowledgement", text.Count(s.Callbacks, "callback"), s.Repeated)
	if len(s.Waits) > 0 {
		p.line("waits from the end of an attempt to the next one; as documented is from %v shorter to %v and 10%% longer:", toleranceBefore, toleranceBehind)
	}
	for i := range s.Waits {
		wait := &s.Waits[i]
		is, as := "none", ""
		if wait.Documented != nil {
			is = (time.Duration(*wait.Documented) * time.Millisecond).String()
			as = fmt.Sprintf(", %d of %d as documented", wait.Within, wait.Seen.N)
		}
		p.line("  before attempt %d: documented %s, seen %s%s", wait.Retry+1, is, wait.Seen.String(), as)
	}
	for _, n := range slices.Sorted(maps.Keys(s.GivenUp)) {
		p.line("not acknowledged and given up after %s: %s", text.Count(n, "attempt"), text.Count(s.GivenUp[n], "callback"))
	}
	if s.Again > 0 {
		p.line("came again after an acknowledgement, or after more than a minute: %s", text.Count(s.Again, "time"))
	}
}

func (p *printer) timeout(t *Timing) {
	p.title("Timeout")
	if t.Timeout.N == 0 {
		p.line("not seen: no request was closed before its answer")
	} else {
		p.line("closed its connection before an answer after %s", t.Timeout.String())
	}
	if t.Patience.N > 0 {
		p.line("waited for answers that took up to %s", inSeconds(t.Patience.Max))
	}
}

func (p *printer) order(o *Order) {
	p.title("Order within a call")
	p.line("%s followed another one of the same call within a minute", text.Count(o.Pairs, "callback"))
	if o.Pairs == 0 {
		return
	}
	for _, c := range []struct {
		seen Seen
		what string
	}{
		{o.Overlap, "began before the one before had its answer"},
		{o.Passed, "came while the one before waited for a retry"},
		{o.Waited, "came after the one before was acknowledged on a retry"},
		{o.Back, "had an earlier EventTime than the one before"},
	} {
		p.line("%d %s%s", c.seen.N, c.what, where(c.seen.Place))
	}
}

// where says where the first of several is.
func where(p *Place) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf(" (%s:%d)", strings.TrimSpace(p.File), p.Line)
}
