package calibrate

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"

	"ringback/sim/delivery"
	"ringback/sim/recording"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// What is missing is evidence only if it would have come by now. Times are by the clock
// of the service, as the EventTimes of its callbacks show it: the simulator's may run
// faster than ours.
const (
	// margin is how long the traffic goes on after a call, in milliseconds, before what
	// the call lacks is missing. The longest wait of the schedule is 5 s.
	margin = 60_000
	// maxWait is how long a retry may wait for its turn.
	maxWait = 5_000
	// maxTalk is how long nothing may come of a call that has not ended: people talk.
	maxTalk = 12 * 3600_000
	// maxCalls is how many calls are kept at once.
	maxCalls = 50_000
)

// segment is traffic without an interruption that is known: a file, or one of the
// recordings in it.
type segment struct {
	joined              int
	numbered            bool  // see [File]
	first, last, amount int64 // numbers of its exchanges: the first that should be there, the last that is, and how many are
	begin               int64 // the EventTime of the first callback
	tops                [2]struct {
		call *callState
		at   int64
	} // the latest EventTimes of two calls

	calls map[string]*callState
	queue []*callState // in the order in which they are to be looked at
	gone  map[uint64]struct{}
	seed  maphash.Seed
	words map[appWord]*span

	absences map[absentee]*mark // those that would have come
	waiting  []absence          // those whose word must come once more
	controls controls

	backwards, cut, edited, broken, acked, late, rooms, strange mark
}

type appWord struct {
	app  string
	word string
}

// span is where in a segment a word came first and last.
type span struct{ first, last int64 }

// controls counts the calls that have what all dialects send, and those that lack it.
type controls struct {
	noStart, noChange, noEnd, noStatus mark             // calls that lack it
	starts, changes                    int64            // calls that have it
	usual                              map[string]int64 // v4 calls whose last MemberChanged says why they ended, by result
}

// absence is something that is missing in a call: it shows a choice if it would have
// come.
type absence struct {
	choice
	at    Place
	needs appWord // that must come after the call's last exchange; may be empty
	last  int64
	like  string // calls that ended so must show how they usually do; may be empty
}

// absentee is what absences have in common.
type absentee struct {
	choice
	word, like string
}

func (a absentee) compare(b absentee) int {
	return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.set, b.set), cmp.Compare(a.word, b.word), cmp.Compare(a.like, b.like))
}

// absent takes in an absence.
func (s *segment) absent(a absence) {
	if p := s.words[a.needs]; a.needs != (appWord{}) && p.last <= a.last {
		s.waiting = append(s.waiting, a)
		return
	}
	key := absentee{a.choice, a.needs.word, a.like}
	if s.absences[key] == nil {
		s.absences[key] = new(mark)
	}
	s.absences[key].add(a.at)
}

// newSegment makes a segment of which an exchange is the first that is there, while next
// should be.
func newSegment(f *File, e *recording.Exchange, next int64) *segment {
	return &segment{
		joined: e.Joined, numbered: f.Numbered, first: next, last: next - 1, calls: map[string]*callState{}, gone: map[uint64]struct{}{},
		seed: maphash.MakeSeed(), words: map[appWord]*span{}, absences: map[absentee]*mark{}, controls: controls{usual: map[string]int64{}},
	}
}

func (s *segment) number(n int64) {
	s.last = max(s.last, n)
	s.amount++
}

// doubts is why what is missing in the segment is no evidence; empty if it is.
func (s *segment) doubts(f *File, whole bool) (list []Doubt) {
	doubt := func(at Place, format string, args ...any) {
		list = append(list, Doubt{Text: f.Name + ": " + fmt.Sprintf(format, args...), Place: at})
	}
	begin := Place{f.Name, 1}
	switch missing := max(s.last-s.first+1-s.amount, f.Missing); {
	case missing > 0:
		doubt(begin, "%s missing", are(missing, "exchange"))
	case !s.numbered && !whole:
		doubt(begin, "its exchanges have no numbers, so that missing ones do not show; --whole says that it has all")
	}
	for _, m := range []struct {
		mark
		text string
	}{
		{s.backwards, "the clock of the service goes back: two backends, or two runs, in one file?"},
		{s.edited, "the request or answer is not as long as its head says: edited?"},
		{s.broken, "the body of the callback is no JSON object"},
		{s.strange, "the request has the body of a callback, but not its URL"},
		{s.cut, "the request or answer is not in the file as a whole"},
		{s.rooms, "the call has another room than before: two calls with one CallId?"},
		{s.late, "a callback came minutes after its call"},
	} {
		if m.n > 0 {
			doubt(m.at, "%s (%s)", m.text, text.Count(m.n, "exchange"))
		}
	}
	return list
}

func are(n int64, what string) string {
	if n == 1 {
		return text.Count(n, what) + " is"
	}
	return text.Count(n, what) + " are"
}

// maxDeliveries is how many deliveries of a call are looked at at once.
const maxDeliveries = 256

// attempt takes in a callback: the call, the delivery's attempts without this one, and
// whether it is the first that was seen.
func (s *segment) attempt(e *recording.Exchange, eventTime int64, at Place) (c *callState, t *tries, first bool) {
	c = s.calls[e.Call]
	isNew := c == nil
	if isNew {
		c = &callState{id: e.Call, app: e.App, first: e.N, at: at}
		if e.Call != "" { // what has no CallId belongs to nothing
			s.track(c, at)
		}
	}
	c.first, c.last = min(c.first, e.N), max(c.last, e.N)
	for i := range c.deliveries {
		if d := &c.deliveries[i]; d.delivery == e.Delivery && e.Delivery != 0 {
			t = d
		}
	}
	if first = t == nil; first {
		if len(c.deliveries) >= maxDeliveries {
			c.deliveries = slices.DeleteFunc(c.deliveries, func(t tries) bool { return t.last == acked })
		}
		if len(c.deliveries) < maxDeliveries {
			c.deliveries = append(c.deliveries, tries{})
		}
		t = &c.deliveries[len(c.deliveries)-1]
		*t = tries{delivery: e.Delivery, at: at, v4: e.Generation == wire.V4, whole: e.Delivery == e.N, begin: eventTime}
		s.clock(c, isNew && t.whole, eventTime, at)
	}
	c.until = max(c.until, s.tops[0].at, t.begin+c.failed)
	return c, t, first
}

func (s *segment) track(c *callState, at Place) {
	if _, was := s.gone[s.hash(c.id)]; was {
		s.late.add(at)
	}
	s.calls[c.id] = c
	s.queue = append(s.queue, c)
}

// clock takes in the time of a new callback.
func (s *segment) clock(c *callState, isNew bool, at int64, place Place) {
	if at <= 0 {
		return
	}
	if s.begin == 0 {
		s.begin = at
	}
	if isNew && at+margin < s.tops[1].at {
		s.backwards.add(place)
	}
	if c.begin == 0 || at < c.begin {
		c.begin = at
	}
	c.until = max(c.until, at)
	switch a, b := &s.tops[0], &s.tops[1]; {
	case a.call == c:
		a.at = max(a.at, at)
	case at >= a.at:
		*b = *a
		a.call, a.at = c, at
	case b.call == c:
		b.at = max(b.at, at)
	case at >= b.at:
		b.call, b.at = c, at
	}
}

// seen notes that a word came.
func (s *segment) seen(w string, e *recording.Exchange) {
	key := appWord{e.App, w}
	p := s.words[key]
	if p == nil {
		p = &span{first: e.N}
		s.words[key] = p
	}
	p.first, p.last = min(p.first, e.N), max(p.last, e.N)
}

// enter notes the room of a call. One call has one.
func (s *segment) enter(c *callState, room string, at Place) {
	switch {
	case room == "" || c.room == room:
	case c.room == "":
		c.room = room
	case !c.several:
		c.several = true
		s.rooms.add(at)
	}
}

// followed reports whether the traffic went on long enough after a call.
func (s *segment) followed(c *callState) bool { return s.tops[1].at > c.until+margin }

// within reports whether a call, or a delivery of it, began when the segment was under
// way already.
func (s *segment) within(begin int64) bool { return s.begin > 0 && begin > s.begin+margin }

func (s *segment) hash(id string) uint64 { return maphash.String(s.seed, id) }

// evict looks at some calls, and forgets those that are over, or if there are too many the
// one of which nothing came for the longest time.
func (s *segment) evict(judge func(*callState)) {
	const some = 2
	if len(s.queue) > maxCalls+some {
		few := s.queue[:8*some]
		slices.SortFunc(few, func(a, b *callState) int { return cmp.Compare(a.until, b.until) })
		s.forget(few[0], judge)
		s.queue = s.queue[1:]
	}
	for range min(some, len(s.queue)) {
		c := s.queue[0]
		s.queue = s.queue[1:]
		more := int64(3 * margin)
		if !c.ended() {
			more = maxTalk
		}
		if s.tops[1].at > c.until+more {
			s.forget(c, judge)
		} else {
			s.queue = append(s.queue, c)
		}
	}
}

func (s *segment) forget(c *callState, judge func(*callState)) {
	judge(c)
	delete(s.calls, c.id)
	s.gone[s.hash(c.id)] = struct{}{}
}

func (s *segment) drain(judge func(*callState)) {
	for _, c := range s.queue {
		s.forget(c, judge)
	}
	s.queue = nil
}

// minControls is how many calls must have a v4 word that they should have.
const minControls = 3

// rare reports whether few calls show that a word comes where it should.
func (s *segment) rare(word string) bool {
	switch word {
	case wire.AfterStartCall.String():
		return s.controls.starts < minControls
	case wire.AfterMemberChanged.String():
		return s.controls.changes < minControls
	}
	return false
}

// lacks is a call that lacks a callback which it should have: the word, or the end. Then
// no absence of the word is evidence.
func (s *segment) lacks(word string) (m mark) {
	switch word {
	case wire.AfterStartCall.String():
		m = s.controls.noStart
		m.join(&s.controls.noEnd)
	case wire.AfterMemberChanged.String():
		m = s.controls.noChange
		m.join(&s.controls.noEnd)
	case wire.StatusNormalEnd.String():
		m = s.controls.noStatus
	}
	return m
}

// judgeAnswer is what the answer to an exchange is for the sender.
func judgeAnswer(e *recording.Exchange) verdict {
	a := delivery.Answer{Status: e.Answer.Status(), Connected: true, Body: e.Answer.Body}
	switch e.Answer.Outcome {
	case recording.Answered:
		if a.Status == 0 {
			return unclear
		}
	case recording.Unknown, recording.Lost, recording.Tunnel:
		return unclear
	default:
		return failed
	}
	if e.Generation == wire.V1 {
		if delivery.Judge(delivery.V1, &a).Acked() {
			return acked
		}
		return failed
	}
	switch v := delivery.Judge(delivery.V4Strict, &a); {
	case v.Acked():
		return acked
	case a.Status != 200:
		return failed
	case v.LacksInfo():
		return unclear
	}
	return softly
}
