package features

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"

	"ringback/features/report"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// probing asks what the receiver stored.
var probing = []Step{
	{
		Pattern: `^(one end|no end|\d+ ends) (?:is|are) stored(?: of call (\S+))?$`, Form: "one end is stored[ of call {call}]", Example: "one end is stored",
		About: "the receiver holds so many end records of the call", handler: endsAreStored,
		check: all(of(parseEnds), aCall),
	},
	{
		Pattern: `^the result stored is (\S+)(?: of call (\S+))?$`, Form: "the result stored is {result}[ of call {call}]", Example: "the result stored is normal_end",
		About: "in the words of either generation", handler: theResultStoredIs,
		check: all(of(parseStored), aCall),
	},
	{
		Pattern: `^the talk stored is (\S+)(?: of call (\S+))?$`, Form: "the talk stored is {duration}[ of call {call}]", Example: "the talk stored is 9s",
		About: "from the answer to the end, to the second", handler: theTalkStoredIs,
		check: all(of(parseTalk), aCall),
	},
	{
		Pattern: `^the caller stored is (\S+)(?: of call (\S+))?$`, Form: "the caller stored is {user}[ of call {call}]", Example: "the caller stored is alice",
		About: "who placed the call", handler: theCallerStoredIs,
		check: all(aPerson, aCall),
	},
	{
		Pattern: `^the members stored are (.+?)(?: of call (\S+))?$`, Form: "the members stored are {users}[ of call {call}]", Example: "the members stored are alice, bob",
		About: "who is in the call now", handler: theMembersStoredAre,
		check: all(somePeople, aCall),
	},
	{
		Pattern: `^(\d+) members are stored$`, Form: "{n} members are stored", Example: "100 members are stored",
		About: "so many people are in the call now", handler: membersAreStored,
		check: all(aNumber("members", 0, maxPeople)),
	},
	{
		Pattern: `^nobody is stored as a member(?: of call (\S+))?$`, Form: "nobody is stored as a member[ of call {call}]", Example: "nobody is stored as a member",
		About: "nobody is in the call now", handler: func(ctx context.Context, name string) error { return theMembersStoredAre(ctx, "", name) },
		check: all(aCall),
	},
	{
		Pattern: `^each call is stored with its own end$`, Form: "each call is stored with its own end", Example: "each call is stored with its own end",
		About: "one end for each call, with its own result", handler: eachCallIsStored,
	},
}

func tellsMembers(p probe.Stored) bool { return p.Members != nil }

// hears leaves the scenario out if the receiver got no callback that tells what is
// asked of the call, because it did not register for one.
func (s *stage) hears(id string, tells telling) error {
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

// endWord is the callback that tells of an end with a result, if there is one.
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

// told is the CallId of a call by the scenario's name, of which the receiver was told
// what is asked.
func (s *stage) told(name string, tells telling) (id string, err error) {
	if id, err = s.named(name); err == nil {
		err = s.hears(id, tells)
	}
	return id, err
}

var errNoCall = errors.New("there was nothing to look at: the scenario placed no call")

// named is the CallId of a call by the scenario's name; "" is the last one.
func (s *stage) named(name string) (string, error) {
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

// parseEnds reads how many ends there are to be.
func parseEnds(arg string) (int, error) {
	switch number, ends := strings.CutSuffix(arg, " ends"); {
	case ends:
		return parseNumber(number, "ends", 0, maxCalls)
	case arg == "one end":
		return 1, nil
	}
	return 0, nil
}

func endsAreStored(ctx context.Context, number, name string) error {
	s := stageOf(ctx)
	want, err := parseEnds(number)
	if err != nil {
		return err
	}
	id, err := s.named(name)
	if err != nil {
		return err
	}
	if want > 0 {
		if err := s.hears(id, theEnd); err != nil {
			return err
		}
	}
	got, _, err := s.stored(ctx, id, func(p probe.Stored) bool { return p.Count >= want })
	if err != nil {
		return err
	}
	if got.Count == 0 && want > 0 {
		if err := s.refusedEnd(id); err != nil {
			return err
		}
	}
	if got.Count != want {
		return s.ends(id, got.Count, want)
	}
	s.again(id, want)
	return nil
}

// ends is a finding on how many ends of a call are stored.
func (s *stage) ends(id string, got, want int) *finding {
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

// ackMeansStored is the clause that whoever loses an end breaks.
const ackMeansStored = "ack-means-stored"

// What is found of ends, in words that other findings share.
const (
	lostEnd  = "an end that was acknowledged is not stored"
	moreEnds = "more ends are stored than calls have ended"
)

// What a receiver stores is held against the callback that told it.
type telling func(*delivery.Delivery) bool

func theStart(d *delivery.Delivery) bool {
	return d.Word == wire.CallerStartCall || d.Word == wire.AfterStartCall
}
func theEnd(d *delivery.Delivery) bool { return d.Word.Ends() }
func anything(*delivery.Delivery) bool { return true }

// holds is a finding on what is stored of a call. The exchange is the last one
// about it that was acknowledged, among the callbacks that tell it.
func (s *stage) holds(id string, tells telling, cause, format string, args ...any) *finding {
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

func theResultStoredIs(ctx context.Context, want, name string) error {
	s := stageOf(ctx)
	id, err := s.told(name, theEnd)
	if err != nil {
		return err
	}
	is := func(p probe.Stored) bool { return p.ResultIs(want) }
	tells := func(p probe.Stored) bool { return p.Result != nil || p.Count == 0 }
	return s.expect(ctx, id, is, "result", tells, func(p probe.Stored) error {
		if p.Result == nil {
			return s.holds(id, theEnd, lostEnd, "no result of call %s is stored, want %s", id, want)
		}
		return s.wrongResult(id, p, want, "the result of call %s is stored as %s, want %s", id)
	})
}

func theTalkStoredIs(ctx context.Context, text, name string) error {
	s := stageOf(ctx)
	want, err := parseTalk(text)
	if err != nil {
		return err
	}
	id, err := s.told(name, theEnd)
	if err != nil {
		return err
	}
	is := func(p probe.Stored) bool { return p.Duration != nil && math.Abs(*p.Duration-want.Seconds()) < 1 }
	tells := func(p probe.Stored) bool { return p.Duration != nil || p.Count == 0 }
	return s.expect(ctx, id, is, "duration", tells, func(p probe.Stored) error {
		if p.Duration == nil {
			return s.holds(id, theEnd, lostEnd, "no duration of call %s is stored, want %s seconds", id, inFull(want.Seconds()))
		}
		return s.holds(id, theEnd, "a duration is stored that is not the talk time in seconds",
			"the duration of call %s is stored as %s seconds, want %s", id, inFull(*p.Duration), inFull(want.Seconds()))
	})
}

// inFull is a number as people write it, without an exponent.
func inFull(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func theCallerStoredIs(ctx context.Context, user, name string) error {
	s := stageOf(ctx)
	want := s.opts.User(user)
	id, err := s.named(name)
	if err != nil {
		return err
	}
	if err := s.hearsAll(); err != nil {
		return err
	}
	is := func(p probe.Stored) bool { return p.Caller != nil && *p.Caller == want }
	tells := func(p probe.Stored) bool { return p.Caller != nil }
	return s.expect(ctx, id, is, "caller", tells, func(p probe.Stored) error {
		return s.holds(id, theStart, "a caller is stored who did not place the call", "the caller of call %s is stored as %q, want %s", id, *p.Caller, want)
	})
}

const wrongMembers = "other members are stored than those in the call"

func theMembersStoredAre(ctx context.Context, users, name string) error {
	s := stageOf(ctx)
	want := s.users(splitList(users))
	slices.Sort(want)
	id, err := s.named(name)
	if err != nil {
		return err
	}
	if err := s.hearsAll(); err != nil {
		return err
	}
	is := func(p probe.Stored) bool { return p.Members != nil && slices.Equal(p.Members, want) }
	return s.expect(ctx, id, is, "members", tellsMembers, func(p probe.Stored) error {
		return s.holds(id, anything, wrongMembers, "the members of call %s (-want +got):\n%s", id, cmp.Diff(append([]string{}, want...), p.Members))
	})
}

func membersAreStored(ctx context.Context, number string) error {
	s := stageOf(ctx)
	want, err := parseNumber(number, "members", 0, maxPeople)
	if err != nil {
		return err
	}
	id, err := s.named("")
	if err != nil {
		return err
	}
	if err := s.hearsAll(); err != nil {
		return err
	}
	is := func(p probe.Stored) bool { return p.Members != nil && len(p.Members) == want }
	return s.expect(ctx, id, is, "members", tellsMembers, func(p probe.Stored) error {
		return s.holds(id, anything, wrongMembers, "%d members of call %s are stored, want %d", len(p.Members), id, want)
	})
}

func eachCallIsStored(ctx context.Context) error {
	s := stageOf(ctx)
	if err := s.settle(ctx); err != nil {
		return err
	}
	results := map[string]call.Result{}
	s.read(func(st *journal.State) {
		for c := range st.Calls() {
			results[c.ID] = c.Result
		}
	})
	if len(results) == 0 {
		return errNoCall
	}
	var errs []error
	judged := 0
	wait := s.wait() // for all of them together
	var untold error
	for _, id := range slices.Sorted(maps.Keys(results)) {
		want := results[id]
		if err := s.hears(id, theEnd); err != nil { // the receiver does not take it
			untold = err
			continue
		}
		got, _, err := s.storedWithin(ctx, id, wait, func(p probe.Stored) bool { return p.Count >= 1 })
		if err != nil {
			return err
		}
		if got.Count == 0 {
			if err := s.refusedEnd(id); err != nil {
				if !s.acked {
					errs = append(errs, err)
				}
				continue
			}
		}
		judged++
		if got.Count != 1 || got.Result != nil && !got.ResultIs(want.String()) {
			errs = append(errs, s.wrongEnd(id, got, want))
			continue
		}
		s.again(id, 1)
	}
	switch {
	case judged == 0 && len(errs) == 0 && untold != nil:
		return untold
	case s.acked && judged == 0:
		return skipped("no end was acknowledged")
	}
	return few(errs)
}

// wrongEnd is a finding on the end of one call among several.
func (s *stage) wrongEnd(id string, got probe.Stored, want call.Result) *finding {
	if got.Count == 1 {
		return s.wrongResult(id, got, want.String(), "of call %s one end is stored, the result as %s, want %s", id)
	}
	f := s.ends(id, got.Count, 1)
	f.Text = fmt.Sprintf("of call %s %d ends are stored, the result as %s, want one as %s", id, got.Count, showResult(got), s.wanted(want.String()))
	return f
}

// wrongResult is a finding on the result of a call. The format takes, behind the
// args, what is stored and what is wanted.
func (s *stage) wrongResult(id string, got probe.Stored, want, format string, args ...any) *finding {
	stored, wanted := showResult(got), s.wanted(want)
	f := s.holds(id, theEnd, "a result is stored that is not the call's", format, append(args, stored, wanted)...)
	f.Found = fmt.Sprintf("the result %s is stored, want %s", stored, wanted)
	if _, ours := probe.Result(*got.Result); !ours && got.Means == nil && s.opts.Probe.Word(want) == "" {
		f.Text += "; if that is its own word for it: --probe-result " + text.Shell(*got.Result+"="+want)
	}
	return f
}

// showResult is a result that is stored, with what it means if it is no word of
// ours.
func showResult(got probe.Stored) string {
	switch {
	case got.Result == nil:
		return "nothing"
	case got.Means != nil:
		return fmt.Sprintf("%q (%s)", *got.Result, strings.Join(got.Means, " or "))
	}
	return fmt.Sprintf("%q", *got.Result)
}

// wanted is a result with the receiver's own word for it, if that is known.
func (s *stage) wanted(result string) string {
	if word := s.opts.Probe.Word(result); word != "" {
		return fmt.Sprintf("%s (%q)", result, word)
	}
	return result
}
