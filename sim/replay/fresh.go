package replay

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/outbox"
	"ringback/sim/wire"
)

// Fresh makes new calls of those in a journal: with the ids that they would have in
// another run, at another time. Everything else is unchanged, also which callbacks belong
// together, and their order.
type Fresh struct {
	Token string       // of the run that is to be in the ids
	Epoch call.Instant // when the first callback is made; cut to a whole second
	App   uint32       // of all calls; 0: as it was
}

// renewal changes the ids and times of a recording. Its zero value changes nothing.
type renewal struct {
	seed       uint64
	was, token string
	form       string        // of CallIds, as the dialect key call_id has it; "": as it was
	by         time.Duration // whole seconds
	app        uint32        // 0: as it was
}

func newRenewal(r *Recording, f *Fresh, form string) renewal {
	if f == nil {
		return renewal{}
	}
	second := func(at call.Instant) call.Instant { return at - at%1000 }
	return renewal{seed: r.Run.Seed, was: r.Run.Token, token: f.Token, form: form, by: second(f.Epoch).Sub(second(r.First)), app: f.App}
}

// id returns the new id of a call, unique to it: the id of the n-th call of another run,
// in the old form unless the dialect says otherwise or, if the run did not make the old
// one, a hash of that.
func (n renewal) id(was string, number uint64) string {
	if n.was == n.token {
		return was
	}
	then, now := &journal.Run{Seed: n.seed, Token: n.was}, &journal.Run{Seed: n.seed, Token: n.token}
	if !sim.IsCallID(then, was, number) {
		return sim.ForeignID(now, was)
	}
	if readable := was == sim.ReadableID(n.was, number); n.form == "readable" || n.form == "" && readable {
		return sim.ReadableID(n.token, number)
	}
	return sim.CallID(now, wire.Default(), number)
}

// room returns the new room of the n-th call, unless the old one was chosen by a person.
func (n renewal) room(was string, number uint64) string {
	if n.was != n.token && (was == sim.RoomID(n.seed, n.was, number) || was == firstEditionRoom(n.was, number)) {
		return sim.RoomID(n.seed, n.token, number)
	}
	return was
}

// firstEditionRoom returns the room of a run's n-th call in the first edition: five
// digits for the run's token, five for the call.
func firstEditionRoom(token string, n uint64) string {
	h := fnv.New32a()
	h.Write([]byte(token))
	return strconv.FormatUint(uint64(10_000+h.Sum32()%32_000)*100_000+n%100_000, 10)
}

// appOf is the new app of what belongs to one.
func (n renewal) appOf(was uint32) uint32 { return cmp.Or(n.app, was) }

// time returns the new time of an instant; one that is not set stays so.
func (n renewal) time(at call.Instant) call.Instant {
	if at == 0 {
		return 0
	}
	return at.Add(n.by)
}

func (n renewal) fact(f *journal.Fact) *journal.Fact {
	if f.Setup == nil {
		return f
	}
	again, setup := *f, *f.Setup
	setup.Room, setup.App = n.room(setup.Room, setup.Number), n.appOf(setup.App)
	again.Setup = &setup
	return &again
}

// request returns a callback as it is sent to an address now.
func (n renewal) request(s *shot, to *delivery.Endpoint, sorted bool) *delivery.Request {
	query, body, contentType := s.query, s.was.Request.Body(), delivery.ContentType
	if n != (renewal{}) {
		c := s.call
		r := wire.Renewal{
			WasCall: c.ID, Call: n.id(c.ID, c.Number), WasRoom: c.Room, Room: n.room(c.Room, c.Number), By: n.by, WasApp: c.App, App: n.appOf(c.App),
		}
		query, body = wire.Without(wire.Unsigned(r.Query(query)), outbox.RequestKey), r.Body(s.was.Generation, body)
		if sorted && len(query) > 0 {
			query = outbox.AppendRequestID(query, &journal.Run{Seed: n.seed, Token: n.token}, cmp.Or(s.callback.CopyOf, s.callback.Delivery))
		}
	}
	if h := s.callback.Faults; h != nil {
		contentType = cmp.Or(h.ContentType, contentType)
	}
	if sorted {
		return delivery.FreezeSorted(to, contentType, query, body)
	}
	return delivery.FreezeAs(to, contentType, query, body)
}

func (n renewal) savedCall(s *journal.SavedCall) *journal.SavedCall {
	again := *s
	c := &again.State
	c.Room, c.App, c.Members = n.room(c.Room, c.Number), n.appOf(c.App), slices.Clone(c.Members)
	for _, at := range []*call.Instant{&c.StartAt, &c.AcceptAt, &c.EndAt, &again.LastEventTime} {
		*at = n.time(*at)
	}
	for i := range c.Members {
		m := &c.Members[i]
		m.Since, m.SilentAt = n.time(m.Since), n.time(m.SilentAt)
	}
	return &again
}

// header returns the header of the run that sends the recording again.
func (n renewal) header(was journal.Run) journal.Run {
	if n != (renewal{}) {
		was.Token, was.Epoch = n.token, n.time(was.Epoch)
	}
	return was
}
