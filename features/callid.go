package features

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"

	"ringback/sim/journal"
	"ringback/sim/probe"
)

// keeping has the steps about CallIds like those of production.
var keeping = []Step{{
	Pattern: `^each CallId is kept whole$`, Form: "each CallId is kept whole", Example: "each CallId is kept whole",
	About: "all callbacks are acknowledged, and each call is stored with its own end, if there is a probe", handler: eachCallIDIsKept,
}}

var errIDsAreMade = errors.New("a call is placed before, and has its CallId")

func callIDsDifferAtTheEnd(ctx context.Context) error {
	s := worldOf(ctx)
	if s.session != nil {
		return errIDsAreMade
	}
	s.dialect.CallID, s.alike = "uuid", true
	return nil
}

// tooShort is the likely cause if a CallId is not kept.
const tooShort = "a CallId of 36 characters is not kept whole: is its column one of 32?"

// eachCallIDIsKept attributes a failure to the CallId if the receiver takes shorter ones
// (see the pre-flight), or if it took the first call and not the next.
func eachCallIDIsKept(ctx context.Context) error {
	s := worldOf(ctx)
	list, err := s.judged(ctx)
	if err != nil {
		return err
	}
	first, short := list[0].CallID, true
	var errs []error
	for _, d := range list {
		if err := acknowledged(d); err != nil {
			errs = append(errs, err)
			short = short && d.CallID != first
		}
	}
	if short = short || s.opts.readable; len(errs) == 0 && s.opts.Probe != nil {
		errs, err = s.notApart(ctx)
	}
	for _, each := range errs {
		if f, ok := each.(*finding); ok && short {
			f.Cause, f.Found, f.Clauses, f.Told = tooShort, "", nil, false
			f.Text += "; " + tooShort
		}
	}
	return cmp.Or(err, few(errs))
}

// notApart lists the calls that are not stored, and those that are stored as another.
func (s *world) notApart(ctx context.Context) (errs []error, err error) {
	var ids []string
	s.read(func(st *journal.State) {
		for c := range st.Calls() {
			ids = append(ids, c.ID)
		}
	})
	var before []probe.Stored
	for _, id := range ids {
		if err := s.hears(id, theEnd); err != nil {
			return nil, nil // other scenarios judge what is stored
		}
		got, _, err := s.stored(ctx, id, func(p probe.Stored) bool { return p.Count > 0 })
		switch same := func(p probe.Stored) bool { return reflect.DeepEqual(p, got) }; {
		case err != nil:
			return nil, err
		case got.Count != 1:
			errs = append(errs, s.ends(id, got.Count, 1))
		case !reflect.DeepEqual(got, probe.Stored{Count: 1}) && slices.ContainsFunc(before, same):
			errs = append(errs, s.holds(id, theEnd, tooShort, "call %s is stored as one with another caller, room and duration", id))
		}
		before = append(before, got)
	}
	return errs, nil
}
