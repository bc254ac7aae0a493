package features

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// endWords are the callbacks about an end.
var endWords = func() (set wire.Words) {
	for _, w := range wire.AllWords() {
		if w.Status() || w == wire.AfterEndCall {
			set = set.With(w)
		}
	}
	return set
}()

// judged returns the callbacks so far that no fault dropped, once they are settled. If
// there is none it is an error, since a step must not pass without evidence.
func (s *world) judged(ctx context.Context) ([]*delivery.Delivery, error) {
	if err := s.settle(ctx); err != nil {
		return nil, err
	}
	return s.sent("")
}

// sent returns the callbacks of a call, or of all calls, that no fault dropped.
func (s *world) sent(callID string) (list []*delivery.Delivery, err error) {
	dropped := 0
	s.read(func(st *journal.State) {
		for _, d := range st.DeliveriesAfter(0, callID) {
			if d.State == delivery.Dropped {
				dropped++
			} else {
				list = append(list, d)
			}
		}
	})
	switch {
	case len(list) > 0:
		s.saw += len(list)
		return list, nil
	case dropped > 0:
		return nil, fmt.Errorf("there was nothing to look at: no callback was sent, a fault dropped %s", text.Count(dropped, "callback"))
	}
	return nil, s.silence()
}

// silence says why no callback was sent. If the receiver did not subscribe to all of
// them, the scenario is skipped.
func (s *world) silence() error {
	if err := s.hearsAll(); err != nil {
		return err
	}
	return errors.New("no callback was sent")
}

// hearsAll skips the scenario if the receiver does not take each word of the generation.
// It names one that comes before an end, if it can.
func (s *world) hearsAll() error {
	var end error
	for _, w := range wire.AllWords() {
		if w.Generation()&s.generation == 0 {
			continue
		}
		switch err := s.opts.needs(w); {
		case err == nil:
		case endWords.Has(w):
			end = cmp.Or(end, err)
		default:
			return err
		}
	}
	return end
}

// notSent says why a callback has no attempt.
func notSent(d *delivery.Delivery) error {
	if d.State == delivery.Dropped {
		return fmt.Errorf("%s of %s was not sent: a fault dropped it", d.Word, d.CallID)
	}
	return fmt.Errorf("%s of %s was not sent: it is %s", d.Word, d.CallID, d.State)
}

// acknowledged says why a callback was not, or nil.
func acknowledged(d *delivery.Delivery) error { return acknowledgedBy(d, len(d.Tries)) }

// acknowledgedBy says why the n-th attempt was not acknowledged, or nil.
func acknowledgedBy(d *delivery.Delivery, n int) error {
	if len(d.Tries) == 0 {
		return notSent(d)
	}
	t := &d.Tries[n-1]
	if t.Verdict == nil {
		return unanswered(d, t)
	}
	switch v := d.Documented(t); {
	case d.Acknowledged(t):
		return nil
	case t.Verdict.Acked(): // the sender goes on
		return unlike(d, t, v, "was acknowledged, but not as documented")
	default:
		return unlike(d, t, v, "was not acknowledged")
	}
}

func allAcknowledged(list []*delivery.Delivery) error {
	var errs []error
	for _, d := range list {
		errs = append(errs, acknowledged(d))
	}
	return few(errs)
}

// refused says why a callback counts as acknowledged, or nil. It looks at the first few
// attempts.
func refused(d *delivery.Delivery, attempts int) error {
	if len(d.Tries) == 0 {
		return notSent(d)
	}
	for i := range d.Tries[:min(len(d.Tries), attempts)] {
		t := &d.Tries[i]
		switch {
		case t.Verdict == nil:
			return unanswered(d, t)
		case d.Acknowledged(t):
			return tooKind(d, t)
		case t.Verdict.Failure == delivery.TimedOut:
			return unlike(d, t, *t.Verdict, "was neither refused nor acknowledged")
		}
	}
	return nil
}

// tooKind is a finding on a callback that was acknowledged and must be refused.
func tooKind(d *delivery.Delivery, t *delivery.Try) error {
	const want = "want a refusal: HTTP 4xx, or an ErrorCode that is not 0"
	f := about(d, t, "a callback is acknowledged that must be refused", "%s of %s was acknowledged by HTTP 200 and %s, %s", d.Word, d.CallID, text.Quote(t.Answer, 200), want)
	if d.Faults != nil && len(d.Faults.Names) > 0 {
		f.Cause, f.Found = "bad input is acknowledged, not refused", "acknowledged, not refused: a callback under "+strings.Join(d.Faults.Names, ", ")
	}
	return f
}

func allRefused(list []*delivery.Delivery, attempts int) error {
	var errs []error
	for _, d := range list {
		errs = append(errs, refused(d, attempts))
	}
	return few(errs)
}
