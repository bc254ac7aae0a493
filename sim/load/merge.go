package load

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"ringback/sim/text"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// NamedReport is a report with the name that errors call it by, like that of its file.
type NamedReport struct {
	Name string
	*Report
}

// Merge makes one report of those of all segments of a load: that of one process which
// had measured it all, with the connections of all. A side did not keep up for as long as
// in the segment in which it was longest. It refuses reports that do not belong together,
// and with missing false also too few of them. The flags named in own may differ; the
// others are the merged report's.
func Merge(parts []NamedReport, missing bool, own []string) (*Report, error) {
	if len(parts) == 0 {
		return nil, errors.New("no reports to merge")
	}
	var errs []error
	for i := range parts {
		errs = append(errs, parts[i].mergeable())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	first := &parts[0]
	for i := range parts[1:] {
		errs = append(errs, first.belongsWith(&parts[i+1], own))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	merged, err := segmentsOf(parts, missing)
	if err != nil {
		return nil, err
	}
	f := &figures{counters: newCounters(0, 0), about: Part{
		Partitions: first.Part.Partitions, Model: first.Part.Model, Drains: first.Part.Drains, RateAsked: first.Part.RateAsked, CallRateAsked: first.Part.CallRateAsked,
	}}
	// All that was asked for, whether or not segments are missing.
	f.rateAsked, f.callRateAsked = first.Part.RateAsked, first.Part.CallRateAsked
	var probes []*ProbeResult
	for i := range parts {
		r := parts[i].Report
		m, o, err := r.counters()
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", parts[i].Name, err))
			continue
		}
		f.add(&figures{counters: m, open: o, overload: r.Overload, durationS: r.DurationS, drainS: r.DrainS, drainBoundS: r.DrainBoundS, about: *r.Part})
		if r.Probe != nil {
			probes = append(probes, r.Probe)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	r := f.report()
	r.Part = f.part()
	r.About, r.Merged, r.Thresholds, r.Probe = first.About, merged, []ThresholdResult{}, mergeProbes(probes)
	r.About.Flags = without(first.About.Flags, own)
	return r, nil
}

// mergeable returns an error if a report is not that of a segment.
func (n *NamedReport) mergeable() error {
	p := n.Part
	switch {
	case p == nil:
		return fmt.Errorf("%s: is not the JSON report of a load that can be merged: it has no part", n.Name)
	case n.Merged != nil:
		return fmt.Errorf("%s: is a merged report; want those of the segments", n.Name)
	}
	if s, err := traffic.ParseSegment(p.Segment); p.Segment != "" && (err != nil || s.Of > p.Partitions) {
		return fmt.Errorf("%s: part.segment: %q of %d partitions: want one like 2/4", n.Name, p.Segment, p.Partitions)
	}
	return nil
}

// belongsWith returns an error that names what is not the same in two reports of one load.
func (n *NamedReport) belongsWith(o *NamedReport, own []string) error {
	of := func(r *Report) [][2]string {
		a, p := &r.About, r.Part
		return [][2]string{
			{"version", a.Version},
			{"seed", fmt.Sprint(a.Seed)},
			{"run", a.Run},
			{"epoch", a.Epoch.String()},
			{"target", a.Target},
			{"generation", a.Generation},
			{"sdkappid", fmt.Sprint(a.App)},
			{"model", p.Model},
			{"number of partitions", fmt.Sprint(p.Partitions)},
			{"rate", fmt.Sprintf("%g callbacks, %g calls a second", p.RateAsked, p.CallRateAsked)},
			{"ramp", fmt.Sprintf("%gs", a.RampS)},
			{"window", fmt.Sprintf("%gs", a.WindowS)},
			{"flags", strings.Join(without(a.Flags, own), " ")},
			{"drain", map[bool]string{true: "some", false: "none"}[p.Drains]},
			{"number of segments", p.Segment[strings.Index(p.Segment, "/")+1:]},
		}
	}
	a, b := of(n.Report), of(o.Report)
	for i := range a {
		if a[i] != b[i] {
			return fmt.Errorf("%s, %s: are not of one load: %s: %q and %q", n.Name, o.Name, a[i][0], a[i][1], b[i][1])
		}
	}
	return nil
}

// without returns the flags except those of some names.
func without(flags, names []string) []string {
	return slices.DeleteFunc(slices.Clone(flags), func(flag string) bool {
		name, _, _ := strings.Cut(strings.TrimPrefix(flag, "--"), " ")
		name, _, _ = strings.Cut(name, "=")
		return slices.Contains(names, name)
	})
}

// segmentsOf returns what segments reports are of, in order. It fails if one is there
// twice, or unless missing is true not at all.
func segmentsOf(parts []NamedReport, missing bool) (*Merged, error) {
	m := &Merged{Missing: []string{}}
	of := 1
	names := map[int]string{}
	for i := range parts {
		p := &parts[i]
		s, _ := traffic.ParseSegment(p.Part.Segment)
		of = max(of, s.Of)
		if was, twice := names[max(1, s.Index)]; twice {
			what := "the whole load"
			if s.Of > 0 {
				what = "segment " + s.String()
			}
			return nil, fmt.Errorf("%s, %s: both are of %s", was, p.Name, what)
		}
		names[max(1, s.Index)] = p.Name
	}
	for i := range of {
		if names[i+1] == "" {
			m.Missing = append(m.Missing, traffic.Segment{Index: i + 1, Of: of}.String())
		}
	}
	if len(m.Missing) > 0 && !missing {
		return nil, &MissingError{m.Missing}
	}
	for i := range parts {
		r := parts[i].Report
		m.Segments = append(m.Segments, MergedSegment{Segment: r.Part.Segment, StartLateS: r.Part.StartLateS, DurationS: r.DurationS, Callbacks: r.Callbacks, Unfinished: r.Unfinished})
	}
	slices.SortFunc(m.Segments, func(a, b MergedSegment) int {
		s, _ := traffic.ParseSegment(a.Segment)
		o, _ := traffic.ParseSegment(b.Segment)
		return s.Index - o.Index
	})
	return m, nil
}

// MissingError says that reports of some segments are missing.
type MissingError struct{ Segments []string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("%s missing: %s", verb(len(e.Segments), "report is", "reports are"), strings.Join(e.Segments, ", "))
}

func verb(n int, one, several string) string {
	if n == 1 {
		return "the segment's " + one
	}
	return "the segments' " + several
}

// Notes says what a reader of a merged report must know: which segments are missing, were
// stopped, or began late.
func (r *Report) Notes() (notes []string) {
	if r.Merged == nil {
		return nil
	}
	if missing := r.Merged.Missing; len(missing) > 0 {
		notes = append(notes, fmt.Sprintf("INCOMPLETE: %s %s missing, so that the figures are those of a part of the load; rates are compared with what was asked of all of it",
			text.Plural(len(missing), "segment"), strings.Join(missing, ", ")+map[bool]string{true: " is", false: " are"}[len(missing) == 1]))
	}
	for _, s := range r.Merged.Segments {
		if s.DurationS < r.About.WindowS-0.001 {
			notes = append(notes, fmt.Sprintf("segment %s was stopped after %.1fs of %gs", s.Segment, s.DurationS, r.About.WindowS))
		}
		if s.StartLateS >= lateStart.Seconds() {
			notes = append(notes, fmt.Sprintf("segment %s began %.1fs late", s.Segment, s.StartLateS))
		}
	}
	return notes
}

// mergeProbes adds up what was looked up; nil if nothing was.
func mergeProbes(list []*ProbeResult) *ProbeResult {
	if len(list) == 0 {
		return nil
	}
	sum := &ProbeResult{Mismatches: []Mismatch{}}
	for _, p := range list {
		sum.Ended += p.Ended
		sum.Asked += p.Asked
		sum.Results += p.Results
		sum.Durations += p.Durations
		sum.Errors += p.Errors
		sum.Behind = sum.Behind || p.Behind
		sum.Mismatches = append(sum.Mismatches, p.Mismatches...)
		if sum.Error == "" {
			sum.Error = p.Error
		}
	}
	return sum
}

// counters returns the counters from which a report was made, and what was open.
func (r *Report) counters() (*counters, openCounts, error) {
	o := openCounts{callbacks: r.Unfinished, waiting: r.Waiting, attempts: r.AttemptsUnfinished, calls: r.CallsUnfinished}
	m := newCounters(0, 0)
	if err := r.Balance(); err != nil {
		return nil, o, err
	}
	if r.Lost > r.Abandoned || len(r.Part.Series) != len(r.Series) {
		return nil, o, errors.New("its figures contradict each other")
	}
	m.calls, m.callbacks, m.acked, m.abandoned, m.lost, m.dropped = r.Calls, r.Callbacks, r.Acked, r.Abandoned-r.Lost, r.Lost, r.Dropped
	m.attempts, m.retries, m.connected = r.Attempts-r.AttemptsUnfinished, r.Retries, r.Connected
	m.attemptsAcked, m.attemptsRejected, m.attemptsError = r.AttemptsAcked, r.AttemptsRejected, r.AttemptsError
	m.ackedInWindow, m.settledInWindow = r.Part.AckedInWindow, r.Part.SettledInWindow
	for reason, n := range r.Reasons {
		m.reasons[reason] = n
	}
	var err error
	decode := func(what, text string, digits int) *histogram {
		h, why := decodeHistogram(text, digits)
		if why != nil && err == nil {
			err = fmt.Errorf("part.%s: no histogram that Ringback wrote: %w", what, why)
		}
		return h
	}
	m.latency, m.lateness, m.delays = decode("latency", r.Part.Latency, 3), decode("lateness", r.Part.Lateness, 3), decode("delivery", r.Part.Delivery, 3)
	m.slowAttempts = m.latency // so that the delays are all there is of the delivery
	for name, c := range r.ByCommand {
		var w wire.Word
		if unknown := w.UnmarshalText([]byte(name)); unknown != nil {
			return nil, o, fmt.Errorf("by_command: %w", unknown)
		}
		h := decode("by_command", r.Part.ByCommand[name], 2)
		m.words[w] = &wordCounters{callbacks: c.Callbacks, acked: c.Acked, abandoned: c.Abandoned, dropped: c.Dropped, latency: h}
	}
	for i, p := range r.Series {
		h := decode("series", r.Part.Series[i], sketchDigits)
		if err != nil {
			break
		}
		v := interval{due: p.Due, dropped: p.Dropped, attempts: p.Attempts, acked: p.Acked, failed: p.Failed, retries: p.Retries, waiting: p.Waiting}
		v.latency.addHistogram(h)
		m.series.list, m.series.width = append(m.series.list, v), int64(math.Round(1000*p.WidthS))
	}
	if err == nil && len(m.series.list) > 0 && (m.series.width < 1000 || len(m.series.list) > maxIntervals) {
		err = fmt.Errorf("series: %d intervals of %d ms", len(m.series.list), m.series.width)
	}
	return m, o, err
}
