package features

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/text"
)

// probing has the steps about what the receiver stored.
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
		About: "no one is in the call now", handler: func(ctx context.Context, name string) error { return theMembersStoredAre(ctx, "", name) },
		check: all(aCall),
	},
	{
		Pattern: `^each call is stored with its own end$`, Form: "each call is stored with its own end", Example: "each call is stored with its own end",
		About: "one end for each call, with its own result", handler: eachCallIsStored,
	},
}

func tellsMembers(p probe.Stored) bool { return p.Members != nil }

// parseEnds reads an expected number of ends.
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
	s := worldOf(ctx)
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

func theResultStoredIs(ctx context.Context, want, name string) error {
	s := worldOf(ctx)
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
	s := worldOf(ctx)
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

// inFull formats a number without an exponent.
func inFull(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }

func theCallerStoredIs(ctx context.Context, user, name string) error {
	s := worldOf(ctx)
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
	s := worldOf(ctx)
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
		return s.holds(id, anything, wrongMembers, "the members of call %s are stored as %s, want %s", id, people(p.Members), people(want))
	})
}

// people are the ids of users in an error.
func people(ids []string) string {
	return text.Short(cmp.Or(strings.Join(ids, ", "), "no one"), 300)
}

func membersAreStored(ctx context.Context, number string) error {
	s := worldOf(ctx)
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
	s := worldOf(ctx)
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
	wait := s.wait() // shared by all of them
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
