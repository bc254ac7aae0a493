package term

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"ringback/sim/record"
	"ringback/sim/recording"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// Exchanges prints what a recorder sees, a line for each exchange. Of many it prints
// some, and how many it left out. It is not safe for concurrent use.
type Exchanges struct {
	out   io.Writer // nil: only the summary
	style text.Style

	second  time.Time // in which so many lines were printed and left out
	printed int
	left    int

	all, retries int
	kinds        map[string]int // by generation
	outcomes     map[recording.Outcome]int
}

// maxLines is how many exchanges are printed in a second.
const maxLines = 200

// NewExchanges begins to count. out may be nil.
func NewExchanges(out io.Writer, style text.Style) *Exchanges {
	return &Exchanges{out: out, style: style, kinds: map[string]int{}, outcomes: map[recording.Outcome]int{}}
}

// Print prints an exchange that has an end.
func (x *Exchanges) Print(s *record.Seen) {
	x.all++
	x.outcomes[s.Answer.Outcome]++
	x.kinds[s.Generation.String()]++
	again := s.Delivery != 0 && s.Delivery != s.N
	if again {
		x.retries++
	}
	if x.out == nil {
		return
	}
	if now := s.Answer.Ended.Truncate(time.Second); !now.Equal(x.second) {
		x.Flush()
		x.second, x.printed = now, 0
	}
	if x.printed++; x.printed > maxLines {
		x.left++
		return
	}
	mark, what := x.style.Good.Render("✓"), []text.Styled{""}
	if s.Call != "" {
		what = append(what, text.Sprintf("%s", s.Call))
	}
	switch {
	case s.Answer.Outcome != recording.Answered:
		mark = x.style.Bad.Render("†")
		what = append(what, x.style.Bad.Render(strings.TrimSuffix(fmt.Sprintf("%s: %s", s.Answer.Outcome, s.Answer.Detail), ": ")))
	case s.Status/100 != 2 || s.Refused:
		mark = x.style.Wait.Render("✗")
	}
	if again {
		what = append(what, x.style.Dim.Render(fmt.Sprintf("again, like #%d", s.Delivery)))
	}
	status := "-"
	if s.Status != 0 {
		status = fmt.Sprint(s.Status)
	}
	line := text.Sprintf("#%-5d %s  %s %s %3s %7s%s", s.N, s.At.UTC().Format("15:04:05.000"), mark, text.Pad(label(s), maxLabel), status, text.Took(s.Answer.Latency), text.Join(what, "  "))
	fmt.Fprintln(x.out, strings.TrimRight(string(line), " "))
}

// maxLabel is how many cells it takes.
const maxLabel = 34

// label is what the request is.
func label(s *record.Seen) string {
	if s.Generation == 0 {
		path, _, _ := strings.Cut(s.Target, "?")
		return text.Short(cmp.Or(strings.TrimSpace(s.Method+" "+path), "no HTTP"), maxLabel)
	}
	word := s.Word
	var known wire.Word
	if known.UnmarshalText([]byte(word)) == nil {
		word = known.Label()
	}
	return s.Generation.String() + " " + word
}

// Flush says how many were left out so far.
func (x *Exchanges) Flush() {
	if x.left > 0 && x.out != nil {
		fmt.Fprintf(x.out, "... %s, recorded and not shown\n", text.Count(x.left, "more exchange"))
	}
	x.left = 0
}

// Summary is what a file has of them.
func (x *Exchanges) Summary(file string) string {
	var parts []string
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		if n := x.kinds[g.String()]; n > 0 {
			parts = append(parts, text.Count(n, g.String()+" callback"))
		}
	}
	if n := x.kinds[wire.Generation(0).String()]; n > 0 {
		parts = append(parts, text.Count(n, "other request"))
	}
	if x.retries > 0 {
		parts = append(parts, text.Count(x.retries, "retry"))
	}
	for _, o := range slices.Sorted(maps.Keys(x.outcomes)) {
		if o != recording.Answered {
			parts = append(parts, fmt.Sprintf("%d without a whole answer (%s)", x.outcomes[o], o))
		}
	}
	all := text.Count(x.all, "exchange") + " in " + file
	if len(parts) > 0 {
		all += ": " + strings.Join(parts, ", ")
	}
	return all
}
