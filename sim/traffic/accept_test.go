package traffic_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"ringback/sim/call"
	"ringback/sim/traffic"
)

// The acceptance checks, over what the generator makes of its presets. They
// run on fixed seeds, or with RINGBACK_SOAK=1 on a hundred fresh ones.

const day = 24 * time.Hour

// observe turns calls between two into what the oracle judges.
func observe(t testing.TB, m *traffic.Model, o traffic.Options) (calls []obs) {
	t.Helper()
	for c := range makeWorld(t, m, o).Calls() {
		if c.Failed {
			continue
		}
		calls = append(calls, obs{
			intent: c.IntentID, attempt: c.Attempt, fresh: c.Why == traffic.Fresh || c.Why == traffic.Redial,
			caller: c.Caller.ID, callee: c.Callees[0].ID, video: c.Media == call.Video, result: c.Result.String(), calleeIdle: c.CalleeIdle,
			startMS: int64(c.Start), ringEndMS: int64(c.RingEnd), acceptMS: int64(c.Accept), endMS: int64(c.End), naturalMS: c.Natural.Milliseconds(),
		})
	}
	return calls
}

// plain is the consumer preset as it was calibrated: a flat day, one call for
// a wish, losses noticed at once.
func plain(t testing.TB) *traffic.Model {
	m := preset(t, "consumer")
	m.Arrivals.Profile, m.Arrivals.Week = nil, nil
	m.Arrivals.Session.Mean, m.Arrivals.Habit = 1, 0
	m.Ring.Fail, m.Talk.Silent = 0, 0
	return m
}

// sparse is plain with calls so rare that nobody is busy but for once in a
// while.
func sparse(t testing.TB) *traffic.Model {
	m := plain(t)
	m.Users, m.People.CallsPerDay = 10_000, 0.4
	return m
}

func noRetries(m *traffic.Model) *traffic.Model {
	m.Retry = traffic.Retry{Max: 1} // nor does anybody call back
	return m
}

func days(seed uint64, n int) traffic.Options {
	return traffic.Options{Seed: seed, Epoch: monday, Until: monday.Add(time.Duration(n) * day)}
}

// warm is how long a simulation takes to reach its steady state.
const warm = 2 * time.Hour

// settled leaves out the warm-up.
func settled(calls []obs, o traffic.Options) (_ []obs, from, to int64) {
	from, to = int64(o.Epoch.Add(warm)), int64(o.Until)
	return between(calls, from, to), from, to
}

func hours(at int64) float64 { return math.Mod(float64(at-int64(monday))/3.6e6, 24) }

var consumerWeek = []float64{1, 1, 1, 1, 1, .9, .85}

// weekly is the consumer preset's cumulative rate.
func weekly() func(ms int64) float64 {
	of := tabulate(0, 24, 2400, hourly).of(func(hour float64) float64 { return hour })
	return func(ms int64) float64 {
		n := (ms - int64(monday)) / 86_400_000
		sum := consumerWeek[n%7] * of(hours(ms))
		for d := range n {
			sum += consumerWeek[d%7]
		}
		return sum
	}
}

// acceptance lists the checks, each with a simulation of its own where it needs one.
var acceptance = []struct {
	name  string
	check func(t testing.TB, seed uint64) []error
}{
	{"consumer as it ships", func(t testing.TB, seed uint64) []error {
		o := days(seed, 2)
		calls := observe(t, preset(t, "consumer"), o)
		fresh := where(calls, obs.first)
		return []error{
			checkC0(calls, structure{timeoutMS: 30_000, detectionMS: 400_000}),
			checkC1(starts(fresh), int64(o.Epoch), int64(o.Until), weekly()),
			checkC3(naturals(calls), consumerTalk().cdf),
			checkC3(seconds(where(calls, isResult(normalEnd))), wholeCDF(consumerTalk(), consumerHazard)),
			checkC3Whole(whole(calls), consumerTalk().cdf, rand.New(rand.NewPCG(seed, 1))),
			checkC4(calls, consumerRing().solve()),
			checkC4b(calls, consumerRing().solve()),
			checkC9(calls, consumerTalk(), consumerHazard),
		}
	}},
	{"flat day", func(t testing.TB, seed uint64) []error {
		o := days(seed, 3)
		all := observe(t, plain(t), o)
		calls, from, to := settled(all, o)
		return []error{
			checkC0(all, structure{timeoutMS: 30_000}),
			checkC1(starts(where(calls, obs.first)), from, to, func(ms int64) float64 { return float64(ms) }),
			checkC2(starts(where(calls, obs.first)), from, to),
			checkC3(naturals(calls), consumerTalk().cdf),
			checkC4(calls, consumerRing().solve()),
			checkC4b(calls, consumerRing().solve()),
			checkC7a(all, counter(all, 0), from, to),
			checkC7b(all, from, to, consumerTalk(), consumerHazard),
			checkC9(calls, consumerTalk(), consumerHazard),
		}
	}},
	{"busy callees", func(t testing.TB, seed uint64) []error {
		o := days(seed, 4)
		calls, from, to := settled(observe(t, plain(t), o), o)
		return []error{checkC6(calls, from, to)}
	}},
	{"sessions", func(t testing.TB, seed uint64) []error {
		m := noRetries(sparse(t))
		m.Users, m.Arrivals.Session.Mean = 2000, 2
		o := days(seed, 60)
		calls, from, to := settled(observe(t, m, o), o)
		return []error{checkC2b(starts(calls), from, to, 2)}
	}},
	{"agents", func(t testing.TB, seed uint64) []error {
		m, o := agents(t), days(seed, 40)
		v := centreRing().solve()
		holding := v.meanHolding(centreTalk(), centreHazard)
		calls, _, _ := settled(observe(t, m, o), o)
		errs := []error{checkC5(calls, m.Center.Agents, m.Center.CallsPerPeakHour/3600*holding, v.holdingSCV(centreTalk(), centreHazard))}
		return append(errs, checkC4(calls, v))
	}},
	{"agents of one's own", func(t testing.TB, seed uint64) []error {
		m, o := agents(t), days(seed, 20)
		m.Center.Pinned = true
		calls, from, to := settled(observe(t, m, o), o)
		holding := centreRing().solve().meanHolding(centreTalk(), centreHazard)
		erlangs := map[string]float64{}
		for _, c := range calls {
			erlangs[c.callee] += holding / (float64(to-from) / 1000)
		}
		return []error{checkC5b(calls, erlangs)}
	}},
	{"calls in progress", func(t testing.TB, seed uint64) []error {
		m := noRetries(sparse(t))
		m.Arrivals.Profile = preset(t, "consumer").Arrivals.Profile
		m.Users, m.Arrivals.Activity = 40_000, 0
		o := days(seed, 1)
		calls := observe(t, m, o)
		perSecond := float64(m.Users) * m.People.CallsPerDay / 86_400 * consumerRing().solve().answer
		var times []int64
		var means []float64
		for h := 2; h < 24; h++ {
			at := int64(o.Epoch.Add(time.Duration(h) * time.Hour))
			rate := func(s float64) float64 { // not before the epoch
				if s < 0 {
					return 0
				}
				return perSecond * hourly(s/3600)
			}
			times = append(times, at)
			means = append(means, meanActive(rate, talkSurvival(consumerTalk(), consumerHazard), float64(h)*3600, float64(h)*3600))
		}
		return []error{checkC8(activeAt(calls, times), means)}
	}},
	{"people", func(t testing.TB, seed uint64) []error {
		m, o := noRetries(sparse(t)), days(seed, 70)
		m.Users = 4000
		calls := observe(t, m, o)
		return []error{checkC10(outgoing(calls, m.Users), 1.2), checkC11(calls, 20, 1)}
	}},
	{"redials", func(t testing.TB, seed uint64) []error {
		m, o := sparse(t), days(seed, 5)
		m.Arrivals.Activity = 0
		calls := observe(t, m, o)
		r := redials{limit: 4, untilMS: int64(o.Until.Add(-24 * time.Hour)), after: map[string]float64{
			callBusy: .55, notAnswer: .30, cancel: .25, reject: .10, interrupt: .60,
		}}
		errs := []error{checkC12(calls, r)}
		for result, law := range map[string]lognormal{notAnswer: {600, 1}, cancel: {300, 1}} {
			errs = append(errs, checkC12Gaps(calls, r, result, after(law, lognormal{0.8, 0.5})))
		}
		return errs
	}},
	{"meetings", func(t testing.TB, seed uint64) []error {
		m := preset(t, "meeting")
		o := days(seed, 14)
		v := inviteeRing().solve()
		var list []meeting
		for c := range makeWorld(t, m, o).Calls() {
			if c.Kind == call.Group && c.End > c.Start {
				list = append(list, meeting{1 + len(c.Callees), min(c.Joined, len(c.Callees))})
			}
		}
		return []error{checkC13Sizes(list, meetingSizes()), checkC13(list, meetingSizes(), v.answer)}
	}},
	{"members", func(t testing.TB, seed uint64) []error {
		m := preset(t, "meeting")
		m.Arrivals.Profile, m.Arrivals.Week = nil, nil
		tm := m.Team
		tm.Late, tm.Invite, tm.Overrun, tm.Early, tm.Sooner, tm.Linger, tm.Rejoin, m.Talk.Hazard = nil, 0, 0, 0, 0, 0, 0, 0
		o := days(seed, 10)
		v := inviteeRing().solve()
		var stays []stay
		held := 0
		var list []meeting
		for c := range makeWorld(t, m, o).Calls() {
			held++
			list = append(list, meeting{1 + len(c.Callees), c.Joined})
			if c.Joined > 0 { // whoever joins stays to the end; the first answer is the earliest
				for range 1 + c.Joined {
					stays = append(stays, stay{c.IntentID, int64(c.Accept), int64(c.End)})
				}
			}
		}
		anybody, joined := 0.0, 0.0
		for k, share := range meetingSizes() {
			anybody += share * (1 - math.Pow(1-v.answer, float64(k-1)))
			joined += share * float64(k-1) * v.answer
		}
		// A team that meets takes no other meeting: an M/G/1/1 loss system.
		stay := mean(meetingTalk())
		each := tm.MeetingsPerDay / 86_400
		rate := float64(m.Users/tm.Members) * each / (1 + each*(stay*anybody+v.meanAnswer))
		from, to := int64(o.Epoch.Add(warm)), int64(o.Until)
		return []error{
			checkC13(list, meetingSizes(), v.answer),
			checkC13Little(stays, from, to, rate, anybody+joined, stay),
		}
	}},
}

// agents is the call centre as it was calibrated: a flat day and no redials, so
// many customers that none matters, one pool.
func agents(t testing.TB) *traffic.Model {
	m := noRetries(preset(t, "callcentre"))
	m.Arrivals.Profile, m.Arrivals.Week = nil, nil
	m.Talk.Silent, m.Partitions = 0, 1
	m.Users, m.Center.Customers = 20_000, 20_000
	return m
}

// seconds are the connected times.
func seconds(calls []obs) (s []float64) {
	for _, c := range calls {
		s = append(s, float64(c.endMS-c.acceptMS)/1000)
	}
	return s
}

// whole are natural durations as whole seconds.
func whole(calls []obs) (s []int64) {
	for _, n := range naturals(calls) {
		s = append(s, int64(n))
	}
	return s
}

func TestAcceptance(t *testing.T) {
	if os.Getenv("RINGBACK_SOAK") != "" {
		soak(t)
		return
	}
	const seed = 40 // make soak takes a hundred others
	for _, a := range acceptance {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			for _, err := range a.check(t, seed) {
				if err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
			}
		})
	}
}

// soak runs the checks on fresh seeds. Each check is wrong about one correct
// simulation in a thousand, so it takes three to fail.
func soak(t *testing.T) {
	const seeds = 100
	first := rand.Uint64()
	t.Logf("seeds %d to %d", first, first+seeds-1)
	for _, a := range acceptance {
		t.Run(a.name, func(t *testing.T) {
			failures := map[int][]string{}
			for i := range uint64(seeds) {
				for n, err := range a.check(t, first+i) {
					if err != nil {
						failures[n] = append(failures[n], fmt.Sprintf("seed %d: %v", first+i, err))
					}
				}
			}
			for _, list := range failures {
				if t.Log(list); len(list) >= 3 {
					t.Errorf("a check failed on %d seeds of %d", len(list), seeds)
				}
			}
		})
	}
}

// Over many seeds the p-values of the checks are even themselves: they are
// neither too easy nor too hard to pass.
func TestPValues(t *testing.T) {
	m := plain(t)
	m.Users = 400
	v := consumerRing().solve()
	var c1, c3, c4 []float64
	for seed := range uint64(50) {
		o := days(seed, 2)
		calls, from, to := settled(observe(t, m, o), o)
		c1 = append(c1, pC1(starts(where(calls, obs.first)), from, to, func(ms int64) float64 { return float64(ms) }))
		c3 = append(c3, pC3(naturals(calls), consumerTalk().cdf))
		c4 = append(c4, pC4(calls, v))
	}
	for name, p := range map[string][]float64{"C1": c1, "C3": c3, "C4": c4} {
		if err := checkC14(p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The mix of all outcomes, redials included, is that of the calibration: none
// of these shares is a parameter.
func TestGoldenMix(t *testing.T) {
	m := plain(t)
	m.Arrivals.Profile = preset(t, "consumer").Arrivals.Profile
	got, n := map[string]float64{}, 0.0
	for seed := range uint64(3) {
		for _, c := range observe(t, m, days(seed, 7)) {
			got[c.result]++
			n++
		}
	}
	for result, want := range map[string]float64{normalEnd: .694, interrupt: .012, notAnswer: .075, cancel: .125, reject: .053, callBusy: .041} {
		if err := within(result, got[result]/n, want, .005); err != nil {
			t.Error(err)
		}
	}
}

// later is the sum of two independent times, the second one a lognormal.
type later struct {
	law
	by []float64 // equally likely values
}

func after(l law, by lognormal) later {
	const steps = 200
	sum := later{law: l}
	for i := range steps {
		sum.by = append(sum.by, by.median*math.Exp(by.sigma*normalQuantile((float64(i)+0.5)/steps)))
	}
	return sum
}

func (l later) cdf(t float64) float64 {
	sum := 0.0
	for _, by := range l.by {
		sum += l.law.cdf(t - by)
	}
	return sum / float64(len(l.by))
}
