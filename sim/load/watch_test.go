package load

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"ringback/fixtures/golden"
)

// stormy is a run whose receiver failed for a while.
func stormy(seconds int) *Report {
	r := &Report{
		RateAsked: 2000, Unfinished: 1217, CallsUnfinished: 4310, Acked: 61240, Abandoned: 3, Retries: 9120, AttemptsRejected: 8800, AttemptsError: 14,
		Overload:   Overload{Backlog: DefaultBacklog},
		Reasons:    map[string]uint64{"status_5xx": 8800, "timeout": 11, "refused": 3},
		Thresholds: []ThresholdResult{{Expr: "p99<50ms", OK: true, Text: "8.2ms"}, {Expr: "errors<1%", Text: "12.51%"}},
	}
	for i := range seconds {
		p := Point{AtS: float64(i), WidthS: 1, Due: uint64(min(2000, 400*(i+1))), Acked: uint64(min(1990, 400*(i+1))), P50: 0.4 + math.Abs(math.Sin(float64(i))), P99: 5}
		if i > 30 && i < 40 {
			p.P50, p.P99, p.Acked, p.Retries = 40, 900, 700, uint64(300*(i-30))
		}
		r.Series = append(r.Series, p)
	}
	return r
}

func TestScreen(t *testing.T) {
	at := func(since time.Duration, width int) *screen {
		return &screen{since: since, ramp: 5 * time.Second, duration: time.Minute, drain: 27 * time.Second, width: width}
	}
	ascii, colored := at(50*time.Second, 80), at(50*time.Second, 80)
	ascii.ascii, colored.colored = true, true
	quick := stormy(50)
	quick.Series[48].P50 = 0.42
	jammed := stormy(50)
	jammed.Overload.ReceiverShare, jammed.Overload.MachineShare, jammed.Bottleneck = 0.41, 0.02, Receiver
	jammed.Waiting, jammed.Dropped, jammed.Overload.DroppedReceiver = DefaultBacklog, 4711, 4711
	jammed.Series[48].Acked, jammed.Series[48].P50, jammed.Series[48].P99 = 0, 0, 0
	var b strings.Builder
	for _, tt := range []struct {
		name   string
		screen *screen
		report *Report
	}{
		{"measuring", at(50*time.Second, 100), stormy(50)},
		{"80 columns", at(50*time.Second, 80), stormy(50)},
		{"ASCII", ascii, quick},
		{"40 columns", at(50*time.Second, 40), stormy(50)},
		{"20 columns", at(50*time.Second, 20), stormy(50)},
		{"ramp", at(2*time.Second, 80), &Report{RateAsked: 2000, Series: stormy(2).Series}},
		{"drain", at(68*time.Second, 80), stormy(68)},
		{"colour", colored, stormy(50)},
		{"jammed", at(50*time.Second, 80), jammed},
		{"closed loop", at(50*time.Second, 80), &Report{Waiting: 64, Bottleneck: Receiver, Series: stormy(50).Series}},
	} {
		fmt.Fprintf(&b, "-- %s --\n", tt.name)
		for _, line := range tt.screen.lines(tt.report) {
			if w := ansi.StringWidth(line); w >= tt.screen.width {
				t.Errorf("%s: %d columns: %q", tt.name, w, line)
			}
			if tt.screen.ascii && strings.ContainsFunc(line, func(r rune) bool { return r > '~' || r < ' ' }) {
				t.Errorf("%s: beyond ASCII: %q", tt.name, line)
			}
			b.WriteString(strings.ReplaceAll(line, "\x1b", "␛") + "\n")
		}
		b.WriteString(tt.screen.line(tt.report) + "\n\n")
	}
	golden.Compare(t, "screen.txt", b.String())
}
