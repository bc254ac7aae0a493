package load

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ringback/sim/text"
)

// A plot is a set of lines over an axis. Its paths fill a box of plotWidth by
// plotHeight, which the page stretches to the space it has. Text is placed over it
// in percent, so that its size stays the same.
type plot struct {
	Name, Title, About string
	Label              string // description in a sentence
	Empty              string // why there is no plot
	Lines              []line
	Bands              []band
	Limits             []tick // what thresholds allow
	Y, X               []tick
	Grid               []float64 // lines without a text, in percent from the top
	Reads              []read
}

const (
	plotWidth  = 1000.0
	plotHeight = 300.0
)

type (
	line struct {
		Name, Class string
		Path        string
		Fill        bool
	}
	// band is a part of the axis that is not the measured window.
	band struct {
		Name     string
		From, To float64 // percent from the left
	}
	tick struct {
		At   float64 // percent from the left, or from the top
		Text string
	}
	// read is the text for one place on the axis.
	read struct {
		At   float64 `json:"at"` // percent from the left
		Text string  `json:"text"`
	}
)

// A scale maps a value to a position between 0 and 1.
type scale func(v float64) float64

// linear returns a scale from 0 to at least hi, with its ticks.
func linear(hi float64, text func(float64) string) (scale, []tick) {
	step := niceStep(hi / 4)
	top := max(1, math.Ceil(hi/step-1e-9)) * step
	at := func(v float64) float64 { return v / top }
	var ticks []tick
	for v := 0.0; v <= top+step/2; v += step {
		ticks = append(ticks, tick{100 * (1 - at(v)), text(v)})
	}
	return at, ticks
}

// niceStep returns the smallest of 1, 2, 5, 10, 20, ... that is at least v.
func niceStep(v float64) float64 {
	if v <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= v*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// logarithmic returns a scale of whole powers of ten around the values, with a tick
// at each power and lines at 2 and 5 times the power.
func logarithmic(lo, hi float64, text func(float64) string) (at scale, ticks []tick, grid []float64) {
	lo = max(lo, 0.01)
	low, high := math.Floor(math.Log10(lo)), math.Ceil(math.Log10(max(hi, lo)))
	if high <= low {
		high = low + 1
	}
	at = func(v float64) float64 {
		return min(1, max(0, (math.Log10(max(v, 1e-9))-low)/(high-low)))
	}
	for p := low; p <= high; p++ {
		v := math.Pow(10, p)
		ticks = append(ticks, tick{100 * (1 - at(v)), text(v)})
		if p < high {
			grid = append(grid, 100*(1-at(2*v)), 100*(1-at(5*v)))
		}
	}
	return at, ticks, grid
}

// times returns the scale from 0 to end seconds, with at most seven ticks.
func times(end float64) (scale, []tick) {
	steps := []float64{0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 4 * 3600}
	i, _ := slices.BinarySearch(steps, end/6.01)
	step := steps[min(i, len(steps)-1)]
	at := func(s float64) float64 { return s / end }
	var ticks []tick
	for s := 0.0; s <= end+1e-9; s += step {
		ticks = append(ticks, tick{100 * at(s), seconds(s)})
	}
	return at, ticks
}

// seconds formats a time since the start: 45s, 2m, 2m30s.
func seconds(s float64) string {
	whole := int(math.Round(s))
	switch h, m := whole/3600, whole/60%60; {
	case s < 60:
		return strconv.FormatFloat(math.Round(s*10)/10, 'f', -1, 64) + "s"
	case h > 0 && whole%3600 == 0:
		return fmt.Sprintf("%dh", h)
	case h > 0:
		return fmt.Sprintf("%dh%02dm", h, m)
	case whole%60 == 0:
		return fmt.Sprintf("%dm", m)
	default:
		return fmt.Sprintf("%dm%02ds", m, whole%60)
	}
}

// grouped formats a number with commas between the thousands, and with a decimal
// if it is small.
func grouped(v float64) string {
	if v != math.Trunc(v) && math.Abs(v) < 10 {
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return text.Group(strconv.FormatFloat(math.Round(v), 'f', 0, 64))
}

// steps returns a path with one level for each point, and a gap where of is not ok.
func steps(points []Point, x, y scale, of func(*Point) (v float64, ok bool)) string {
	var b strings.Builder
	drawing := false
	for i := range points {
		p := &points[i]
		v, ok := of(p)
		if !ok {
			drawing = false
			continue
		}
		if drawing {
			fmt.Fprintf(&b, "V%s", inY(y(v)))
		} else {
			fmt.Fprintf(&b, "M%s %s", inX(x(p.AtS)), inY(y(v)))
		}
		fmt.Fprintf(&b, "H%s", inX(x(p.AtS+p.WidthS)))
		drawing = true
	}
	return b.String()
}

// area returns a path filled down to the axis.
func area(points []Point, x, y scale, of func(*Point) float64) string {
	if len(points) == 0 {
		return ""
	}
	path := steps(points, x, y, func(p *Point) (float64, bool) { return of(p), true })
	return fmt.Sprintf("%sV%sH%sZ", path, inY(0), inX(x(points[0].AtS)))
}

func inX(v float64) string { return coordinate(v * plotWidth) }
func inY(v float64) string { return coordinate((1 - v) * plotHeight) }

func coordinate(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// Wide returns the width of a band, in percent.
func (b band) Wide() float64 { return b.To - b.From }

// Roomy reports whether a band has room for its name.
func (b band) Roomy() bool { return b.Wide() > 12 }

// TickPath returns a line at each tick of the vertical axis.
func (p *plot) TickPath() string {
	at := make([]float64, len(p.Y))
	for i := range p.Y {
		at[i] = p.Y[i].At
	}
	return across(at)
}

// GridPath returns the lines between the ticks.
func (p *plot) GridPath() string { return across(p.Grid) }

func across(percents []float64) string {
	var b strings.Builder
	for _, at := range percents {
		fmt.Fprintf(&b, "M0 %sH%g", inY(1-at/100), plotWidth)
	}
	return b.String()
}

// overTime returns a plot over the whole run, with ramp and drain shaded.
func (r *Report) overTime(name, title, about string) (*plot, scale) {
	end := max(r.About.RampS+r.About.WindowS, 0.1)
	if n := len(r.Series); n > 0 {
		end = max(end, r.Series[n-1].AtS+r.Series[n-1].WidthS)
	}
	x, ticks := times(end)
	p := &plot{Name: name, Title: title, About: about, X: ticks}
	if from := r.About.RampS; from > 0 {
		p.Bands = append(p.Bands, band{"ramp", 0, 100 * x(from)})
	}
	if until := r.About.RampS + r.About.WindowS; end > until {
		p.Bands = append(p.Bands, band{"drain", 100 * x(until), 100})
	}
	return p, x
}

// reads sets the text of each point.
func (p *plot) reads(points []Point, x scale, text func(*Point) string) {
	for i := range points {
		v := &points[i]
		p.Reads = append(p.Reads, read{
			At:   math.Round(1000*x(v.AtS+v.WidthS/2)) / 10,
			Text: fmt.Sprintf("%s to %s: %s", seconds(v.AtS), seconds(v.AtS+v.WidthS), text(v)),
		})
	}
}

func (r *Report) latencyPlot() *plot {
	p, x := r.overTime("latency", "Latency over time", "From when an attempt was to begin until its answer, for the attempts that ended in each interval. The scale is logarithmic.")
	lo, hi := math.Inf(1), 0.0
	for i := range r.Series {
		if v := &r.Series[i]; v.Max > 0 {
			lo, hi = min(lo, v.P50), max(hi, v.Max)
		}
	}
	if hi == 0 {
		p.Empty = "No attempt had an end."
		return p
	}
	limits := r.latencyLimits()
	for _, l := range limits {
		lo, hi = min(lo, l.At), max(hi, l.At)
	}
	y, ticks, grid := logarithmic(lo, hi, FormatMS)
	p.Y, p.Grid = ticks, grid
	for _, l := range limits {
		p.Limits = append(p.Limits, tick{100 * (1 - y(l.At)), l.Text})
	}
	for _, l := range []struct {
		name, class string
		of          func(*Point) float64
	}{
		{"worst", "c", func(p *Point) float64 { return p.Max }},
		{"p99", "b", func(p *Point) float64 { return p.P99 }},
		{"p50", "a", func(p *Point) float64 { return p.P50 }},
	} {
		p.Lines = append(p.Lines, line{Name: l.name, Class: l.class, Path: steps(r.Series, x, y, func(p *Point) (float64, bool) { return l.of(p), p.Max > 0 })})
	}
	p.Label = fmt.Sprintf("Over the measured window: p50 %s, p99 %s, worst %s.", FormatMS(r.Latency.P50), FormatMS(r.Latency.P99), FormatMS(r.Latency.Max))
	p.reads(r.Series, x, func(v *Point) string {
		if v.Max == 0 {
			return "no answers"
		}
		return fmt.Sprintf("p50 %s, p99 %s, worst %s", FormatMS(v.P50), FormatMS(v.P99), FormatMS(v.Max))
	})
	return p
}

// latencyLimits returns the thresholds on latency, in milliseconds.
func (r *Report) latencyLimits() (list []tick) {
	for _, result := range r.Thresholds {
		t, err := ParseThreshold(result.Expr)
		if err == nil && !t.isMin && slices.Contains([]string{"p50", "p99", "max"}, t.metric.name) {
			list = append(list, tick{t.limit, t.Expr})
		}
	}
	return list
}

// perSecond returns a count of an interval as a rate.
func perSecond(n uint64, p *Point) float64 { return float64(n) / cmp.Or(p.WidthS, 1) }

func (r *Report) ratePlot() *plot {
	p, x := r.overTime("rate", "Rate over time", "Callbacks that became due, attempts by when they were to begin, and attempts that were acknowledged, each a second. Attempts above the due ones are retries.")
	hi := 0.0
	for i := range r.Series {
		v := &r.Series[i]
		hi = max(hi, perSecond(v.Due, v), perSecond(v.Attempts, v), perSecond(v.Acked, v))
	}
	if hi == 0 {
		p.Empty = "Nothing became due."
		return p
	}
	y, ticks := linear(hi, grouped)
	p.Y = ticks
	for _, l := range []struct {
		name, class string
		of          func(*Point) uint64
	}{
		{"attempts", "b", func(p *Point) uint64 { return p.Attempts }},
		{"acknowledged", "d", func(p *Point) uint64 { return p.Acked }},
		{"due", "a", func(p *Point) uint64 { return p.Due }},
	} {
		p.Lines = append(p.Lines, line{Name: l.name, Class: l.class, Path: steps(r.Series, x, y, func(p *Point) (float64, bool) { return perSecond(l.of(p), p), true })})
	}
	p.Label = fmt.Sprintf("Over the measured window: %s/s due, %s/s acknowledged meanwhile.", grouped(r.RateAchieved), grouped(r.RateAcked))
	p.reads(r.Series, x, func(v *Point) string {
		return fmt.Sprintf("%s/s due, %s/s attempts, %s/s acknowledged",
			grouped(perSecond(v.Due, v)), grouped(perSecond(v.Attempts, v)), grouped(perSecond(v.Acked, v)))
	})
	return p
}

func (r *Report) retryPlot() *plot {
	p, x := r.overTime("retries", "Failures and their echo", "Attempts that were not acknowledged, and the retries that began, each a second. What fails now comes back by the schedule of the documents, seconds later.")
	hi := 0.0
	for i := range r.Series {
		v := &r.Series[i]
		hi = max(hi, perSecond(v.Retries, v), perSecond(v.Failed, v))
	}
	if hi == 0 {
		p.Empty = "Nothing failed, and nothing was sent twice."
		return p
	}
	y, ticks := linear(hi, grouped)
	p.Y = ticks
	p.Lines = []line{
		{Name: "retries", Class: "b", Fill: true, Path: area(r.Series, x, y, func(p *Point) float64 { return perSecond(p.Retries, p) })},
		{Name: "not acknowledged", Class: "c", Path: steps(r.Series, x, y, func(p *Point) (float64, bool) { return perSecond(p.Failed, p), true })},
	}
	p.Label = fmt.Sprintf("In the measured window: %s not acknowledged, %s.", counted(int(r.AttemptsRejected+r.AttemptsError), "attempt"), retriesWords(r.Retries))
	p.reads(r.Series, x, func(v *Point) string {
		return fmt.Sprintf("%s/s not acknowledged, %s/s retries", grouped(perSecond(v.Failed, v)), grouped(perSecond(v.Retries, v)))
	})
	return p
}

func retriesWords(n uint64) string {
	if n == 1 {
		return "1 retry"
	}
	return grouped(float64(n)) + " retries"
}

// curvePlot returns the plot of latency by percentile. Each nine takes the same
// width.
func (r *Report) curvePlot() *plot {
	p := &plot{
		Name: "curve", Title: "Latency by percentile",
		About: "How many of the attempts were as fast. Lateness is how late they began: where it is close to the latency, they waited for a free connection or for this machine.",
	}
	if len(r.Curve) == 0 {
		p.Empty = "No attempt had an end."
		return p
	}
	nines := func(percent float64) float64 { return -math.Log10(1 - percent/100) }
	last := 1.0
	lo, hi := math.Inf(1), 0.0
	for i, c := range r.Curve {
		lo, hi = min(lo, c.Latency), max(hi, c.Latency)
		if c.Percent < 100 {
			last = max(last, nines(c.Percent))
		} else if i > 0 {
			last += 0.125
		}
	}
	x := func(percent float64) float64 { return min(1, nines(percent)/last) }
	y, ticks, grid := logarithmic(lo, hi, FormatMS)
	p.Y, p.Grid = ticks, grid
	for n, text := range []string{"50%", "90%", "99%", "99.9%", "99.99%", "99.999%", "99.9999%"} {
		percent := 50.0
		if n > 0 {
			percent = 100 * (1 - math.Pow(10, -float64(n)))
		}
		if nines(percent) <= last {
			p.X = append(p.X, tick{100 * x(percent), text})
		}
	}
	p.Label = fmt.Sprintf("p90 %s, p99 %s, p99.9 %s, worst %s.", FormatMS(r.Latency.P90), FormatMS(r.Latency.P99), FormatMS(r.Latency.P999), FormatMS(r.Latency.Max))
	latency, lateness := new(strings.Builder), new(strings.Builder)
	for i, c := range r.Curve {
		join := "L"
		if i == 0 {
			join = "M"
		}
		fmt.Fprintf(latency, "%s%s %s", join, inX(x(c.Percent)), inY(y(c.Latency)))
		fmt.Fprintf(lateness, "%s%s %s", join, inX(x(c.Percent)), inY(y(c.Lateness)))
		p.Reads = append(p.Reads, read{
			At:   math.Round(1000*x(c.Percent)) / 10,
			Text: fmt.Sprintf("%s of the attempts: latency up to %s, lateness up to %s", percentWords(c.Percent), FormatMS(c.Latency), FormatMS(c.Lateness)),
		})
	}
	p.Lines = []line{{Name: "lateness", Class: "b", Path: lateness.String()}, {Name: "latency", Class: "a", Path: latency.String()}}
	return p
}

// percentWords formats a percentile with as many digits as distinguish it from its
// neighbors.
func percentWords(percent float64) string {
	if percent >= 100 {
		return "100%"
	}
	digits := max(1, int(math.Ceil(-math.Log10(1-percent/100)))-1)
	return strconv.FormatFloat(percent, 'f', digits, 64) + "%"
}
