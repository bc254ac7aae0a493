package calibrate

import (
	"fmt"
	"maps"
	"slices"

	"ringback/sim/recording"
	"ringback/sim/wire"
)

func (k *keys) add(f *File, e *recording.Exchange) {
	if k.segment == nil || k.segment.joined != e.Joined {
		if k.segment != nil {
			k.close(f)
		}
		k.segment = newSegment(f, e, k.last+1)
	}
	s := k.segment
	s.number(e.N)
	k.last = max(k.last, e.N)
	at := Place{f.Name, e.Line}
	if e.Generation == 0 {
		if likeCallback(e) {
			s.strange.add(at)
		}
		return
	}
	if e.Cut > 0 || e.Unfinished || e.Answer.Cut > 0 {
		s.cut.add(at)
		return
	}
	if f.Exact && !exact(e) {
		s.edited.add(at)
		return
	}
	b, ok := readBody(e)
	if !ok {
		s.broken.add(at)
		return
	}
	c, t, first := s.attempt(e, b.at, at)
	k.attempted(f, c, t, e, at)
	if !first {
		return
	}
	s.seen(e.Word, e)
	s.enter(c, b.room, at)
	k.common(e, at)
	if e.Generation == wire.V1 {
		k.v1(c, e, b, at)
	} else {
		k.v4(c, e, b, at)
	}
	s.evict(k.judge)
}

func (k *keys) end(f *File) {
	if k.segment != nil {
		k.close(f)
	}
	k.segment, k.last = nil, 0
}

// close ends a segment: what is missing in it is evidence now, or is not.
func (k *keys) close(f *File) {
	s := k.segment
	s.drain(k.judge)
	doubts := s.doubts(f, k.Whole)
	k.doubts = append(k.doubts, doubts...)
	waiting := s.waiting
	s.waiting = nil
	for _, a := range waiting {
		s.absent(a)
	}
	for _, a := range s.waiting {
		k.tallies[a.key].doubt(a.set, a.at, "no "+a.needs.word+" came after the call")
	}
	for _, a := range slices.SortedFunc(maps.Keys(s.absences), absentee.compare) {
		t, m := &k.tallies[a.key], s.absences[a]
		lacking := s.lacks(a.word)
		switch {
		case len(doubts) > 0:
			t.doubts(a.set, m, doubts[0].Text)
		case a.like != "" && s.controls.usual[a.like] == 0:
			t.doubts(a.set, m, "no call that ended as "+a.like+" otherwise shows that its last MemberChanged comes")
		case lacking.n > 0:
			t.doubts(a.set, m, fmt.Sprintf("other calls lack a callback that they should have (%s)", lacking.at))
		case s.rare(a.word):
			t.doubts(a.set, m, fmt.Sprintf("fewer than %d other calls show that %s comes where it should", minControls, a.word))
		default:
			t.absent[a.set].join(m)
		}
	}
}

// judge is what a call shows that is over.
func (k *keys) judge(c *callState) {
	k.judgeAttempts(c)
	if !c.several {
		k.judgeV1(c)
		k.judgeV4(c)
	}
}

// findings are what is found about each key, in the order of [wire.Keys].
func (k *keys) findings() (list []Finding) {
	for i := range k.tallies {
		t := &k.tallies[i]
		list = append(list, t.finding(t.key.Name == v4AckKey && !k.retriesV4()))
	}
	return list
}
