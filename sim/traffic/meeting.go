package traffic

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/draw"
)

// meeting is what the members of a team intend to do, with all times counted
// from its start.
type meeting struct {
	*team
	*Call
	task    *task
	members []member // the caller first
	extra   *Person  // may be invited during the meeting
	length  time.Duration
}

// member is one person's part in a meeting.
type member struct {
	*Person
	draws  callDraws
	away   bool
	joins  time.Duration // never: does not join
	late   bool          // joins uninvited, after the ring
	reject time.Duration
	leaves time.Duration
	out    time.Duration // leaves for a while, until back; never: stays
	back   time.Duration
	lost   time.Duration
}

func (s *team) meeting(e *task) *meeting {
	size := s.size(s.draw("size", e.key))
	order := rand.New(rand.NewPCG(draw.Key(s.seed, "members", e.key))).Perm(s.Members)
	m := &meeting{team: s, task: e, Call: &Call{
		Intent: e.Intent, Media: s.media(e.key), Kind: call.Group, CalleeIdle: true, Start: e.at, timeout: s.model.Ring.Timeout,
	}}
	for i, n := range order {
		who := s.person(int32(int(e.caller)*s.Members + n))
		if i == size {
			m.extra = who
			break
		}
		mb := member{Person: who, draws: callDraws{s.seed, e.key, uint64(i)}, joins: never, reject: never, out: never, lost: never}
		if i > 0 {
			m.invited(&mb)
		}
		m.members = append(m.members, mb)
	}
	m.Caller = m.members[0].Person
	for i := range m.members[1:] {
		m.Callees = append(m.Callees, m.members[i+1].Person)
	}
	m.makeLate()
	m.scheduleLeaving()
	return m
}

// invited draws how a member reacts to the ring, with times from the invitation.
func (m *meeting) invited(mb *member) {
	if mb.away = mb.draws.happens(m.model.Ring.Unreachable, "reach"); mb.away {
		return
	}
	answer, reject := m.u(mb.draws)
	if answer < m.timeout {
		mb.joins = answer
	} else if reject < m.timeout {
		mb.reject = reject
	}
}

// makeLate makes one of those who would answer miss the ring and join later, if
// someone else answers.
func (m *meeting) makeLate() {
	draws := m.draws(m.task)
	var come []*member
	for i := range m.members {
		if m.members[i].joins != never {
			come = append(come, &m.members[i])
		}
	}
	if len(come) < 2 || !draws.happens(m.lateness(len(m.members)), "late") {
		return
	}
	mb := come[int(float64(len(come))*draws.float("who is late"))]
	mb.late, mb.joins = true, m.timeout+draws.duration(m.LateBy, "late by")
}

// firstAnswer returns when the first member answers, or never.
func (m *meeting) firstAnswer() time.Duration {
	first := never
	for i := range m.members {
		first = min(first, m.members[i].joins)
	}
	return first
}

// scheduleLeaving draws when each member leaves.
func (m *meeting) scheduleLeaving() {
	begins := m.firstAnswer()
	if begins == never {
		return
	}
	draws := m.draws(m.task)
	m.length = ms(m.team.Partition.length(m.Media, draws, m.task.caller))
	if draws.happens(m.Overrun, "overrun") {
		m.length += draws.duration(m.OverrunBy, "overrun by")
	}
	host := &m.members[0]
	host.joins, host.leaves = begins, begins+m.length
	host.lost = begins + m.loss(host.draws)
	for i := range m.members[1:] {
		m.scheduleStay(&m.members[i+1], begins)
	}
	m.rejoin(draws)
	m.scheduleInvite(draws)
}

// scheduleStay draws how long a member stays.
func (m *meeting) scheduleStay(mb *member, begins time.Duration) {
	if mb.joins == never {
		return
	}
	host := m.members[0].leaves
	mb.leaves = host + time.Duration(mb.draws.float("linger")*float64(m.Linger))
	part := mb.draws.float("part")
	switch u := mb.draws.float("leave"); {
	case u < m.Early:
		part *= 0.3
	case u < m.Early+m.Sooner:
		part = 0.3 + 0.7*part
	default:
		part = 1
	}
	if at := begins + time.Duration(part*float64(m.length)); part < 1 && at > mb.joins {
		mb.leaves = at
	}
	if mb.late && mb.joins >= host {
		mb.joins = never
		return
	}
	mb.leaves = max(mb.leaves, mb.joins+time.Millisecond)
	mb.lost = mb.joins + m.loss(mb.draws)
}

// rejoin makes a member leave for a while.
func (m *meeting) rejoin(draws callDraws) {
	var in []*member
	for i := range m.members[1:] {
		if m.members[i+1].joins != never {
			in = append(in, &m.members[i+1])
		}
	}
	if len(in) == 0 || !draws.happens(m.Rejoin, "rejoin") {
		return
	}
	mb := in[int(float64(len(in))*draws.float("who rejoins"))]
	out := mb.joins + ms(time.Duration(draws.float("out")*float64(mb.leaves-mb.joins)))
	if back := out + ms(draws.duration(m.RejoinBy, "rejoin by")); back < mb.leaves && (mb.lost < out || mb.lost > back) {
		mb.out, mb.back = out, back
	}
}

// scheduleInvite makes the caller invite one more person during the meeting.
func (m *meeting) scheduleInvite(draws callDraws) {
	host := &m.members[0]
	at := host.joins + time.Duration((0.1+0.5*draws.float("invite at"))*float64(m.length))
	if m.extra == nil || at >= host.lost || !draws.happens(m.Invite, "invite") {
		return
	}
	m.plan = append(m.plan, call.Step{After: call.Span(at), Action: call.Action{Do: call.DoInvite, By: host.ID, Users: []string{m.extra.ID}}})
	mb := member{
		Person: m.extra, draws: callDraws{m.seed, m.task.key, uint64(len(m.members))}, joins: never, reject: never, out: never, lost: never,
	}
	m.invited(&mb)
	if mb.away = false; mb.joins != never { // an invitation by a step reaches everyone
		mb.joins += at
		m.scheduleStay(&mb, host.joins)
	} else if mb.reject != never {
		mb.reject += at
	}
	m.members = append(m.members, mb)
}

// steps returns what the members do, ordered by time; with losses, lost lines
// included.
func (m *meeting) steps(losses bool) []call.Step {
	plan := slices.Clone(m.plan)
	add := func(mb *member, at time.Duration, do call.Verb) {
		if at != never && (!losses || at < mb.lost) {
			plan = append(plan, call.Step{After: call.Span(at), Action: call.Action{Do: do, By: mb.ID}})
		}
	}
	for i := range m.members {
		mb := &m.members[i]
		if i > 0 {
			how := call.DoAccept
			if mb.late {
				how = call.DoJoin
			}
			add(mb, mb.joins, how)
			add(mb, mb.reject, call.DoReject)
		}
		if mb.joins == never {
			continue
		}
		if mb.out != never {
			add(mb, mb.out, call.DoHangUp)
			add(mb, mb.back, call.DoJoin)
		}
		add(mb, mb.leaves, call.DoHangUp)
		if losses && mb.lost < mb.leaves {
			how := call.DoLoseLine
			if mb.draws.happens(m.model.Talk.Silent, "silent") {
				how = call.DoPullBattery
			}
			plan = append(plan, call.Step{After: call.Span(mb.lost), Action: call.Action{Do: how, By: mb.ID}})
		}
	}
	for i := range plan {
		plan[i].After = call.Span(divideDown(time.Duration(plan[i].After), m.compression()))
	}
	slices.SortStableFunc(plan, func(a, b call.Step) int { return cmp.Compare(a.After, b.After) })
	return plan
}

// compression returns the factor by which a meeting's times are divided. A step
// that then comes too early, like a latecomer's while the phones still ring, is
// refused by the engine and does not happen.
func (m *meeting) compression() float64 {
	if m.constantRate == nil {
		return 1
	}
	return m.constantRate.compress
}
