package features

import (
	"errors"
	"fmt"
	"strings"

	"ringback/features/report"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// telling reports whether a callback has the information that is judged.
type telling func(*delivery.Delivery) bool

func theStart(d *delivery.Delivery) bool {
	return d.Word == wire.CallerStartCall || d.Word == wire.AfterStartCall
}

func theEnd(d *delivery.Delivery) bool { return d.Word.Ends() }

func anything(*delivery.Delivery) bool { return true }

// Causes that several findings share.
const (
	lostEnd  = "an end that was acknowledged is not stored"
	moreEnds = "more ends are stored than calls have ended"
)

var errNoCall = errors.New("there was nothing to look at: the scenario placed no call")

// named returns the CallId of a call by its name in the scenario; "" is the last one.
func (s *world) named(name string) (string, error) {
	if s.binding.Last() == "" {
		return "", errNoCall
	}
	if name == "" {
		return s.binding.Last(), nil
	}
	id, ok := s.binding.Call(name)
	if !ok {
		return "", fmt.Errorf("call %q: the scenario placed none of that name", name)
	}
	return id, nil
}

// told returns the CallId of a call by its name in the scenario, if the receiver was sent
// what is judged.
func (s *world) told(name string, tells telling) (id string, err error) {
	if id, err = s.named(name); err == nil {
		err = s.hears(id, tells)
	}
	return id, err
}

// hears skips the scenario if the receiver got no callback with what is judged, because
// it did not register for one.
func (s *world) hears(id string, tells telling) error {
	told, result := false, call.NoResult
	s.read(func(st *journal.State) {
		for _, d := range st.DeliveriesAfter(0, id) {
			told = told || tells(d)
		}
		if c := st.Call(id); c != nil {
			result = c.Result
		}
	})
	if told {
		return nil
	}
	if word, ok := endWord(s.generation, result); ok && !s.opts.Words.Has(word) {
		return s.opts.needs(word)
	}
	return s.hearsAll()
}

// endWord returns the callback about an end with a result, if there is one.
func endWord(g wire.Generation, r call.Result) (w wire.Word, ok bool) {
	switch {
	case r == call.NoResult:
		return 0, false
	case g == wire.V4:
		return wire.AfterEndCall, true
	case r == call.Offline: // which has no word in v1
		r = call.Interrupt
	}
	return w, w.UnmarshalText([]byte(r.String())) == nil
}

// holds is a finding on what is stored of a call. Its exchange is the last one that was
// acknowledged, of the callbacks with that information.
func (s *world) holds(id string, tells telling, cause, format string, args ...any) *finding {
	f := &finding{Finding: report.Finding{Cause: cause, Text: fmt.Sprintf(format, args...)}}
	var ended call.Instant
	s.read(func(st *journal.State) {
		for _, d := range st.DeliveriesAfter(0, id) {
			for i := range d.Tries {
				if t := &d.Tries[i]; tells(d) && t.Verdict != nil && t.Verdict.Acked() && t.Ended >= ended {
					f.Delivery, f.Attempt, ended = d.ID, t.Attempt, t.Ended
				}
			}
		}
	})
	return f
}

// ends is a finding on how many ends of a call are stored.
func (s *world) ends(id string, got, want int) *finding {
	f := s.holds(id, theEnd, moreEnds, "%d end records of call %s are stored, want %d", got, id, want)
	f.Found = endsFound(got, want)
	switch {
	case got < want:
		f.Cause, f.Found = lostEnd, ""
	case want == 0:
		f.Cause = "an end is stored where there must be none"
	}
	return f
}

func endsFound(got, want int) string {
	return fmt.Sprintf("%d end records are stored, want %d", got, want)
}

// again schedules a second check of the number of ends for when the suite is over: a
// receiver may store another one later.
func (s *world) again(id string, want int) {
	s.later = append(s.later, laterEnd{id, want, s.ends(id, want+1, want)})
}

// wrongEnd is a finding on the end of one call among several.
func (s *world) wrongEnd(id string, got probe.Stored, want call.Result) *finding {
	if got.Count == 1 {
		return s.wrongResult(id, got, want.String(), "of call %s one end is stored, the result as %s, want %s", id)
	}
	f := s.ends(id, got.Count, 1)
	f.Text = fmt.Sprintf("of call %s %d ends are stored, the result as %s, want one as %s", id, got.Count, showResult(got), s.wanted(want.String()))
	return f
}

// wrongResult is a finding on the result of a call. The format gets the args, then the
// stored and the wanted result.
func (s *world) wrongResult(id string, got probe.Stored, want, format string, args ...any) *finding {
	stored, wanted := showResult(got), s.wanted(want)
	f := s.holds(id, theEnd, "a result is stored that is not the call's", format, append(args, stored, wanted)...)
	f.Found = fmt.Sprintf("the result %s is stored, want %s", stored, wanted)
	if _, ours := probe.Result(*got.Result); !ours && got.Means == nil && s.opts.Probe.Word(want) == "" {
		f.Text += "; if that is its own word for it: " + s.opts.named("--probe-result") + " " + text.Shell(*got.Result+"="+want)
	}
	return f
}

// showResult returns a stored result, with its meaning if the word is the receiver's own.
func showResult(got probe.Stored) string {
	switch {
	case got.Result == nil:
		return "nothing"
	case got.Means != nil:
		return fmt.Sprintf("%q (%s)", *got.Result, strings.Join(got.Means, " or "))
	}
	return fmt.Sprintf("%q", *got.Result)
}

// wanted returns a result with the receiver's own word for it, if that is known.
func (s *world) wanted(result string) string {
	if word := s.opts.Probe.Word(result); word != "" {
		return fmt.Sprintf("%s (%q)", result, word)
	}
	return result
}
