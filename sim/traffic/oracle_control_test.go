package traffic_test

import (
	"strings"
	"sync"
	"testing"
)

// passes and fails are the two halves of a control: a check holds a correct
// sample for correct, and finds that very quantity wrong in a wrong one.
func passes(t *testing.T, sample string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s must pass: %v", sample, err)
	}
}

func fails(t *testing.T, sample, quantity string, err error) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("%s must fail", sample)
	case !strings.Contains(err.Error(), quantity):
		t.Errorf("%s must fail for %q, not: %v", sample, quantity, err)
	case strings.Contains(err.Error(), "too few"):
		t.Errorf("%s must fail for what it is, not for its size: %v", sample, err)
	}
}

// Four days of a correct consumer world, and two wrong ones.
const worldEndMS = epochMS + 4*dayMS

var (
	honest  = sync.OnceValue(generator{seed: 1, users: 2000, days: 4, perDay: 4}.run)
	tossing = sync.OnceValue(generator{seed: 1, users: 2000, days: 4, perDay: 4, busyCoin: .08}.run)
	hearing = sync.OnceValue(generator{seed: 1, users: 2000, days: 4, perDay: 4, deaf: .5}.run)
	rings   = sync.OnceValue(func() verdict { return consumerRing().solve() })
)

var rules = structure{timeoutMS: 30_000}

func TestStructureControls(t *testing.T) {
	passes(t, "honest world", checkC0(honest(), rules))
	fails(t, "busy by a coin", "C0", checkC0(tossing(), rules))
	fails(t, "a callee who rings though occupied", "while in another", checkC0(hearing(), rules))
	fails(t, "a callee who is busy though in no call", "in no call", honestBusy(tossing()))
	fails(t, "nothing", "no calls", checkC0(nil, rules))
	for name, c := range structureFaults {
		calls := append([]obs(nil), honest()...)
		for i := range calls {
			if calls[i].result == c.result {
				c.spoil(&calls[i], calls[i+1])
				break
			}
		}
		fails(t, name, c.quantity, checkC0(calls, rules))
	}
}

// structureFaults each spoil one call of a result.
var structureFaults = map[string]struct {
	result, quantity string
	spoil            func(o *obs, next obs)
}{
	"early timer":      {notAnswer, "a ring of 30000 ms", func(o *obs, _ obs) { o.ringEndMS--; o.endMS-- }},
	"late answer":      {normalEnd, "within (0, 30000)", func(o *obs, _ obs) { o.ringEndMS += 30_000; o.endMS += 30_000 }},
	"instant reject":   {reject, "within (0, 30000)", func(o *obs, _ obs) { o.ringEndMS = o.startMS; o.endMS = o.startMS }},
	"cancel at R":      {cancel, "within (0, 30000)", func(o *obs, _ obs) { o.ringEndMS = o.startMS + 30_000; o.endMS = o.ringEndMS }},
	"accepted cancel":  {cancel, "was accepted", func(o *obs, _ obs) { o.acceptMS = o.startMS }},
	"ring when busy":   {callBusy, "busy callee rang", func(o *obs, _ obs) { o.ringEndMS++; o.endMS++ }},
	"end before start": {cancel, "out of order", func(o *obs, _ obs) { o.endMS = o.startMS - 1 }},
	"accepted early":   {normalEnd, "accepted at", func(o *obs, _ obs) { o.acceptMS-- }},
	"hung up early":    {normalEnd, "expected a talk", func(o *obs, _ obs) { o.naturalMS += 5 }},
	"dropped late":     {interrupt, "talk was over", func(o *obs, _ obs) { o.naturalMS = 1 }},
	"lingering reject": {reject, "the ring ends", func(o *obs, _ obs) { o.endMS++ }},
	"no known result":  {reject, "unknown result", func(o *obs, _ obs) { o.result = "missed" }},
	"own number":       {reject, "calls himself", func(o *obs, _ obs) { o.callee = o.caller }},
	"busy unnoticed":   {callBusy, "callee idle is true", func(o *obs, _ obs) { o.calleeIdle = true }},
	"two at once": {normalEnd, "while in another", func(o *obs, next obs) {
		o.caller = next.caller
		o.endMS, o.naturalMS = o.endMS+dayMS, o.naturalMS+dayMS
	}},
	"two terminals": {reject, "expected attempt", func(o *obs, next obs) { o.intent = next.intent }},
	"wrong number":  {reject, "expected attempt", func(o *obs, _ obs) { o.attempt = 2 }},
}

func TestDialsWhileOccupied(t *testing.T) {
	talk := obs{caller: "a", callee: "b", result: normalEnd, calleeIdle: true, startMS: 1, ringEndMS: 5, acceptMS: 5, endMS: 90, naturalMS: 85}
	other := talk
	other.caller, other.callee = "c", "d"
	busy := obs{caller: "c", callee: "a", result: callBusy, startMS: 40, ringEndMS: 40, endMS: 40}
	fails(t, "an occupied caller", "dials while", honestBusy([]obs{talk, other, busy}))
	passes(t, "an idle caller", honestBusy([]obs{talk, busy}))
	busy.startMS = 90
	passes(t, "both ends count as occupied", honestBusy([]obs{talk, other, busy}))
	early := []obs{{intent: 1, attempt: 1, startMS: 0, endMS: 9}, {intent: 1, attempt: 2, startMS: 8, endMS: 9}}
	fails(t, "a redial during the call", "starts before", countedAttempts(early))
}

func TestSeedControls(t *testing.T) {
	small := func(seed uint64) []obs { return generator{seed: seed, users: 50, days: 1, perDay: 4}.run() }
	passes(t, "seeds", checkC0Seeds(small(1), small(1), small(2)))
	fails(t, "a run that ignores its seed", "other calls", checkC0Seeds(small(1), small(1), small(1)))
	fails(t, "a run that is not repeatable", "difference at call", checkC0Seeds(small(1), small(3), small(2)))
}

func TestRingControls(t *testing.T) {
	v := rings()
	passes(t, "honest world", checkC4(honest(), v))
	passes(t, "honest world", checkC4b(honest(), v))
	patient := consumerRing()
	patient.patience = nil
	fails(t, "callers of endless patience", "C4 chi-square", checkC4(rung(patient, 20_000), v))
	fails(t, "callers of endless patience", "C4b KS", checkC4b(rung(patient, 20_000), v))
	quick := consumerRing()
	quick.answerIn = clamped{lognormal{12, .9}, 2, 45}
	fails(t, "clamped answer times", "C4b KS", checkC4b(rung(quick, 20_000), v))
	fails(t, "clamped answer times", "C4b mean", checkC4b(rung(quick, 20_000), v))
	deserted := rung(inviteeRing(), 20_000)
	passes(t, "a ring nobody cancels", checkC4(deserted, inviteeRing().solve()))
	deserted[0].result = cancel
	fails(t, "one cancel that cannot be", "C4 chi-square", checkC4(deserted, inviteeRing().solve()))
}

// rung are the outcomes of rings alone.
func rung(r ring, n int) []obs {
	rng, calls := random(4), make([]obs, n)
	for i := range calls {
		result, seconds := r.play(rng)
		calls[i] = obs{result: result, calleeIdle: true, ringEndMS: int64(seconds * 1000)}
	}
	return calls
}
