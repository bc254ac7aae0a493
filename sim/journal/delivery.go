package journal

import (
	"fmt"
	"slices"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/wire"
)

func (s *State) callback(e *Event, d *Callback) error {
	c := s.current
	if c == nil {
		return errNoCall
	}
	if err := s.check(d); err != nil {
		return err
	}
	dl := s.free.deliveries.get()
	*dl = delivery.Delivery{
		ID: d.Delivery, CallID: c.ID, Call: c.Number, Generation: d.Generation, Via: d.Via, Word: d.Word, User: d.User, CopyOf: d.CopyOf,
		State: d.State, Hold: d.Hold, Detached: d.Due != 0, EventTime: d.EventTime, Due: d.Due, Request: d.Request, Faults: d.Faults,
	}
	c.insert(dl)
	if dl.Request == nil {
		dl.Request = s.restoreRequest(s.endpoint(c.App, d.Via), d.Faults, d.URL, d.Body)
	}
	s.Deliveries[dl.ID] = dl
	s.Made = max(s.Made, dl.ID)
	c.Callbacks++
	s.Totals.Callbacks++
	if d.Generation == wire.V4 {
		c.LastEventTime = max(c.LastEventTime, d.EventTime)
	}
	if dl.Hold != delivery.NoHold {
		c.Held++
	}
	if dl.State.Settled() {
		s.Totals.Dropped++
		s.settle(e, c)
	} else {
		c.Open++
	}
	return nil
}

func (s *State) restoreRequest(to *delivery.Endpoint, h *delivery.Faults, url, body Text) (r *delivery.Request) {
	if h != nil && h.ContentType != "" {
		r = delivery.RestoreAs(to, h.ContentType, url, body)
	} else {
		r = delivery.Restore(to, url, body)
	}
	if s.archive != nil {
		s.archive.Put(r)
	}
	return r
}

func (s *State) released(e *Event, d *Released) error {
	c := s.current
	if c == nil {
		return errNoCall
	}
	i := c.find(d.Delivery)
	if i < 0 || c.Deliveries[i].Hold == delivery.NoHold || c.Deliveries[i].State != delivery.Queued {
		return fmt.Errorf("delivery %d is not held back", d.Delivery)
	}
	dl := c.Deliveries[i]
	dl.Hold = delivery.NoHold
	c.Held--
	if d.Due != 0 {
		dl.State, dl.Due, dl.Detached = delivery.Waiting, d.Due, true
		return nil
	}
	c.Deliveries = append(slices.Delete(c.Deliveries, i, i+1), dl)
	return nil
}

func (s *State) attempt(e *Event, d *Attempt) error {
	dl := s.Deliveries[d.Delivery]
	if dl == nil || s.current == nil || dl.State.Settled() || dl.Hold != delivery.NoHold || dl.CallID != e.Call {
		return fmt.Errorf("delivery %d is not open", d.Delivery)
	}
	n := dl.Attempts // of one that was under way when a journal ended
	if dl.State != delivery.InFlight {
		n++
	}
	if d.Attempt != n {
		return fmt.Errorf("attempt %d: want %d", d.Attempt, n)
	}
	if dl.State != delivery.InFlight {
		dl.Refs.Add()
	}
	if len(d.URL) > 0 {
		s.rewritten(dl, d)
	}
	dl.State, dl.Attempts, dl.Due = delivery.InFlight, d.Attempt, 0
	s.Totals.Attempts++
	if s.reader {
		dl.Tries = append(dl.Tries, delivery.Try{Attempt: d.Attempt, Began: e.At})
	}
	return nil
}

// rewritten gives a delivery the request that was written again for an attempt, and
// the same to its copies that wait for their first: they repeat its bytes.
func (s *State) rewritten(dl *delivery.Delivery, d *Attempt) {
	c, was, r := s.current, dl.Request, d.Request
	if d.Moved {
		dl.Moved = true
		s.keepSecrets(was.Endpoint)
	}
	if r == nil {
		to := was.Endpoint
		if d.Moved {
			to = s.endpoint(c.App, dl.Via)
		}
		r = s.restoreRequest(to, dl.Faults, d.URL, was.Body())
	}
	dl.Request = r
	for _, o := range c.Deliveries {
		if o.CopyOf == dl.ID && o.Attempts == 0 {
			o.Request = r
		}
	}
	s.recycleRequest(c, was)
}

// keepSecrets remembers the secrets of an address that a delivery had before: an answer
// from there may contain them.
func (s *State) keepSecrets(at *delivery.Endpoint) {
	if !at.Secrets().Empty() && !slices.Contains(s.oldURLs, at.URL) {
		s.oldURLs = append(s.oldURLs, at.URL)
		s.oldSecrets.AddSet(at.Secrets())
	}
}

func (s *State) answer(e *Event, d *Answer) error {
	dl, c := s.Deliveries[d.Delivery], s.current
	if dl == nil || c == nil || dl.State != delivery.InFlight || dl.CallID != c.ID || dl.Attempts != d.Attempt {
		return fmt.Errorf("delivery %d: attempt %d is not in flight", d.Delivery, d.Attempt)
	}
	dl.Refs.Drop()
	dl.Last = d.Verdict
	dl.Last.Rule = delivery.PolicyOf(dl.Generation, s.Dialect).Rule
	if n := len(dl.Tries); n > 0 {
		t := &dl.Tries[n-1]
		t.End(e.At, dl.Last, d.Body, d.Took)
		if head := max(string(d.Head), string(d.Seen)); head != "" { // they are equal, or one is not there
			t.Head = strings.ToValidUTF8(head[:min(len(head), delivery.MaxAnswer)], "\ufffd")
		}
	}
	if !(d.Verdict.Class == delivery.NoAnswer && d.Verdict.Failure.NeverConnected()) {
		s.Totals.Connected++
	}
	switch d.Then {
	case delivery.ThenRetry:
		dl.State, dl.Due = delivery.Waiting, d.Due
		return nil
	case delivery.ThenAcked:
		dl.State = delivery.Acked
		s.Totals.Acked++
	case delivery.ThenAbandoned:
		dl.State = delivery.Abandoned
		s.Totals.Abandoned++
	case delivery.ThenWithdrawn:
		dl.State = delivery.Withdrawn
		s.Totals.Withdrawn++
	}
	c.Open--
	s.settle(e, c)
	return nil
}
