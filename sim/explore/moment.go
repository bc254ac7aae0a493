package explore

import (
	"cmp"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
)

// Moment is one thing that happened in an execution: a fact, or an attempt.
type Moment struct {
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

// tell adds an event to the story.
func (pl *play) tell(e *journal.Event) {
	switch d := e.Data.(type) {
	case *journal.Fact:
		pl.moments = append(pl.moments, Moment{At: pl.since(e), Call: pl.name(e.Call), Fact: d.Sentence(pl.state.Call(e.Call))})
	case *journal.Attempt:
		pl.fly(e.Call, pl.state.Deliveries[d.Delivery])
	case *journal.Answer:
		delete(pl.flying, d.Delivery)
		pl.moments = append(pl.moments, pl.attempt(e, d))
	}
}

// settled are moments in an order that does not tell copies of one callback
// apart: which of them a receiver took first is nobody's to say.
func settled(moments []Moment) []Moment {
	list := slices.Clone(moments)
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && list[to].copies(&list[from]) {
			to++
		}
		slices.SortStableFunc(list[from:to], func(a, b Moment) int {
			return cmp.Or(cmp.Compare(a.Attempt, b.Attempt), cmp.Compare(a.Status, b.Status), strings.Compare(a.Verdict, b.Verdict))
		})
		from = to
	}
	return list
}

// copies reports whether two attempts, one after the other, may be of one callback
// and its copies.
func (m *Moment) copies(o *Moment) bool {
	return m.Word != "" && m.At == o.At && m.Call == o.Call && m.Word == o.Word && m.User == o.User
}

// since is when an event happened.
func (pl *play) since(e *journal.Event) call.Span { return call.Span(e.At.Sub(pl.epoch)) }

// fly notes an attempt that begins, and whether its order among those that are
// under way is part of the story: that of calls, and of callbacks that a fault
// hit, but not that of copies, which nobody can tell apart.
func (pl *play) fly(id string, d *delivery.Delivery) {
	pl.sent = append(pl.sent, sent{pl.name(id), d})
	for other := range pl.flying {
		o := pl.state.Deliveries[other]
		pl.crowded = pl.crowded || o.Request != d.Request && (o.Call != d.Call || o.Faults != nil || d.Faults != nil)
	}
	pl.flying[d.ID] = true
}

func (pl *play) attempt(e *journal.Event, a *journal.Answer) Moment {
	d := pl.state.Deliveries[a.Delivery]
	m := Moment{
		At: pl.since(e), Call: pl.name(e.Call), Word: d.Word.String(), User: d.User, Attempt: a.Attempt,
		Status: a.Verdict.Status, Acked: a.Verdict.Acked(), Verdict: pl.plain(a.Verdict.Reason()),
	}
	if n := len(d.Tries); n > 0 {
		if v := d.Documented(&d.Tries[n-1]); !d.Acknowledged(&d.Tries[n-1]) {
			if m.Verdict = pl.plain(v.Reason()); m.Acked {
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

// name is what the history calls a call.
func (pl *play) name(id string) string {
	for name, other := range pl.binding.Calls() {
		if other == id {
			return name
		}
	}
	return ""
}

// plain is a text without what differs from run to run: ids are said by name.
func (pl *play) plain(text string) string {
	text = pl.cfg.Endpoint.Hide(text)
	if pl.cfg.Probe != nil {
		text = pl.cfg.Probe.Hide(text)
	}
	for _, name := range pl.history.calls() {
		if id, ok := pl.binding.Call(name); ok {
			text = strings.ReplaceAll(text, id, "CallId")
		}
	}
	return strings.ReplaceAll(text, " "+pl.token, "")
}
