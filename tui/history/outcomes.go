package history

import (
	"fmt"
	"slices"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/script"
	"ringback/sim/text"
	"ringback/tui/draw"
)

// thensOf returns the Then steps for the callbacks of a call: the result of each with a
// good receiver, under the faults that hit it and the manual operations on it. notes say
// what was different. So the scenario fails with a receiver that was wrong, and passes
// once it is fixed.
func thensOf(st *journal.State, en *Call) (thens, notes []string) {
	const all = "every callback is acknowledged"
	shared := drawnFaults(en)
	for _, f := range shared {
		notes = append(notes, "other callbacks are among the share that "+f.String()+" hits, each time another seed is drawn")
	}
	var list []outcomeOf
	for _, d := range en.Deliveries {
		want, ref, may := wantedOf(st, d, en.gaveUp(d)), refOf(en.Call, d), shared.of(d)
		if seen := seenOf(st, d, want); seen != "" {
			notes = append(notes, ref.Which()+" "+seen)
		}
		if did := en.handsOn(d); shared.moves(d) && did != "" {
			notes = append(notes, ref.Which()+" was "+did+" by hand, which is left out: there may be no such copy")
		}
		if len(may) > 0 && en.gaveUp(d) { // it may have been acknowledged by then, or not
			want = ""
		}
		want = may.always(want, unread(d), draw.Attempts(st, d))
		list = append(list, outcomeOf{ref: ref, want: want, lost: want == isNeverSent && d.Lost(), moves: shared.moves(d)})
	}
	if allAcknowledged(list) {
		return []string{all}, notes
	}
	var words []string // of which all are acknowledged
	for _, o := range list {
		switch ofWord := slices.DeleteFunc(slices.Clone(list), func(other outcomeOf) bool { return other.ref.Callback != o.ref.Callback }); {
		case !allAcknowledged(ofWord):
			if o.want != "" && !o.moves {
				thens = append(thens, o.String())
			}
		case !slices.Contains(words, o.ref.Callback.String()):
			words = append(words, o.ref.Callback.String())
		}
	}
	switch len(words) {
	case 0:
	case 1:
		thens = append([]string{words[0] + " is acknowledged"}, thens...)
	default:
		thens = append([]string{strings.Join(words, ", ") + " are acknowledged"}, thens...)
	}
	if len(thens) == 0 { // there is nothing to check
		thens = []string{"the receiver goes on"}
	}
	return thens, notes
}

// allAcknowledged reports whether all of some callbacks must be acknowledged, except
// those that a fault lost. If all are lost it is false.
func allAcknowledged(list []outcomeOf) bool {
	sent := slices.DeleteFunc(slices.Clone(list), func(o outcomeOf) bool { return o.lost })
	return len(sent) > 0 && !slices.ContainsFunc(sent, func(o outcomeOf) bool { return o.want != isAcknowledged })
}

// outcomeOf is the expected result of a callback; "" if there is none.
type outcomeOf struct {
	ref   script.Handling
	want  string
	lost  bool // by a fault
	moves bool // its place among the copies differs from run to run
}

// Expected results of a callback.
const (
	isAcknowledged = "is acknowledged"
	isRefused      = "is refused"
	isNeverSent    = "is never sent"
)

func (o outcomeOf) String() string {
	which := o.ref.Which()
	if o.want == isAcknowledged && o.ref.Copy == 0 && o.ref.Number == 0 { // without a number a step is about all callbacks of the word
		which += " number 1"
	}
	return which + " " + o.want
}

// faultsSeen returns the faults that were on during a call, and affect it.
func faultsSeen(en *Call) []string {
	list := slices.Clone(own(en.given, en.Number))
	for _, mo := range en.Moments {
		if mo.faults != nil {
			list = append(list, own(mo.faults.On, en.Number)...)
		}
	}
	return list
}

// partial are faults that hit a share of the callbacks.
type partial []*fault.Active

// drawnFaults returns those of faultsSeen that hit a share of the call's callbacks, each
// once.
func drawnFaults(en *Call) (list partial) {
	for _, on := range faultsSeen(en) {
		f, err := fault.Parse(on)
		if err != nil || slices.ContainsFunc(list, func(o *fault.Active) bool { return o.String() == on }) {
			continue
		}
		if slices.ContainsFunc(en.Deliveries, func(d *delivery.Delivery) bool { return f.Drawn(d.Word) }) {
			list = append(list, f)
		}
	}
	return list
}

// of returns those that may hit a callback.
func (l partial) of(d *delivery.Delivery) partial {
	return slices.DeleteFunc(slices.Clone(l), func(f *fault.Active) bool { return !f.Drawn(d.Word) })
}

// moves reports whether a callback is a copy that another run may not have, or may have
// in another place among the copies.
func (l partial) moves(d *delivery.Delivery) bool { return d.CopyOf != 0 && len(l.of(d)) > 0 }

// always returns the expected result of a callback if it is the same whichever of the
// drawn faults hit it; "" if it depends on them. want is the result under those that did
// hit it, of which the first lost attempts are not read; most is the number of attempts.
func (l partial) always(want string, lost, most int) string {
	for _, f := range l {
		p := f.Plan()
		if p.Drop || fault.AnswerTo(f.Name()) != fault.Acknowledges {
			return ""
		}
		lost = max(lost, unreadOf(p.Transport))
	}
	switch {
	case len(l) == 0 || want == isRefused || want == isNeverSent:
		return want
	case lost < most && strings.HasPrefix(want, isAcknowledged): // by whichever try
		return isAcknowledged
	}
	return ""
}

// gaveUp reports whether a callback was given up by hand.
func (en *Call) gaveUp(d *delivery.Delivery) bool {
	return slices.ContainsFunc(en.Moments, func(mo moment) bool { return mo.hand != nil && mo.hand.do == script.GiveUp && mo.hand.delivery == d.ID })
}

// handsOn describes a manual operation on a callback itself; "" if there was none.
func (en *Call) handsOn(d *delivery.Delivery) string {
	var list []string
	for _, mo := range en.Moments {
		if mo.hand == nil || mo.hand.delivery != d.ID {
			continue
		}
		if did := map[script.Handle]string{script.RetryNow: "retried", script.GiveUp: "given up"}[mo.hand.do]; did != "" && !slices.Contains(list, did) {
			list = append(list, did)
		}
	}
	return strings.Join(list, " and ")
}

// wantedOf returns the expected result of a callback, under the faults that hit it.
func wantedOf(st *journal.State, d *delivery.Delivery, gaveUp bool) string {
	lost := unread(d)
	most := draw.Attempts(st, d)
	switch {
	case d.State == delivery.Dropped && d.Lost() || gaveUp && len(d.Tries) == 0:
		return isNeverSent
	case d.State == delivery.Dropped || d.State == delivery.Withdrawn:
		return "" // for a reason that a scenario does not have
	case gaveUp && len(d.Tries) <= lost && d.Tries[len(d.Tries)-1].Verdict == nil:
		return "" // the fault ends it at once where the receiver does not hang, and there is another try
	case gaveUp && len(d.Tries) <= lost:
		return "is given up after " + tries(len(d.Tries))
	case lost >= most:
		return "is given up after " + tries(most)
	}
	switch answer := answerTo(d); {
	case answer == fault.Refuses:
		return isRefused
	case answer == fault.Either:
		return ""
	case lost > 0:
		return "is acknowledged after " + tries(lost+1)
	}
	return isAcknowledged
}

// unread returns for how many first attempts of a callback a fault prevents an
// acknowledgement.
func unread(d *delivery.Delivery) int {
	if d.Faults == nil {
		return 0
	}
	return unreadOf(d.Faults.Transport)
}

func unreadOf(t delivery.Transport) int {
	switch {
	case t.LoseTail == 0 && !t.Reset && !t.HangUp:
		return 0
	case t.Attempts == 0:
		return 1 << 20
	default:
		return int(t.Attempts)
	}
}

// answerTo returns how a good receiver answers a callback under all faults that hit it.
func answerTo(d *delivery.Delivery) (worst fault.Answer) {
	if d.Faults != nil {
		for _, f := range d.Faults.Names {
			worst = max(worst, fault.AnswerTo(f))
		}
	}
	return worst
}

// documented reports whether a callback was acknowledged, to the sender and by the documents.
func documented(d *delivery.Delivery) bool {
	n := len(d.Tries)
	return n > 0 && d.Acknowledged(&d.Tries[n-1])
}

// isRefusedBy reports whether each attempt of a callback was refused.
func isRefusedBy(d *delivery.Delivery) bool {
	return len(d.Tries) > 0 && !slices.ContainsFunc(d.Tries, func(t delivery.Try) bool {
		return t.Verdict == nil || t.Verdict.Class == delivery.NoAnswer || d.Acknowledged(&t)
	})
}

// seenOf says how the result of a callback differs from the expected one; "" if it does
// not.
func seenOf(st *journal.State, d *delivery.Delivery, want string) string {
	in := "in " + tries(len(d.Tries))
	switch {
	case !d.State.Settled() && !documented(d):
		return "was not settled yet"
	case len(d.Tries) == 0 || want == "" || strings.HasPrefix(want, "is given up") || want == isRefused && isRefusedBy(d):
		return ""
	case want == isRefused && documented(d):
		return "was acknowledged " + in
	case want != isRefused && documented(d):
		switch n := len(d.Tries) - 1; {
		case want != isAcknowledged && want != "is acknowledged after "+tries(n+1):
			return fmt.Sprintf("was acknowledged by try %d", n+1)
		case want == isAcknowledged && n > 0:
			return fmt.Sprintf("was acknowledged by try %d; the one before: %s", n+1, reasonAt(st, d, n-1))
		}
		return ""
	}
	return "was not " + strings.TrimPrefix(want, "is ") + " " + in + ": " + reasonAt(st, d, len(d.Tries)-1)
}

// reasonAt says what was wrong with the answer to the i-th try.
func reasonAt(st *journal.State, d *delivery.Delivery, i int) string {
	if d.Tries[i].Verdict == nil {
		return "no answer"
	}
	return text.Line(st.Hide(d.Request.Endpoint, d.Documented(&d.Tries[i]).Reason()))
}

// tries formats a number of tries as steps have it.
func tries(n int) string {
	if n == 1 {
		return "1 try"
	}
	return fmt.Sprintf("%d tries", n)
}

// own returns the faults that affect a call, for a scenario in which it is the first one.
func own(on []string, number uint64) script.Faults {
	list := script.Faults{}
	for _, f := range on {
		text, call, ofCall := strings.Cut(f, "#")
		switch {
		case !ofCall:
			list = append(list, f)
		case call == fmt.Sprint(number):
			list = append(list, text)
		}
	}
	return slices.DeleteFunc(list, func(f string) bool {
		_, err := fault.Parse(f)
		return err != nil
	})
}

// refOf names a callback by its place in its call.
func refOf(c *journal.Call, d *delivery.Delivery) (ref script.Handling) {
	original, copies := d, d.CopyOf != 0
	if copies {
		if i := slices.IndexFunc(c.Deliveries, func(o *delivery.Delivery) bool { return o.ID == d.CopyOf }); i >= 0 {
			original = c.Deliveries[i]
		}
	}
	ref.Callback = original.Word
	for _, o := range c.Deliveries {
		switch {
		case o.CopyOf == 0 && o.Word == original.Word && o.ID <= original.ID:
			ref.Number++
		case copies && o.CopyOf == original.ID && o.ID <= d.ID:
			ref.Copy++
		}
	}
	if ref.Number == 1 {
		ref.Number = 0
	}
	return ref
}
