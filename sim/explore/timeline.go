package explore

import (
	"cmp"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// TimelineEntry is a fact of a call or an attempt of a callback.
type TimelineEntry struct {
	At      call.Span `json:"at"` // simulated time since the beginning
	Call    string    `json:"call,omitempty"`
	Fact    string    `json:"fact,omitempty"` // in words; empty for an attempt
	Word    string    `json:"word,omitempty"` // of the callback
	User    string    `json:"user,omitempty"`
	Attempt int       `json:"attempt,omitempty"`
	Status  int       `json:"status,omitempty"` // of HTTP; 0 without an answer
	Acked   bool      `json:"acked,omitempty"`
	Verdict string    `json:"verdict,omitempty"` // in words
	Faults  []string  `json:"faults,omitempty"`
}

// sent is an attempt that began.
type sent struct {
	call string
	of   *delivery.Delivery
}

// record adds an event to the timeline.
func (x *execution) record(e *journal.Event) {
	switch d := e.Data.(type) {
	case *journal.Fact:
		x.timeline = append(x.timeline, TimelineEntry{At: x.since(e), Call: x.callName(e.Call), Fact: d.Sentence(x.state.Call(e.Call))})
	case *journal.Attempt:
		x.recordAttempt(e.Call, x.state.Deliveries[d.Delivery])
	case *journal.Answer:
		delete(x.inFlight, d.Delivery)
		x.timeline = append(x.timeline, x.answered(e, d))
	}
}

// canonical sorts the attempts of copies of one callback: which of them a receiver took
// first is random.
func canonical(moments []TimelineEntry) []TimelineEntry {
	list := slices.Clone(moments)
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && list[to].sameCallback(&list[from]) {
			to++
		}
		slices.SortStableFunc(list[from:to], func(a, b TimelineEntry) int {
			return cmp.Or(cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Status, b.Status), strings.Compare(a.Verdict, b.Verdict))
		})
		from = to
	}
	return list
}

// sameCallback reports whether two attempts in a row may be of one callback and its
// copies.
func (m *TimelineEntry) sameCallback(o *TimelineEntry) bool {
	return m.Word != "" && m.At == o.At && m.Call == o.Call && m.Word == o.Word && m.User == o.User
}

// since returns when an event happened, from the beginning of the execution.
func (x *execution) since(e *journal.Event) call.Span { return call.Span(e.At.Sub(x.epoch)) }

// recordAttempt notes that an attempt begins, and whether its order among those under
// way matters: it does between calls and for callbacks with faults, not for copies.
func (x *execution) recordAttempt(id string, d *delivery.Delivery) {
	x.sent = append(x.sent, sent{x.callName(id), d})
	for other := range x.inFlight {
		o := x.state.Deliveries[other]
		x.concurrent = x.concurrent || o.Request != d.Request && (o.Call != d.Call || o.Faults != nil || d.Faults != nil)
	}
	x.inFlight[d.ID] = true
}

func (x *execution) answered(e *journal.Event, a *journal.Answer) TimelineEntry {
	d := x.state.Deliveries[a.Delivery]
	m := TimelineEntry{
		At: x.since(e), Call: x.callName(e.Call), Word: d.Word.String(), User: d.User, Attempt: a.Attempt,
		Status: a.Verdict.Status, Acked: a.Verdict.Acked(), Verdict: x.normalize(a.Verdict.Reason()),
	}
	if n := len(d.Tries); n > 0 {
		if v := d.Documented(&d.Tries[n-1]); !d.Acknowledged(&d.Tries[n-1]) {
			if m.Verdict = x.normalize(v.Reason()); m.Acked {
				m.Verdict = "acked, not as documented: " + m.Verdict
			}
			m.Acked = false
		}
	}
	if d.Faults != nil {
		m.Faults = d.Faults.Names
	}
	return m
}

// callName returns the history's name for a call id.
func (x *execution) callName(id string) string {
	for name, other := range x.binding.Calls() {
		if other == id {
			return name
		}
	}
	return ""
}

// normalize returns a text without what differs from one execution to the next, such as
// ids, and without secrets.
func (x *execution) normalize(text string) string {
	text = x.cfg.Endpoint.Hide(text)
	if x.cfg.Probe != nil {
		text = x.cfg.Probe.Hide(text)
	}
	for _, name := range x.history.calls() {
		if id, ok := x.binding.Call(name); ok {
			text = strings.ReplaceAll(text, id, "CallId")
		}
	}
	return strings.ReplaceAll(text, " "+x.token, "")
}
