package traffic_test

import "math"

// ring is one ringing as competing clocks: the callee may answer or reject,
// the caller may lose patience, the server gives up after the timeout.
type ring struct {
	reach          float64 // the callee's device can ring at all
	answer, reject float64 // what the callee means to do, given reach
	answerIn       law
	rejectIn       law
	patience       law // nil: this caller never gives up
	timeout        float64
}

// verdict is what a ring comes to.
type verdict struct {
	answer, reject, cancel, silent float64               // they sum to one
	meanRing, squareRing           float64               // E[ring] and E[ring^2], however it ends
	meanAnswer, answerDeviation    float64               // of the ring time of answered calls
	answerCDF                      func(float64) float64 // likewise
}

// patienceLeft is P(the caller still waits at t).
func (r ring) patienceLeft(t float64) float64 {
	if r.patience == nil {
		return 1
	}
	return 1 - r.patience.cdf(t)
}

// calleeLeft is P(the callee has done nothing by t). The answer and reject
// laws are defective: their masses are the chances that they happen at all.
func (r ring) calleeLeft(t float64) float64 {
	return 1 - r.reach*(r.answer*r.answerIn.cdf(t)+r.reject*r.rejectIn.cdf(t))
}

// ringing is P(the telephone still rings at t), for t short of the timeout.
func (r ring) ringing(t float64) float64 { return r.calleeLeft(t) * r.patienceLeft(t) }

func (r ring) answerDensity(t float64) float64 {
	return r.reach * r.answer * r.answerIn.pdf(t) * r.patienceLeft(t)
}

func (r ring) rejectDensity(t float64) float64 {
	return r.reach * r.reject * r.rejectIn.pdf(t) * r.patienceLeft(t)
}

func (r ring) cancelDensity(t float64) float64 {
	if r.patience == nil {
		return 0
	}
	return r.patience.pdf(t) * r.calleeLeft(t)
}

// solve integrates the cause-specific densities over the ring. Not answered
// is integrated on its own too, as what is left at the timeout, so that the
// sum being one is a test and not a definition.
func (r ring) solve() verdict {
	const steps = 6000
	integral := func(density func(float64) float64) float64 {
		return tabulate(0, r.timeout, steps, density).total()
	}
	answers := tabulate(0, r.timeout, steps, r.answerDensity)
	v := verdict{
		answer:    answers.total(),
		reject:    integral(r.rejectDensity),
		cancel:    integral(r.cancelDensity),
		silent:    r.ringing(r.timeout),
		meanRing:  integral(r.ringing),
		answerCDF: answers.of(func(t float64) float64 { return t }),
	}
	v.squareRing = integral(func(t float64) float64 { return 2 * t * r.ringing(t) })
	v.meanAnswer = integral(func(t float64) float64 { return t * r.answerDensity(t) }) / v.answer
	square := integral(func(t float64) float64 { return t * t * r.answerDensity(t) }) / v.answer
	v.answerDeviation = math.Sqrt(square - v.meanAnswer*v.meanAnswer)
	return v
}

// shares are the outcomes in the order answer, reject, cancel, not answered.
func (v verdict) shares() []float64 {
	return []float64{v.answer, v.reject, v.cancel, v.silent}
}

// meanHolding is how long an idle callee's line is held by one call: the ring
// and, if answered, the talk.
func (v verdict) meanHolding(talk law, hazard float64) float64 {
	return v.meanRing + v.answer*meanTalk(talk, hazard)
}

// holdingSCV is the squared coefficient of variation of that time.
func (v verdict) holdingSCV(talk law, hazard float64) float64 {
	m := meanTalk(talk, hazard)
	talkSquare := m * m * (1 + talkSCV(talk, hazard))
	square := v.squareRing + v.answer*(2*v.meanAnswer*m+talkSquare)
	holding := v.meanHolding(talk, hazard)
	return square/(holding*holding) - 1
}
