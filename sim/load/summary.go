package load

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"ringback/sim/text"
)

// WriteSummary writes what a person wants to know first.
func (r *Report) WriteSummary(out io.Writer) {
	for i, note := range r.Notes() {
		if i == 0 {
			fmt.Fprintln(out)
		}
		text.Fprintf(out, "%-10s %s\n", "merged", note)
	}
	text.Fprintf(out, "\n%-10s %d in %.1fs (%.1f/s), %d under way at the end\n", "calls", r.Calls, r.DurationS, r.CallRate, r.CallsUnfinished)
	text.Fprintf(out, "%-10s %d (%.1f/s due): %d acknowledged, %d abandoned, %d dropped, %d unfinished\n", "callbacks", r.Callbacks, r.RateDue, r.Acked, r.Abandoned, r.Dropped, r.Unfinished)
	if words := r.OverloadSummary(); words != "" {
		text.Fprintf(out, "%-10s %s\n", "", words)
	}
	if r.DrainS >= 1 {
		text.Fprintf(out, "%-10s %.1f/s acknowledged while it was measured; the drain took %.1fs more\n", "", r.RateAcked, r.DrainS)
	}
	text.Fprintf(out, "%-10s %d: %d acknowledged, %d rejected, %d without an answer, %d unfinished; %d were retries\n", "attempts",
		r.Attempts, r.AttemptsAcked, r.AttemptsRejected, r.AttemptsError, r.AttemptsUnfinished, r.Retries)
	for _, reason := range slices.Sorted(maps.Keys(r.Reasons)) {
		text.Fprintf(out, "%-10s %d %s\n", "", r.Reasons[reason], reason)
	}
	if r.Measured() {
		text.Fprintf(out, "%-10s %s  from the intended send time\n", "latency", spread(r.Latency))
		text.Fprintf(out, "%-10s %s  of the sends themselves\n", "lateness", spread(r.Lateness))
	} else {
		text.Fprintf(out, "%-10s not measured: no attempt came to an end\n", "latency")
	}
	if r.Retries > 0 {
		text.Fprintf(out, "%-10s %s  until a callback was acknowledged, with its retries\n", "delivery", spread(r.Delivery))
	}
	fmt.Fprintln(out)
	for _, name := range r.Commands() {
		cmd := r.ByCommand[name]
		text.Fprintf(out, "%10d  %-34s p50 %-9s p99 %-9s", cmd.Callbacks, strings.TrimPrefix(name, "Call.Callback"), cmd.Latency.Format(cmd.Latency.P50), cmd.Latency.Format(cmd.Latency.P99))
		if cmd.Abandoned > 0 {
			fmt.Fprintf(out, " %d abandoned", cmd.Abandoned)
		}
		if cmd.Dropped > 0 {
			fmt.Fprintf(out, " %d dropped", cmd.Dropped)
		}
		fmt.Fprintln(out)
	}
	for _, t := range r.Thresholds {
		mark := "✓ kept"
		if !t.OK {
			mark = "✗ broken"
		}
		text.Fprintf(out, "\n%-10s %s: it was %s", mark, t.Expr, t.Text)
	}
	if len(r.Thresholds) > 0 {
		fmt.Fprintln(out)
	}
	r.Probe.writeSummary(out)
}

func spread(q Quantiles) string {
	return fmt.Sprintf("p50 %s  p90 %s  p99 %s  p99.9 %s  max %s", FormatMS(q.P50), FormatMS(q.P90), FormatMS(q.P99), FormatMS(q.P999), FormatMS(q.Max))
}

// WriteLine writes what came of the trial, in one line.
func (t *Trial) WriteLine(out io.Writer) {
	verdict := "kept"
	if !t.OK {
		verdict = t.Broke
	}
	text.Fprintf(out, "  %8.0f callbacks/s  %8.0f/s acknowledged  p50 %-8s p99 %-8s %s\n", t.Rate, t.Acked, t.Report.Latency.Format(t.Report.Latency.P50), t.Report.Latency.Format(t.Report.Latency.P99), verdict)
}

// WriteSummary writes the limit, and the latency at the highest rate that held.
func (l *Limit) WriteSummary(out io.Writer) {
	text.Fprintf(out, "\n%s\n", l.Summary())
	if l.Highest != nil {
		text.Fprintf(out, "%-10s %s  at that rate, from the intended send time\n", "latency", spread(l.Highest.Latency))
	}
}

// writeSummary writes what was found.
func (p *ProbeResult) writeSummary(out io.Writer) {
	if p == nil {
		return
	}
	text.Fprintf(out, "\n%-10s %s\n", "stored", p.Summary())
	const maxListed = 20
	for i, m := range p.Mismatches {
		if i == maxListed {
			text.Fprintf(out, "%-10s and %d more (--report has them all)\n", "", len(p.Mismatches)-maxListed)
			break
		}
		fmt.Fprintf(out, "%-10s ✗ %s, CallId %s: %s is %q, want %s\n", "", m.Name(), m.ID, m.What, m.Stored, m.Want)
	}
	if p.Error != "" {
		text.Fprintf(out, "%-10s probe error, which says nothing of the receiver: %s\n", "", p.Error)
	}
}
