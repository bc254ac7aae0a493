package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"

	"ringback/cmd/cli"
	"ringback/sim/load"
	"ringback/sim/text"
)

// loadWatch shows a run while it goes on: on a terminal a few lines that are
// drawn over themselves and taken away at the end, on a dumb one a line that is,
// elsewhere a line now and then.
type loadWatch struct {
	out            io.Writer
	run            *load.Load
	thresholds     []load.Threshold
	ramp, duration time.Duration
	drain          time.Duration // at most
	ascii, dumb    bool
	colour         bool

	drawn []string // what is on the terminal
}

// watch begins to show a run. The function that it returns ends that.
func (c *loadFlags) watch(w cli.Env, run *load.Load, thresholds []load.Threshold) (stop func()) {
	v := &loadWatch{
		out: cli.Drawing(w.Stderr), run: run, thresholds: thresholds, ramp: c.ramp, duration: c.duration, drain: run.Drain(),
		ascii: w.ASCIIOnly(), dumb: w.Getenv("TERM") == "dumb", colour: w.Getenv("NO_COLOR") == "",
	}
	every, show, clear := 5*time.Second, v.print, func() {}
	if cli.IsTerminal(w.Stderr) {
		every, show, clear = 500*time.Millisecond, v.draw, v.clear
		if v.dumb {
			show = v.rewrite
		}
	}
	done, stopped := make(chan struct{}), make(chan struct{})
	began := time.Now()
	go func() {
		defer close(stopped)
		tick := time.NewTicker(every)
		defer tick.Stop()
		drains := time.NewTimer(c.ramp + c.duration)
		defer drains.Stop()
		for {
			select {
			case <-drains.C:
				if !cli.IsTerminal(w.Stderr) { // there the screen says so
					fmt.Fprintln(w.Stderr, v.draining())
				}
			case <-tick.C:
				show(time.Since(began))
			case <-done:
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
func (v *loadWatch) draining() string {
	open, waiting := v.run.Open()
	return fmt.Sprintf("draining, at most %s: %s to go, %s of them wait for a connection", v.drain, text.Count(open, "callback"), whole(float64(waiting)))
}

func (v *loadWatch) screen(since time.Duration) *loadScreen {
	return &loadScreen{since: since, ramp: v.ramp, duration: v.duration, drain: v.drain, width: 80, ascii: v.ascii, colour: v.colour}
}

func (v *loadWatch) print(since time.Duration) {
	fmt.Fprintln(v.out, v.screen(since).line(v.run.Report()))
}

// rewrite overwrites a line with blanks rather than erase it: a dumb terminal
// knows the carriage return, if nothing else.
func (v *loadWatch) rewrite(since time.Duration) {
	width, _ := v.size()
	line := ansi.Truncate(v.screen(since).line(v.run.Report()), width-1, "")
	fmt.Fprint(v.out, "\r"+text.Pad(line, width-1))
	v.drawn = []string{line}
}

func (v *loadWatch) draw(since time.Duration) {
	s := v.screen(since)
	var height int
	s.width, height = v.size()
	r := v.run.Report()
	if since > v.ramp+time.Second {
		r.Judge(v.thresholds)
	}
	lines := s.lines(r)
	lines = lines[:min(len(lines), height-1)]
	var b strings.Builder
	b.WriteString(v.home(s.width))
	for _, line := range lines {
		b.WriteString(line + "\x1b[K\n")
	}
	b.WriteString("\x1b[J")
	_, _ = io.WriteString(v.out, b.String())
	v.drawn = lines
}

// home goes back to where the first line was drawn. Lines that became wider
// than the terminal take more than one row.
func (v *loadWatch) home(width int) string {
	rows := 0
	for _, line := range v.drawn {
		rows += max(1, (ansi.StringWidth(line)+width-1)/width)
	}
	if rows == 0 {
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA", rows)
}

func (v *loadWatch) clear() {
	width, _ := v.size()
	switch {
	case len(v.drawn) == 0:
	case v.dumb:
		fmt.Fprintf(v.out, "\r%*s\r", width-1, "")
	default:
		_, _ = io.WriteString(v.out, v.home(width)+"\x1b[J")
	}
}

func (v *loadWatch) size() (width, height int) {
	if f, ok := cli.FileOf(v.out); ok {
		if w, h, err := term.GetSize(f.Fd()); err == nil && w > 0 && h > 0 {
			return w, h
		}
	}
	return 80, 24
}

// loadScreen is how a run looks at some time.
type loadScreen struct {
	since, ramp, duration time.Duration
	drain                 time.Duration // at most
	width                 int
	ascii, colour         bool
}

// phase is where the run is, and how much of the window is over.
func (s *loadScreen) phase() (name string, share float64) {
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
func (s *loadScreen) line(r *load.Report) string {
	phase, share := s.phase()
	if phase == "measuring" {
		phase = fmt.Sprintf("%3.0f%%", 100*share)
	}
	last := latest(r)
	second := max(last.WidthS, 1)
	line := fmt.Sprintf("  %5.0fs %-5s %7.0f callbacks/s due, %.0f/s taken  p50 %-8s p99 %-8s %d open, %d of them wait  %d dropped  %d retries  %d not acknowledged",
		s.since.Seconds(), phase, float64(last.Due)/second, float64(last.Acked)/second, s.time(&last, last.P50), s.time(&last, last.P99),
		r.Unfinished, r.Waiting, r.Dropped, r.Retries, r.AttemptsRejected+r.AttemptsError)
	if who := r.Bottleneck; who != load.NoSide && r.Overload.Backlog > 0 {
		line += fmt.Sprintf("  (%s does not keep up)", who)
	}
	return line
}

// time is one of the times of an interval, or that nothing was answered in it.
func (s *loadScreen) time(p *load.Point, v float64) string {
	if p.Acked+p.Failed == 0 {
		return "-"
	}
	return s.ms(v)
}

// latest is the latest whole interval.
func latest(r *load.Report) (p load.Point) {
	if n := len(r.Series); n > 1 {
		return r.Series[n-2]
	}
	return p
}

// lines is the run on a terminal, no wider than that.
func (s *loadScreen) lines(r *load.Report) (lines []string) {
	last := latest(r)
	second := max(last.WidthS, 1)
	asked := ""
	if r.RateAsked > 0 {
		asked = " of " + whole(r.RateAsked)
	}
	lines = append(lines, s.progress())
	taken := func(p *load.Point) float64 { return float64(p.Acked) / max(p.WidthS, 1) }
	due := func(p *load.Point) float64 { return float64(p.Due) / max(p.WidthS, 1) }
	again := func(p *load.Point) float64 { return float64(p.Retries) / max(p.WidthS, 1) }
	lines = append(
		lines,
		s.row("callbacks", whole(due(&last))+"/s"+asked, s.spark(r, s.paint("36"), due, false)),
		s.row("taken", whole(taken(&last))+"/s", s.spark(r, s.paint("36"), taken, false)),
		s.row("p50", s.time(&last, last.P50), s.spark(r, s.paint("36"), func(p *load.Point) float64 { return p.P50 }, true)),
		s.row("p99", s.time(&last, last.P99), s.spark(r, s.paint("36"), func(p *load.Point) float64 { return p.P99 }, true)),
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
func (s *loadScreen) waiting(r *load.Report) string {
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
func (s *loadScreen) keepsUp(r *load.Report) string {
	text := "yes"
	if r.Bottleneck != load.NoSide {
		text = s.paint("31")("not " + r.Bottleneck.String())
	}
	if o := &r.Overload; o.Bottleneck() != load.NoSide {
		text += fmt.Sprintf("; so far the receiver was late for %.0f%%, this machine for %.0f%%", 100*o.ReceiverShare, 100*o.MachineShare)
	}
	return text
}

// progress is the bar of the whole run: a ramp, the window, the drain.
func (s *loadScreen) progress() string {
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
func (s *loadScreen) row(label, value, tail string) string {
	line := " " + s.paint("2")(fmt.Sprintf("%-*s", labelWidth, label)) + " " + value
	if tail == "" {
		return line
	}
	return line + strings.Repeat(" ", max(1, valueWidth-ansi.StringWidth(value))) + tail
}

// spark draws the last minute, a column a second, in as much room as there is.
func (s *loadScreen) spark(r *load.Report, paint func(string) string, of func(*load.Point) float64, logarithmic bool) string {
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
func (s *loadScreen) failures(r *load.Report) string {
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

func (s *loadScreen) thresholds(r *load.Report) string {
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
func (s *loadScreen) ms(v float64) string { return s.plain(ms(v)) }

func (s *loadScreen) plain(text string) string {
	if s.ascii {
		return strings.ReplaceAll(text, "µs", "us")
	}
	return text
}

// paint is the ink of a code, or none.
func (s *loadScreen) paint(code string) func(string) string {
	return func(text string) string {
		if !s.colour || text == "" {
			return text
		}
		return "\x1b[" + code + "m" + text + "\x1b[0m"
	}
}

// whole writes a number without digits behind the point, with commas between
// the thousands.
func whole(v float64) string {
	s := fmt.Sprintf("%.0f", v)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
