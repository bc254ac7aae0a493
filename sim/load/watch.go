package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"ringback/sim/text"
)

// WatchOptions say how a load is shown while it goes on.
type WatchOptions struct {
	Out io.Writer
	// Size is that of a terminal, on which a few lines are drawn over themselves and
	// taken away at the end; nil elsewhere: then there is a line every five seconds.
	Size       func() (width, height int)
	ASCII      bool // nothing beyond
	Dumb       bool // a terminal that cannot move up: one line is drawn over itself
	Color      bool
	Thresholds []Threshold
}

// watch shows a load.
type watch struct {
	WatchOptions
	run            *Load
	ramp, duration time.Duration
	drain          time.Duration // at most

	drawn []string // what is on the terminal
}

// Watch begins to show the load. The function that it returns ends that.
func (l *Load) Watch(o WatchOptions) (stop func()) {
	v := &watch{WatchOptions: o, run: l, ramp: l.cfg.Ramp, duration: l.cfg.Duration, drain: l.Drain()}
	every, show, clear := 5*time.Second, v.print, func() {}
	if o.Size != nil {
		every, show, clear = 500*time.Millisecond, v.draw, v.clear
		if o.Dumb {
			show = v.rewrite
		}
	}
	announce := func() {
		if o.Size == nil { // else the screen says so
			fmt.Fprintln(o.Out, v.draining())
		}
	}
	done, stopped := make(chan struct{}), make(chan struct{})
	began := time.Now()
	go func() {
		defer close(stopped)
		tick := time.NewTicker(every)
		defer tick.Stop()
		drains := time.NewTimer(v.ramp + v.duration)
		defer drains.Stop()
		for {
			select {
			case <-drains.C:
				announce()
			case <-tick.C:
				show(time.Since(began))
			case <-done:
				select {
				case <-drains.C: // it came first, but both during a stall
					announce()
				default:
				}
				clear()
				return
			}
		}
	}()
	return func() {
		close(done)
		<-stopped
	}
}

// draining announces how long the end may take.
func (v *watch) draining() string {
	open, waiting := v.run.Open()
	return fmt.Sprintf("draining, at most %s: %s to go, %s of them wait for a connection", v.drain, text.Count(open, "callback"), whole(float64(waiting)))
}

func (v *watch) at(since time.Duration) *screen {
	return &screen{since: since, ramp: v.ramp, duration: v.duration, drain: v.drain, width: 80, ascii: v.ASCII, colored: v.Color}
}

func (v *watch) print(since time.Duration) {
	fmt.Fprintln(v.Out, v.at(since).line(v.run.Report()))
}

// rewrite overwrites a line with blanks rather than erase it: a dumb terminal
// knows the carriage return, if nothing else.
func (v *watch) rewrite(since time.Duration) {
	width, _ := v.Size()
	line := ansi.Truncate(v.at(since).line(v.run.Report()), width-1, "")
	fmt.Fprint(v.Out, "\r"+text.Pad(line, width-1))
	v.drawn = []string{line}
}

func (v *watch) draw(since time.Duration) {
	s := v.at(since)
	r := v.run.Report()
	if since > v.ramp+time.Second {
		r.Judge(v.Thresholds)
	}
	// Last, since a terminal that changes between here and what is written has other rows.
	var height int
	s.width, height = v.Size()
	lines := s.lines(r)
	lines = lines[:min(len(lines), height-1)]
	var b strings.Builder
	b.WriteString(v.home(s.width))
	for _, line := range lines {
		b.WriteString(line + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	_, _ = io.WriteString(v.Out, b.String())
	v.drawn = lines
}

// home goes back to where the first line was drawn. Lines that became wider
// than the terminal take more than one row.
func (v *watch) home(width int) string {
	rows := 0
	for _, line := range v.drawn {
		rows += max(1, (ansi.StringWidth(line)+width-1)/width)
	}
	if rows == 0 {
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA", rows)
}

func (v *watch) clear() {
	width, _ := v.Size()
	switch {
	case len(v.drawn) == 0:
	case v.Dumb:
		fmt.Fprintf(v.Out, "\r%*s\r", width-1, "")
	default:
		_, _ = io.WriteString(v.Out, v.home(width)+"\x1b[J")
	}
}

// screen is how a run looks at some time.
type screen struct {
	since, ramp, duration time.Duration
	drain                 time.Duration // at most
	width                 int
	ascii, colored        bool
}

// phase is where the run is, and how much of the window is over.
func (s *screen) phase() (name string, share float64) {
	share = min(1, max(0, (s.since-s.ramp).Seconds()/s.duration.Seconds()))
	switch {
	case s.since < s.ramp:
		return "ramp", share
	case share < 1:
		return "measuring", share
	}
	return "drain", share
}

// line is the run in one line, for logs.
func (s *screen) line(r *Report) string {
	phase, share := s.phase()
	if phase == "measuring" {
		phase = fmt.Sprintf("%3.0f%%", 100*share)
	}
	last := latest(r)
	second := max(last.WidthS, 1)
	line := fmt.Sprintf("  %5.0fs %-5s %7.0f callbacks/s due, %.0f/s taken  p50 %-8s p99 %-8s %d open, %d of them wait  %d dropped  %d retries  %d not acknowledged",
		s.since.Seconds(), phase, float64(last.Due)/second, float64(last.Acked)/second, s.time(&last, last.P50), s.time(&last, last.P99),
		r.Unfinished, r.Waiting, r.Dropped, r.Retries, r.AttemptsRejected+r.AttemptsError)
	if who := r.Bottleneck; who != NoSide && r.Overload.Backlog > 0 {
		line += fmt.Sprintf("  (%s does not keep up)", who)
	}
	return line
}

// time is one of the times of an interval, or that nothing was answered in it.
func (s *screen) time(p *Point, v float64) string {
	if p.Acked+p.Failed == 0 {
		return "-"
	}
	return s.ms(v)
}

// latest is the latest whole interval.
func latest(r *Report) (p Point) {
	if n := len(r.Series); n > 1 {
		return r.Series[n-2]
	}
	return p
}

// lines is the run on a terminal, no wider than that.
func (s *screen) lines(r *Report) (lines []string) {
	last := latest(r)
	second := max(last.WidthS, 1)
	asked := ""
	if r.RateAsked > 0 {
		asked = " of " + whole(r.RateAsked)
	}
	lines = append(lines, s.progress())
	taken := func(p *Point) float64 { return float64(p.Acked) / max(p.WidthS, 1) }
	due := func(p *Point) float64 { return float64(p.Due) / max(p.WidthS, 1) }
	again := func(p *Point) float64 { return float64(p.Retries) / max(p.WidthS, 1) }
	lines = append(
		lines,
		s.row("callbacks", whole(due(&last))+"/s"+asked, s.spark(r, s.paint("36"), due, false)),
		s.row("taken", whole(taken(&last))+"/s", s.spark(r, s.paint("36"), taken, false)),
		s.row("p50", s.time(&last, last.P50), s.spark(r, s.paint("36"), func(p *Point) float64 { return p.P50 }, true)),
		s.row("p99", s.time(&last, last.P99), s.spark(r, s.paint("36"), func(p *Point) float64 { return p.P99 }, true)),
		s.row("retries", whole(float64(last.Retries)/second)+"/s", s.spark(r, s.paint("33"), again, false)),
		s.row("open", fmt.Sprintf("%s callbacks, %s calls", whole(float64(r.Unfinished)), whole(float64(r.CallsUnfinished))), ""),
		s.row("waiting", s.waiting(r), ""),
		s.row("so far", fmt.Sprintf("%s acknowledged, %s abandoned, %s retries", whole(float64(r.Acked)), whole(float64(r.Abandoned)), whole(float64(r.Retries))), ""),
		s.row("failed", s.failures(r), ""),
	)
	if r.Overload.Backlog > 0 { // in a closed loop nothing is late
		lines = append(lines, s.row("keeps up", s.keepsUp(r), ""))
	}
	if len(r.Thresholds) > 0 {
		lines = append(lines, s.row("held to", s.thresholds(r), ""))
	}
	for i := range lines {
		lines[i] = strings.TrimRight(ansi.Truncate(lines[i], s.width-1, ""), " ")
	}
	return lines
}

// waiting is what waits for a connection, and what was dropped for it.
func (s *screen) waiting(r *Report) string {
	text := whole(float64(r.Waiting))
	if most := r.Overload.Backlog; most > 0 {
		text += " of " + whole(float64(most))
	}
	if r.Dropped > 0 {
		text += ", " + s.paint("31")(whole(float64(r.Dropped))+" dropped")
	}
	return text
}

// keepsUp is who does not keep up.
func (s *screen) keepsUp(r *Report) string {
	text := "yes"
	if r.Bottleneck != NoSide {
		text = s.paint("31")("not " + r.Bottleneck.String())
	}
	if o := &r.Overload; o.Bottleneck() != NoSide {
		text += fmt.Sprintf("; so far the receiver was late for %.0f%%, this machine for %.0f%%", 100*o.ReceiverShare, 100*o.MachineShare)
	}
	return text
}

// progress is the bar of the whole run: a ramp, the window, the drain.
func (s *screen) progress() string {
	phase, share := s.phase()
	text := map[string]string{
		"ramp":      fmt.Sprintf("%ss of %s", whole(s.since.Seconds()), s.ramp),
		"measuring": fmt.Sprintf("%3.0f%%  %ss of %s", 100*share, whole((s.since - s.ramp).Seconds()), s.duration),
		"drain":     fmt.Sprintf("%ss of at most %s", whole((s.since - s.ramp - s.duration).Seconds()), s.drain),
	}[phase]
	full, rest := "█", "░"
	if s.ascii {
		full, rest = "#", "."
	}
	room := min(40, s.width-1-1-labelWidth-1-2-len(text))
	if room < 4 {
		return s.row(phase, text, "")
	}
	if phase == "ramp" {
		share = 0
	}
	done := int(share * float64(room))
	return s.row(phase, s.paint("36")(strings.Repeat(full, done))+s.paint("2")(strings.Repeat(rest, room-done))+"  "+text, "")
}

const (
	labelWidth = 10
	valueWidth = 20
)

// row is a label, a value, and what follows it.
func (s *screen) row(label, value, tail string) string {
	line := " " + s.paint("2")(fmt.Sprintf("%-*s", labelWidth, label)) + " " + value
	if tail == "" {
		return line
	}
	return line + strings.Repeat(" ", max(1, valueWidth-ansi.StringWidth(value))) + tail
}

// spark draws the last minute, a column a second, in as much room as there is.
func (s *screen) spark(r *Report, paint func(string) string, of func(*Point) float64, logarithmic bool) string {
	bars := []string{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	if s.ascii {
		bars = []string{"_", ".", ",", "-", "=", "+", "*", "#"}
	}
	room := max(0, min(60, s.width-1-1-labelWidth-1-valueWidth))
	points := r.Series[:max(0, len(r.Series)-1)] // the last is not over
	points = points[max(0, len(points)-room):]
	most := 0.0
	for i := range points {
		most = max(most, of(&points[i]))
	}
	var b strings.Builder
	for i := range points {
		v, step := of(&points[i]), 0
		switch {
		case logarithmic: // from a quarter of a millisecond, each step is four times as long
			for limit := 0.25; limit < v && step < len(bars)-1; limit *= 4 {
				step++
			}
		case most > 0:
			step = int(v/most*float64(len(bars)-1) + 0.5)
		}
		if v == 0 {
			b.WriteString(" ")
			continue
		}
		b.WriteString(bars[step])
	}
	return paint(b.String())
}

// failures are the reasons of attempts that were not acknowledged.
func (s *screen) failures(r *Report) string {
	if len(r.Reasons) == 0 {
		return "nothing"
	}
	var parts []string
	for _, reason := range slices.SortedFunc(maps.Keys(r.Reasons), func(a, b string) int {
		if r.Reasons[a] != r.Reasons[b] {
			return int(r.Reasons[b]) - int(r.Reasons[a])
		}
		return strings.Compare(a, b)
	}) {
		parts = append(parts, fmt.Sprintf("%s %s", whole(float64(r.Reasons[reason])), reason))
	}
	return s.paint("31")(strings.Join(parts, ", "))
}

func (s *screen) thresholds(r *Report) string {
	kept, broken := "✓", "✗"
	if s.ascii {
		kept, broken = "ok", "broken"
	}
	var parts []string
	for _, t := range r.Thresholds {
		part := s.paint("32")(kept) + " "
		if !t.OK {
			part = s.paint("31")(broken) + " "
		}
		parts = append(parts, part+t.Expr+" "+s.plain(t.Text))
	}
	return strings.Join(parts, "  ")
}

// ms is a time, and plain a text, in the signs that the terminal has.
func (s *screen) ms(v float64) string { return s.plain(FormatMS(v)) }

func (s *screen) plain(text string) string {
	if s.ascii {
		return strings.ReplaceAll(text, "µs", "us")
	}
	return text
}

// paint is the ink of a code, or none.
func (s *screen) paint(code string) func(string) string {
	return func(text string) string {
		if !s.colored || text == "" {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
}

// whole writes a number without digits behind the point, with commas between
// the thousands.
func whole(v float64) string {
	return text.Group(fmt.Sprintf("%.0f", v))
}
