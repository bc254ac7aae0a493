package calibrate_test

import (
	"cmp"
	"container/heap"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ringback/fixtures/harness"
	"ringback/sim"
	"ringback/sim/calibrate"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

var epoch = harness.Epoch

// traffic is how a plan is played.
type traffic struct {
	dialect *wire.Dialect
	seed    uint64
	app     uint32
	from    call.Instant  // when the first call is placed
	every   time.Duration // how long until the next one
	order   sim.Order
	pace    int64       // how much faster than ours the service's clock is; 0: as fast
	words   []wire.Word // that are subscribed; nil: all
	faults  []string
}

// recorded is what a recorder in front of the receiver has of it.
type recorded struct {
	exchanges []*recording.Exchange
	deeds     map[string]calibrate.Deed
}

type future struct {
	at call.Instant
	n  int
	do func()
}

type futures []future

func (f futures) Len() int { return len(f) }
func (f futures) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(f[i].at, f[j].at), cmp.Compare(f[i].n, f[j].n)) < 0
}
func (f futures) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *futures) Push(x any)   { *f = append(*f, x.(future)) }
func (f *futures) Pop() any {
	last := (*f)[len(*f)-1]
	*f = (*f)[:len(*f)-1]
	return last
}

// player plays a plan without a network.
type player struct {
	t        testing.TB
	traffic  traffic
	engine   *sim.Engine
	now      call.Instant
	due      futures
	n        int
	lines    int
	answers  map[uint64]answers // by the number of the call
	known    recording.Deliveries
	recorded recorded
}

func play(t testing.TB, tr traffic, plan []planned) recorded {
	t.Helper()
	p := &player{t: t, traffic: tr, now: tr.from, answers: map[uint64]answers{}, recorded: recorded{deeds: map[string]calibrate.Deed{}}}
	p.engine = sim.New(sim.Config{
		Run: journal.Run{Version: "test", Seed: tr.seed, Epoch: tr.from, Token: "test"}, Dialect: tr.dialect, Order: tr.order, Keep: journal.Keep,
	})
	p.engine.Begin()
	to := harness.Endpoint(t, "http://127.0.0.1:3000/callback?token=hush&Zone=1")
	words := tr.words
	if words == nil {
		words = wire.AllWords()
	}
	p.step(sim.Register{App: tr.app, Generation: wire.V1, Endpoint: to, Words: words})
	p.step(sim.SetFaults{On: tr.faults})
	for i, c := range plan {
		p.at(tr.from.Add(time.Duration(i)*tr.every), func() {
			p.answers[uint64(i+1)] = c.answers
			c.setup.App = tr.app
			id := p.step(sim.Place{Setup: c.setup, Generation: c.gen, Plan: c.steps})
			if c.deed != "" {
				p.recorded.deeds[id] = c.deed
			}
		})
	}
	for {
		next, ok := p.engine.Next()
		switch {
		case len(p.due) > 0 && (!ok || p.due[0].at <= next):
			f := heap.Pop(&p.due).(future)
			p.now = f.at
			f.do()
		case ok:
			p.now = next
			p.step(sim.Tick{})
		default:
			return p.recorded
		}
	}
}

func (p *player) at(at call.Instant, do func()) {
	p.n++
	heap.Push(&p.due, future{at, p.n, do})
}

func (p *player) step(in sim.Input) (placed string) {
	effects, err := p.engine.Step(p.now, in)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := range effects {
		if s := effects[i].Send; s != nil {
			p.send(*s)
		}
	}
	return sim.Placed(effects)
}

// send makes an attempt, whose exchange a recorder writes down.
func (p *player) send(s sim.Send) {
	reply := good
	if a := p.answers[s.Call]; a != nil {
		reply = a(s.Attempt)
	}
	raw, body := s.Request.Bytes(), s.Request.Body()
	e := &recording.Exchange{
		N: int64(len(p.recorded.exchanges) + 1), Line: p.line(), At: p.wall(p.now).Add(time.Duration(p.lines) * time.Microsecond), Source: "10.0.0.9:40112", Conn: 1,
		Head: slices.Clone(raw[:len(raw)-len(body)]), Body: slices.Clone(body),
	}
	e.Callback = e.Recognize()
	e.Delivery = p.known.First(e)
	took, answer := reply.answer(s.Word.Generation())
	e.Answer = answer
	e.Answer.Latency = p.wall(p.now.Add(took)).Sub(p.wall(p.now))
	p.recorded.exchanges = append(p.recorded.exchanges, e)
	outcome := &delivery.Answer{Connected: true, Status: e.Answer.Status(), Body: e.Answer.Body}
	switch reply {
	case closed:
		outcome.Failure = delivery.Closed
	case timeout:
		outcome.Failure = delivery.TimedOut
	}
	p.at(p.now.Add(took), func() {
		e.Answer.Line = p.line()
		e.Answer.Latency += time.Duration(e.Answer.Line-e.Line) * time.Microsecond
		e.Answer.At = e.At.Add(e.Answer.Latency)
		e.Answer.Ended = e.Answer.At
		p.step(sim.Answered{Delivery: s.Delivery, Attempt: s.Attempt, Answer: outcome})
	})
}

// line is the number of the recording's next line. Each takes a microsecond.
func (p *player) line() int {
	p.lines++
	return p.lines
}

// wall is our time of a time of the service.
func (p *player) wall(at call.Instant) time.Time {
	d := at.Sub(p.traffic.from)
	return epoch.Time().Add(d / time.Duration(max(1, p.traffic.pace)))
}

func (r reply) answer(g wire.Generation) (took time.Duration, a recording.Answer) {
	a.Outcome = recording.Answered
	status, body := "200 OK", `{"ErrorCode":0,"ErrorMessage":"Success"}`
	if g == wire.V4 {
		body = `{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}`
	}
	switch r {
	case broken:
		status, body = "500 Internal Server Error", "sorry"
	case softly:
		body = `{"ErrorCode":1,"ErrorMessage":"no"}`
		if g == wire.V4 {
			body = `{"ActionStatus":"FAIL","ErrorInfo":"no","ErrorCode":1}`
		}
	case closed:
		return 1, recording.Answer{Outcome: recording.Failed(delivery.Closed)}
	case timeout:
		return 2 * time.Second, recording.Answer{Outcome: recording.Aborted}
	}
	a.Head, a.Body = []byte("HTTP/1.1 "+status+"\r\n\r\n"), []byte(body)
	return 0, a
}

// cover is a covering plan: each kind of call in each generation, more of them at random,
// in an order of their own, between calls of which nothing is wanted but that they come.
func cover(seed uint64, calls int) (plan []planned) {
	r := rand.New(rand.NewPCG(seed, 19))
	names := slices.Sorted(maps.Keys(kinds))
	var order []string
	for len(order)+2*len(names) <= calls {
		order = append(order, names[r.IntN(len(names))])
	}
	order = slices.Concat(order, names, names)
	r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	count := map[string]int{}
	for i, name := range slices.Concat([]string{"normal_end", "normal_end"}, order, []string{"normal_end", "normal_end", "normal_end", "normal_end"}) {
		count[name]++
		g := wire.V1
		if count[name]%2 == 0 {
			g = wire.V4
		}
		plan = append(plan, newCall(kinds[name], g, i, r))
	}
	return plan
}

func newCall(kind planner, g wire.Generation, n int, r *rand.Rand) planned {
	var users []string
	for i := range 6 {
		users = append(users, string(rune('a'+i))+"-"+string(rune('a'+n%26))+string(rune('a'+n/26%26)))
	}
	p := planned{gen: g, setup: call.Setup{Caller: users[0], Callees: users[1:2], Device: phone}}
	kind(&p, users, r)
	return p
}

// calibrated is what a calibration says of exchanges.
func calibrated(o calibrate.Options, exchanges ...*recording.Exchange) *calibrate.Report {
	c := calibrate.New(o)
	c.Begin(&calibrate.File{Name: "test.ndjson", Kind: "recording", Numbered: true, Exact: true})
	for _, e := range exchanges {
		c.Add(e)
	}
	c.End()
	return c.Report()
}
