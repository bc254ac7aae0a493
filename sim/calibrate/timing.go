package calibrate

import (
	"container/heap"
	"hash/maphash"
	"slices"
	"time"

	"github.com/tidwall/gjson"

	"ringback/sim/delivery"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

// Timing is what the times of the requests show.
type Timing struct {
	Schedules []*Schedule `json:"schedules"` // v1 and v4, if any callback of it came
	// Timeout is how long the client waited for an answer before it closed its
	// connection, and Patience how long the answers took that it waited for.
	Timeout  Spread   `json:"timeout"`
	Patience Spread   `json:"patience"`
	Order    Order    `json:"order"`
	InFlight InFlight `json:"in_flight"`
	Delays   []Delay  `json:"delays"`
}

// Schedule is how callbacks of a generation were repeated.
type Schedule struct {
	Generation wire.Generation `json:"generation"`
	Callbacks  int64           `json:"callbacks"`
	Repeated   int64           `json:"repeated"` // came more than once before an acknowledgement
	// Again are those that came again though the answer before acknowledges them, or
	// more than a minute after.
	Again int64 `json:"again"`
	// GivenUp is how many callbacks came so many times, were not acknowledged, and did
	// not come again while more came for a minute.
	GivenUp map[int]int64 `json:"given_up"`
	Waits   []Wait        `json:"waits"`
}

// Wait is the time from the end of a failed attempt to the beginning of the next one.
type Wait struct {
	Retry      int    `json:"retry"`         // 1: before the second attempt
	Documented *int64 `json:"documented_ms"` // null: no such retry is documented
	Within     int64  `json:"within"`        // how many are as documented, with the tolerance
	Seen       Spread `json:"seen"`
	within     [2]int64
}

// Tolerance is how far a wait may be from the documented one, since both networks and
// timers take their time: so much shorter, so much longer, and 10% of it longer.
const (
	toleranceBefore = 100 * time.Millisecond
	toleranceBehind = 500 * time.Millisecond
)

// Order is whether the callbacks of a call wait for each other.
type Order struct {
	Pairs   int64 `json:"pairs"`   // callbacks of a call, one after the other, up to a minute apart
	Overlap Seen  `json:"overlap"` // the second began before the first had its answer
	Passed  Seen  `json:"passed"`  // the first had failed and waited for its retry
	Waited  Seen  `json:"waited"`  // the first had failed, and was acknowledged before the second came
	Back    Seen  `json:"back"`    // the second has the earlier EventTime
}

// Seen counts, and says where the first one is.
type Seen struct {
	N     int64  `json:"n"`
	Place *Place `json:"place,omitempty"`
}

func (s *Seen) add(at Place) {
	if s.N == 0 {
		s.Place = &at
	}
	s.N++
}

// InFlight is how many requests were under way at once.
type InFlight struct {
	Max     int    `json:"max"`
	Place   *Place `json:"place,omitempty"`
	PerCall int    `json:"per_call"` // of one call
}

// Delay is a time between two moments of a callback.
type Delay struct {
	Word string `json:"word"`
	From string `json:"from"` // EndTime, EndTs or EventTime
	To   string `json:"to"`   // EventTime, or arrival by the clock of who recorded
	Seen Spread `json:"seen"`
}

// keep is how long a call or a callback is remembered after its latest request, by the
// clock of the file; the longest documented wait is 5 s. At most maxKept are.
const (
	keep    = time.Minute
	maxKept = 100_000
)

// timing is the evidence of [Timing].
type timing struct {
	v1, v4   Schedule
	timeout  Spread
	patience Spread
	order    Order
	inFlight InFlight
	delays   map[[3]string]*Spread

	joined  int
	now     int64 // of the latest request, in nanoseconds
	unacked map[int64]*unacked
	calls   map[uint64]*lately
	queue   []kept
	running finishes
	seed    maphash.Seed
	judge   delivery.CachingJudge
}

// unacked is a callback that is not acknowledged yet.
type unacked struct {
	schedule *Schedule
	attempts int
	ended    int64 // of the latest attempt; 0: not known
	judged   bool  // its answers are known
	call     uint64
}

// lately is the latest callback of a call.
type lately struct {
	delivery  int64
	ended     int64
	eventTime int64
	failed    bool  // it waits for a retry
	healed    bool  // it was acknowledged on one
	at        int64 // of the latest request
	running   int   // requests under way
}

// kept is when something may be forgotten: a callback or, if that is 0, a call.
type kept struct {
	until    int64
	delivery int64
	call     uint64
}

// finish is when a request had its answer.
type finish struct {
	at   int64
	call uint64
}

type finishes []finish

func (h finishes) Len() int           { return len(h) }
func (h finishes) Less(i, j int) bool { return h[i].at < h[j].at }
func (h finishes) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *finishes) Push(e any)        { *h = append(*h, e.(finish)) }
func (h *finishes) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

func newTiming() *timing {
	t := &timing{delays: map[[3]string]*Spread{}, seed: maphash.MakeSeed()}
	t.v1 = Schedule{Generation: wire.V1, GivenUp: map[int]int64{}}
	t.v4 = Schedule{Generation: wire.V4, GivenUp: map[int]int64{}}
	t.forgetAll()
	return t
}

func (t *timing) add(f *File, e *recording.Exchange) {
	if e.Generation == 0 {
		return
	}
	if e.Joined != t.joined {
		t.forgetAll()
		t.joined = e.Joined
	}
	at := Place{f.Name, e.Line}
	began := nanos(e.At)
	t.now = max(t.now, began)
	t.land()
	t.forget()
	call := maphash.String(t.seed, e.Call)
	schedule := &t.v1
	if e.Generation == wire.V4 {
		schedule = &t.v4
	}
	first := e.Delivery == 0 || e.Delivery == e.N
	ended := endOf(e)
	acked, judged := t.acked(e)
	c := t.callOf(call, e.Call)
	t.fly(at, began, ended, call, c)
	if first {
		schedule.Callbacks++
		t.pair(c, e, began, at)
		t.delay(e)
	}
	t.attempt(schedule, e, first, acked, judged, began, ended, call)
	if c != nil {
		if first {
			c.delivery, c.ended, c.failed, c.healed = e.Delivery, ended, judged && !acked, false
		}
		c.at = t.now
	}
	switch wait := e.Answer.Latency; {
	case e.Answer.Outcome == recording.Aborted && wait > 0:
		t.timeout.add(wait)
	case e.Answer.Outcome == recording.Answered && wait > 0:
		t.patience.add(wait)
	}
}

// acked reports whether the answer acknowledges the callback, and whether that is known.
func (t *timing) acked(e *recording.Exchange) (acked, judged bool) {
	switch e.Answer.Outcome {
	case recording.Unknown, recording.Lost, recording.Tunnel:
		return false, false
	case recording.Answered:
	default:
		return false, true
	}
	rule := delivery.V1
	if e.Generation == wire.V4 {
		rule = delivery.V4
	}
	return t.judge.Judge(rule, &delivery.Answer{Connected: true, Status: e.Answer.Status(), Body: e.Answer.Body}).Acked(), true
}

// attempt takes an attempt of a callback.
func (t *timing) attempt(s *Schedule, e *recording.Exchange, first, acked, judged bool, began, ended int64, call uint64) {
	p := t.unacked[e.Delivery]
	switch {
	case p == nil && !first:
		s.Again++
		return
	case p == nil && acked || e.Delivery == 0:
		return
	case p == nil:
		p = &unacked{schedule: s, call: call, judged: true}
		t.unacked[e.Delivery] = p
	default:
		if p.attempts == 1 {
			s.Repeated++
		}
		if p.ended != 0 && began != 0 {
			s.wait(p.attempts, time.Duration(began-p.ended))
		}
	}
	if acked {
		delete(t.unacked, e.Delivery)
		if c := t.calls[p.call]; c != nil && c.delivery == e.Delivery {
			c.failed, c.healed = false, true
		}
		return
	}
	p.attempts++
	p.ended = ended
	p.judged = p.judged && judged
	t.queue = append(t.queue, kept{t.now + int64(keep), e.Delivery, 0})
}

func (s *Schedule) wait(retry int, d time.Duration) {
	for len(s.Waits) < retry {
		s.Waits = append(s.Waits, Wait{Retry: len(s.Waits) + 1})
	}
	w := &s.Waits[retry-1]
	w.Seen.add(d)
	for i, p := range documentedWaits {
		if retry <= len(p) && d >= p[retry-1]-toleranceBefore && d <= p[retry-1]+p[retry-1]/10+toleranceBehind {
			w.within[i]++
		}
	}
}

// documentedWaits are the waits under both readings of the documents (PROTOCOL 5, row 2).
var documentedWaits = [2][]time.Duration{waitsOf("7"), waitsOf("6")}

func waitsOf(attempts string) []time.Duration {
	d := wire.Default()
	d.Attempts = attempts
	return delivery.PolicyOf(wire.V1, d).Waits
}

// pair compares the first attempt of a callback with that of the callback before it.
func (t *timing) pair(c *lately, e *recording.Exchange, began int64, at Place) {
	if c == nil {
		return
	}
	eventTime := gjson.GetBytes(e.Body, "EventTime").Int()
	if c.delivery != 0 {
		t.order.Pairs++
		if began != 0 && c.ended > began {
			t.order.Overlap.add(at)
		}
		switch {
		case c.failed && t.unacked[c.delivery] != nil:
			t.order.Passed.add(at)
		case c.healed:
			t.order.Waited.add(at)
		}
		if eventTime < c.eventTime {
			t.order.Back.add(at)
		}
	}
	c.eventTime = eventTime
}

func (t *timing) callOf(key uint64, id string) *lately {
	if id == "" {
		return nil
	}
	c := t.calls[key]
	if c == nil {
		c = new(lately)
		t.calls[key] = c
		t.queue = append(t.queue, kept{until: t.now + int64(keep), call: key})
	}
	return c
}

// land takes out what is no longer under way.
func (t *timing) land() {
	for len(t.running) > 0 && t.running[0].at <= t.now {
		if was := t.calls[heap.Pop(&t.running).(finish).call]; was != nil {
			was.running--
		}
	}
}

// fly counts what is under way when a request begins, it included.
func (t *timing) fly(at Place, began, ended int64, call uint64, c *lately) {
	if began == 0 {
		return
	}
	heap.Push(&t.running, finish{max(ended, began), call})
	if len(t.running) > t.inFlight.Max {
		t.inFlight.Max, t.inFlight.Place = len(t.running), &at
	}
	if c != nil {
		c.running++
		t.inFlight.PerCall = max(t.inFlight.PerCall, c.running)
	}
}

// delay takes the times that a callback says.
func (t *timing) delay(e *recording.Exchange) {
	unit, ended := time.Second, ""
	switch {
	case e.Generation == wire.V4:
		unit = time.Millisecond
		if e.Word == wire.AfterEndCall.String() {
			ended = "CallRecord.EndTime"
		}
	case !gjson.GetBytes(e.Body, "Event").Exists():
		ended = "EndTs"
	}
	event := gjson.GetBytes(e.Body, "EventTime")
	if event.Type != gjson.Number || event.Int() <= 0 {
		return
	}
	happened := time.Duration(event.Int()) * unit
	if !e.At.IsZero() {
		t.took(e.Generation.String(), "EventTime", "arrival", time.Duration(e.At.UnixNano())-happened)
	}
	if end := gjson.GetBytes(e.Body, ended); ended != "" && end.Int() > 0 {
		t.took(e.Word, ended, "EventTime", happened-time.Duration(end.Int())*time.Second)
	}
}

func (t *timing) took(word, from, to string, d time.Duration) {
	key := [3]string{word, from, to}
	s := t.delays[key]
	if s == nil {
		if len(t.delays) == 100 { // words that nobody knows
			return
		}
		s = new(Spread)
		t.delays[key] = s
	}
	s.add(d)
}

// forget drops what is older than a minute, or too much.
func (t *timing) forget() {
	n := 0
	for n < len(t.queue) && (t.queue[n].until <= t.now || len(t.queue)-n > maxKept) {
		t.drop(t.queue[n])
		n++
	}
	if n > 0 {
		t.queue = t.queue[n:]
	}
}

func (t *timing) drop(k kept) {
	if k.delivery == 0 {
		c := t.calls[k.call]
		switch {
		case c == nil:
		case c.at+int64(keep) > t.now && len(t.queue) <= maxKept, c.running > 0 && len(t.queue) <= maxKept:
			t.queue = append(t.queue, kept{until: max(c.at+int64(keep), t.now+1), call: k.call})
		default:
			delete(t.calls, k.call)
		}
		return
	}
	p := t.unacked[k.delivery]
	if p == nil || p.ended+int64(keep) > t.now && len(t.queue) <= maxKept {
		return // a later attempt has an entry of its own
	}
	delete(t.unacked, k.delivery)
	if p.judged && p.ended != 0 && p.ended+int64(keep) <= t.now {
		p.schedule.GivenUp[p.attempts]++
	}
}

// end forgets what is under way: another file is no sequel.
func (t *timing) end(*File) { t.forgetAll() }

func (t *timing) forgetAll() {
	t.unacked, t.calls, t.queue, t.running, t.now, t.joined = map[int64]*unacked{}, map[uint64]*lately{}, nil, nil, 0, 0
}

// section is the section of the report.
func (t *timing) section() *Timing {
	r := &Timing{Schedules: []*Schedule{}, Timeout: t.timeout, Patience: t.patience, Order: t.order, InFlight: t.inFlight, Delays: []Delay{}}
	for _, s := range []*Schedule{&t.v1, &t.v4} {
		if s.Callbacks > 0 {
			r.Schedules = append(r.Schedules, s.finished())
		}
	}
	for key, s := range t.delays {
		r.Delays = append(r.Delays, Delay{key[0], key[1], key[2], *s})
	}
	slices.SortFunc(r.Delays, func(a, b Delay) int {
		return slices.Compare([]string{a.To, a.Word, a.From}, []string{b.To, b.Word, b.From})
	})
	return r
}

// finished compares the waits with that reading of the documents which fits better.
func (s *Schedule) finished() *Schedule {
	done := *s
	done.Waits = slices.Clone(s.Waits)
	fit := [2]int64{}
	for i := range done.Waits {
		fit[0] += done.Waits[i].within[0]
		fit[1] += done.Waits[i].within[1]
	}
	reading := 0
	if fit[1] > fit[0] {
		reading = 1
	}
	for i := range done.Waits {
		w := &done.Waits[i]
		w.Within = w.within[reading]
		if p := documentedWaits[reading]; w.Retry <= len(p) {
			ms := p[w.Retry-1].Milliseconds()
			w.Documented = &ms
		}
	}
	if done.Waits == nil {
		done.Waits = []Wait{}
	}
	return &done
}

// nanos is 0 for a time that is not known.
func nanos(at time.Time) int64 {
	if at.IsZero() {
		return 0
	}
	return at.UnixNano()
}

// endOf is when the exchange had ended for the client, or 0.
func endOf(e *recording.Exchange) int64 {
	a := &e.Answer
	switch {
	case !a.Ended.IsZero():
		return a.Ended.UnixNano()
	case !a.At.IsZero():
		return a.At.UnixNano()
	case !e.At.IsZero() && a.Latency > 0:
		return e.At.Add(a.Latency).UnixNano()
	}
	return 0
}
