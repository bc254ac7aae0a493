package traffic_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
)

// epochMS begins every sampled run; it is a midnight.
const epochMS = 19_700 * dayMS

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x5eed)) }

// play draws the clocks of one ring and tells which rang first; an answer is
// told as normal_end.
func (r ring) play(rng *rand.Rand) (result string, seconds float64) {
	result, seconds = notAnswer, r.timeout
	switch u := rng.Float64() / r.reach; {
	case u < r.answer:
		result, seconds = divideDown(result, seconds, normalEnd, r.answerIn.draw(rng))
	case u < r.answer+r.reject:
		result, seconds = divideDown(result, seconds, reject, r.rejectIn.draw(rng))
	}
	if r.patience != nil {
		result, seconds = divideDown(result, seconds, cancel, r.patience.draw(rng))
	}
	return result, seconds
}

func divideDown(a string, at float64, b string, bt float64) (string, float64) {
	if bt < at {
		return b, bt
	}
	return a, at
}

// clamped is a rival's talk law: what falls outside piles up at the bounds.
type clamped struct {
	lognormal
	low, high float64
}

func (c clamped) cdf(t float64) float64 {
	switch {
	case t < c.low:
		return 0
	case t >= c.high:
		return 1
	}
	return c.lognormal.cdf(t)
}

func (c clamped) draw(r *rand.Rand) float64 { return min(max(c.lognormal.draw(r), c.low), c.high) }

// draws is a sample of n.
func draws(l law, n int, seed uint64) []float64 {
	r, sample := random(seed), make([]float64, n)
	for i := range sample {
		sample[i] = l.draw(r)
	}
	return sample
}

// poissonTimes are the points of a Poisson process over the days, thinned to
// the relative rate; perDay is the mean number at relative rate one.
func poissonTimes(perDay float64, days int, relative func(hour float64) float64, seed uint64) []int64 {
	const peak = 2.0
	r, at := random(seed), 0.0
	var times []int64
	for {
		at += r.ExpFloat64() / (perDay * peak)
		if at >= float64(days) {
			return times
		}
		if r.Float64()*peak < relative(math.Mod(at*24, 24)) {
			times = append(times, epochMS+int64(at*float64(dayMS)))
		}
	}
}

func flat(float64) float64 { return 1 }

// sessions replaces each time by a session of geometric size with gaps of
// LN(gap, 1) seconds.
func sessions(times []int64, sessionMean, gap float64, seed uint64) []int64 {
	r := random(seed)
	var all []int64
	for _, t := range times {
		all = append(all, t)
		for r.Float64() < 1-1/sessionMean {
			t += int64(1000 * lognormal{gap, 1}.draw(r))
			all = append(all, t)
		}
	}
	slices.Sort(all)
	return all
}

// poisson draws a Poisson count.
func poisson(r *rand.Rand, average float64) int {
	n := 0
	for t := r.ExpFloat64(); t < average; t += r.ExpFloat64() {
		n++
	}
	return n
}

// generator is a small consumer network: users with contacts, who are busy from
// the ring to the end of the talk and then neither call nor answer.
type generator struct {
	seed        uint64
	users, days int
	perDay      float64 // intents per user
	busyCoin    float64 // wrong: busy at random, not by state
	deaf        float64 // wrong: how often an occupied callee rings all the same
}

// people are who calls how much, and whom.
type people struct {
	r        *rand.Rand
	activity []float64 // cumulative
	contacts [][]int
	ranks    []float64 // cumulative
}

func meet(users, contacts int, r *rand.Rand) people {
	p := people{r: r}
	activity := lognormal{1, 1.2}
	for i := range users {
		p.activity = append(p.activity, activity.draw(r))
		p.contacts = append(p.contacts, nil)
		for len(p.contacts[i]) < contacts {
			if j := r.IntN(users); j != i && !slices.Contains(p.contacts[i], j) {
				p.contacts[i] = append(p.contacts[i], j)
			}
		}
	}
	p.activity, p.ranks = cumulative(p.activity), cumulative(zipf(contacts, 1))
	return p
}

func cumulative(weights []float64) []float64 {
	sums, sum := make([]float64, len(weights)), 0.0
	for i, w := range weights {
		sum += w
		sums[i] = sum
	}
	return sums
}

func pick(r *rand.Rand, sums []float64) int {
	i, _ := slices.BinarySearch(sums, r.Float64()*sums[len(sums)-1])
	return min(i, len(sums)-1)
}

func (p people) choose() (caller, callee int) {
	caller = pick(p.r, p.activity)
	return caller, p.contacts[caller][pick(p.r, p.ranks)]
}

// run plays the world; an intent of an occupied caller is dropped.
func (w generator) run() []obs {
	r := random(w.seed)
	p, free := meet(w.users, 20, r), make([]int64, w.users)
	var calls []obs
	for _, now := range poissonTimes(w.perDay*float64(w.users), w.days, flat, w.seed+1) {
		caller, callee := p.choose()
		if free[caller] > now {
			continue
		}
		idle := free[callee] <= now || r.Float64() < w.deaf
		if w.busyCoin > 0 {
			idle = r.Float64() >= w.busyCoin
		}
		o := obs{
			intent: uint64(len(calls) + 1), attempt: 1, fresh: true,
			caller: "u" + strconv.Itoa(caller), callee: "u" + strconv.Itoa(callee),
			startMS: now, calleeIdle: idle, video: r.Float64() < 0.35,
		}
		o.connect(r)
		if o.rang() {
			free[caller], free[callee] = o.endMS, max(o.endMS, free[callee])
		}
		calls = append(calls, o)
	}
	return calls
}

// connect plays the consumer ring and talk from startMS on.
func (o *obs) connect(r *rand.Rand) {
	o.ringEndMS, o.result = o.startMS, callBusy
	if o.calleeIdle {
		result, seconds := consumerRing().play(r)
		rang := int64(math.Round(seconds * 1000))
		if result != notAnswer { // within the ring, after rounding too
			rang = min(max(rang, 1), 29_999)
		}
		o.result, o.ringEndMS = result, o.startMS+rang
	}
	o.endMS = o.ringEndMS
	if o.answered() {
		talk := voice()
		if o.video {
			talk = video()
		}
		o.talk(talk.draw(r), r.ExpFloat64()/consumerHazard)
	}
}

// talk lasts until its natural end or the drop.
func (o *obs) talk(natural, drop float64) {
	o.acceptMS, o.naturalMS = o.ringEndMS, max(1, int64(natural*1000))
	o.endMS, o.result = o.acceptMS+o.naturalMS, normalEnd
	if drop < natural {
		o.endMS, o.result = o.acceptMS+int64(drop*1000), interrupt
	}
}

// counter is the concurrency of the calls as an engine would keep it; a wrong
// one forgets every leak-th hang-up.
func counter(calls []obs, leak int) []concurrency {
	type change struct {
		at int64
		by int
	}
	var changes []change
	for i, o := range calls {
		if o.answered() {
			changes = append(changes, change{o.acceptMS, 1})
			if leak == 0 || i%leak != 0 {
				changes = append(changes, change{o.endMS, -1})
			}
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return int(a.at - b.at) })
	series, active := make([]concurrency, len(changes)), 0
	for i, c := range changes {
		active += c.by
		series[i] = concurrency{c.at, active}
	}
	return series
}

// pool plays attempts at erlangs of load on servers with unit mean holding.
// Attempts are pinned to a random server each, or take any idle one.
func pool(servers, attempts int, erlangs float64, holding law, pinned bool, seed uint64) []obs {
	r, now, unit := random(seed), 0.0, mean(holding)
	free, calls := make([]float64, servers), make([]obs, 0, attempts)
	warm := attempts / 10
	for i := range warm + attempts {
		now += r.ExpFloat64() / erlangs
		server := slices.IndexFunc(free, func(t float64) bool { return t <= now })
		if pinned {
			server = r.IntN(servers)
		}
		o := obs{callee: "a" + strconv.Itoa(server), result: callBusy}
		if server >= 0 && free[server] <= now {
			free[server], o.result, o.calleeIdle = now+holding.draw(r)/unit, normalEnd, true
		}
		if i >= warm {
			calls = append(calls, o)
		}
	}
	return calls
}
