package traffic

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"

	"ringback/sim/call"
	"ringback/sim/draw"
)

// meeting is what the members of a team mean to do, all times from its start.
type meeting struct {
	*team
	*Call
	entry   *entry
	members []member // the caller first
	spare   *Person  // who is not invited at first
	length  time.Duration
}

// member is one of them.
type member struct {
	*Person
	luck   chance
	away   bool
	joins  time.Duration // never: he does not
	late   bool          // by himself, after the ring
	reject time.Duration
	leaves time.Duration
	out    time.Duration // in between, until back; never: he does not go
	back   time.Duration
	lost   time.Duration
}

func (s *team) meeting(e *entry) *meeting {
	size := s.size(s.draw("size", e.key))
	order := rand.New(rand.NewPCG(draw.Key(s.seed, "members", e.key))).Perm(s.Members)
	m := &meeting{team: s, entry: e, Call: &Call{
		Wish: e.Wish, Media: s.media(e.key), Kind: call.Group, CalleeIdle: true, Start: e.at, timeout: s.model.Ring.Timeout,
	}}
	for i, n := range order {
		who := s.person(int32(int(e.caller)*s.Members + n))
		if i == size {
			m.spare = who
			break
		}
		mb := member{Person: who, luck: chance{s.seed, e.key, uint64(i)}, joins: never, reject: never, out: never, lost: never}
		if i > 0 {
			m.invited(&mb)
		}
		m.members = append(m.members, mb)
	}
	m.Caller = m.members[0].Person
	for i := range m.members[1:] {
		m.Callees = append(m.Callees, m.members[i+1].Person)
	}
	m.tardy()
	m.part()
	return m
}

// invited is what a member does whose phone rings, from the invitation on.
func (m *meeting) invited(mb *member) {
	if mb.away = mb.luck.under(m.model.Ring.Unreachable, "reach"); mb.away {
		return
	}
	answer, reject := m.mood(mb.luck)
	if answer < m.timeout {
		mb.joins = answer
	} else if reject < m.timeout {
		mb.reject = reject
	}
}

// tardy lets one of those who would answer miss the ring and join later, if
// there is somebody else to begin with.
func (m *meeting) tardy() {
	luck := m.chance(m.entry)
	var come []*member
	for i := range m.members {
		if m.members[i].joins != never {
			come = append(come, &m.members[i])
		}
	}
	if len(come) < 2 || !luck.under(m.lateness(len(m.members)), "late") {
		return
	}
	mb := come[int(float64(len(come))*luck.float("who is late"))]
	mb.late, mb.joins = true, m.timeout+luck.law(m.LateBy, "late by")
}

// begins is when the first one answers, or never.
func (m *meeting) begins() time.Duration {
	first := never
	for i := range m.members {
		first = min(first, m.members[i].joins)
	}
	return first
}

// part says when everybody leaves.
func (m *meeting) part() {
	begins := m.begins()
	if begins == never {
		return
	}
	luck := m.chance(m.entry)
	m.length = ms(m.Partition.length(m.Media, luck, m.entry.caller))
	if luck.under(m.Overrun, "overrun") {
		m.length += luck.law(m.OverrunBy, "overrun by")
	}
	host := &m.members[0]
	host.joins, host.leaves = begins, begins+m.length
	host.lost = begins + m.loss(host.luck)
	for i := range m.members[1:] {
		m.stay(&m.members[i+1], begins)
	}
	m.rejoin(luck)
	m.ask(luck)
}

// stay says how long a member does.
func (m *meeting) stay(mb *member, begins time.Duration) {
	if mb.joins == never {
		return
	}
	host := m.members[0].leaves
	mb.leaves = host + time.Duration(mb.luck.float("linger")*float64(m.Linger))
	part := mb.luck.float("part")
	switch u := mb.luck.float("leave"); {
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
	mb.lost = mb.joins + m.loss(mb.luck)
}

// rejoin lets somebody leave for a moment.
func (m *meeting) rejoin(luck chance) {
	var in []*member
	for i := range m.members[1:] {
		if m.members[i+1].joins != never {
			in = append(in, &m.members[i+1])
		}
	}
	if len(in) == 0 || !luck.under(m.Rejoin, "rejoin") {
		return
	}
	mb := in[int(float64(len(in))*luck.float("who rejoins"))]
	out := mb.joins + ms(time.Duration(luck.float("out")*float64(mb.leaves-mb.joins)))
	if back := out + ms(luck.law(m.RejoinBy, "rejoin by")); back < mb.leaves && (mb.lost < out || mb.lost > back) {
		mb.out, mb.back = out, back
	}
}

// ask lets the caller invite one more on the way.
func (m *meeting) ask(luck chance) {
	host := &m.members[0]
	at := host.joins + time.Duration((0.1+0.5*luck.float("invite at"))*float64(m.length))
	if m.spare == nil || at >= host.lost || !luck.under(m.Invite, "invite") {
		return
	}
	m.plan = append(m.plan, call.Step{After: call.Span(at), Action: call.Action{Do: call.DoInvite, By: host.ID, Users: []string{m.spare.ID}}})
	mb := member{
		Person: m.spare, luck: chance{m.seed, m.entry.key, uint64(len(m.members))}, joins: never, reject: never, out: never, lost: never,
	}
	m.invited(&mb)
	if mb.away = false; mb.joins != never { // a plan's invitation reaches everybody
		mb.joins += at
		m.stay(&mb, host.joins)
	} else if mb.reject != never {
		mb.reject += at
	}
	m.members = append(m.members, mb)
}

// steps are what the members do, in order of time. Without losses it is what
// they meant to do.
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
			if mb.luck.under(m.model.Talk.Silent, "silent") {
				how = call.DoPullBattery
			}
			plan = append(plan, call.Step{After: call.Span(mb.lost), Action: call.Action{Do: how, By: mb.ID}})
		}
	}
	for i := range plan {
		plan[i].After = call.Span(sooner(time.Duration(plan[i].After), m.times()))
	}
	slices.SortStableFunc(plan, func(a, b call.Step) int { return cmp.Compare(a.After, b.After) })
	return plan
}

// times is how much faster than it was drawn a meeting is held. What then comes
// before its time, like latecomers while the phones still ring, does not come.
func (m *meeting) times() float64 {
	if m.even == nil {
		return 1
	}
	return m.even.compress
}
