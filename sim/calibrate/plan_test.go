package calibrate_test

import (
	"fmt"
	"math/rand/v2"
	"time"

	"ringback/sim"
	"ringback/sim/calibrate"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// planned is a call of the covering plan.
type planned struct {
	gen     wire.Generation
	setup   call.Setup
	steps   []call.Step
	answers answers        // of the receiver to the call's callbacks
	deed    calibrate.Deed // what whoever places the call knows of it
}

// answers is how the receiver answers the n-th attempt of a delivery, from 1.
type answers func(n int) reply

type reply uint8

const (
	good    reply = iota
	broken        // HTTP 500
	softly        // HTTP 200 with another ErrorCode
	timeout       // none in time
	closed        // none at all
)

func always(r reply) answers { return func(int) reply { return r } }

// times answers so the first n times, then well.
func times(n int, r reply) answers {
	return func(i int) reply {
		if i <= n {
			return r
		}
		return good
	}
}

var phone = &call.Device{Platform: "iOS", IP: "127.0.0.1"}

// planner makes calls of some kind for some users.
type planner func(p *planned, users []string, r *rand.Rand)

func outcome(result call.Result) planner {
	return func(p *planned, _ []string, r *rand.Rand) {
		o := sim.Outcome{Result: result, Ring: seconds(1 + r.IntN(9)), Talk: seconds(1 + r.IntN(60))}
		steps, err := o.Plan(&p.setup)
		if err != nil {
			panic(err)
		}
		p.steps = steps
	}
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// script is a call with several callees: what happens, as in "3 b accept, 9 a hang_up".
func script(callees int, steps ...string) planner {
	return func(p *planned, users []string, _ *rand.Rand) {
		p.setup.Callees = users[1 : 1+callees]
		if callees > 1 {
			p.setup.Kind = call.Group
		}
		for _, s := range steps {
			var at int
			var who, do, whom string
			if n, _ := fmt.Sscanf(s, "%d %s %s %s", &at, &who, &do, &whom); n < 3 {
				panic(s)
			}
			a := call.Action{}
			if err := a.Do.UnmarshalText([]byte(do)); err != nil {
				panic(err)
			}
			if who != "server" {
				a.By = users[who[0]-'a']
			}
			for _, w := range whom {
				a.Users = append(a.Users, users[w-'a'])
			}
			p.steps = append(p.steps, call.Step{After: call.Span(seconds(at)), Action: a})
		}
	}
}

func with(kind planner, more ...planner) planner {
	return func(p *planned, users []string, r *rand.Rand) {
		kind(p, users, r)
		for _, m := range more {
			m(p, users, r)
		}
	}
}

func answering(a answers) planner {
	return func(p *planned, _ []string, _ *rand.Rand) { p.answers = a }
}

func deed(d calibrate.Deed) planner { return func(p *planned, _ []string, _ *rand.Rand) { p.deed = d } }

func chatGroup(p *planned, _ []string, _ *rand.Rand) {
	p.setup.Extra = &call.Extra{ChatGroup: "friends"}
}
func noRoom(p *planned, _ []string, _ *rand.Rand) { p.setup.RoomTag = call.StringRoom }

func digits(p *planned, users []string, r *rand.Rand) {
	n := 10_000_000 + r.IntN(90_000_000)
	for i := range users {
		users[i] = fmt.Sprint(n + i)
	}
	p.setup.Caller, p.setup.Callees = users[0], users[1:2]
}

func robot(p *planned, _ []string, _ *rand.Rand) {
	p.setup.Devices = call.Devices{{User: p.setup.Caller, Device: &call.Device{Platform: "RESTAPI", IP: "127.0.0.1"}}}
}

// kinds are those of calls that together show every key that callbacks show.
var kinds = map[string]planner{
	"normal_end":        outcome(call.NormalEnd),
	"reject":            outcome(call.Reject),
	"not_answer":        outcome(call.NotAnswer),
	"busy":              outcome(call.CallBusy),
	"cancel":            outcome(call.Cancel),
	"interrupt":         outcome(call.Interrupt),
	"digits":            with(digits, outcome(call.NormalEnd)),
	"no room":           with(outcome(call.NormalEnd), noRoom),
	"robot":             with(outcome(call.NormalEnd), robot),
	"battery":           with(script(1, "2 b accept", "9 b pull_battery"), deed(calibrate.Battery)),
	"ended":             script(1, "2 b accept", "20 server end_by_server"),
	"ended ringing":     script(1, "5 server end_by_server"),
	"group":             with(script(2, "2 b accept", "4 c accept", "30 b hang_up", "40 c hang_up"), deed(calibrate.NoGroup)),
	"chat group":        with(script(3, "2 b accept", "4 c reject", "30 a hang_up", "40 b hang_up"), chatGroup),
	"group rejects":     script(2, "2 b reject", "3 c reject"),
	"group unanswered":  script(2),
	"group cancelled":   script(3, "4 a cancel"),
	"invitation":        script(2, "2 b accept", "4 c reject", "8 b invite d", "12 d accept", "30 a hang_up", "31 b hang_up"),
	"withdrawal":        script(2, "2 b accept", "5 a cancel_invite c", "9 a hang_up"),
	"joined":            script(2, "2 b accept", "6 d join", "9 c reject", "20 b hang_up", "25 d hang_up"),
	"failing":           with(outcome(call.NormalEnd), answering(always(broken))),
	"no answer at all":  with(outcome(call.Reject), answering(always(closed))),
	"no answer in time": with(outcome(call.Cancel), answering(always(timeout))),
	"failing once":      with(outcome(call.NormalEnd), answering(times(1, broken))),
	"failing thrice":    with(outcome(call.NormalEnd), answering(times(3, broken))),
	"softly failing":    with(outcome(call.NormalEnd), answering(always(softly))),
}
