package traffic_test

import "math"

// The presets whose figures were calibrated.

func consumerRing() ring {
	return ring{
		reach: 0.96, answer: 0.82, reject: 0.06,
		answerIn: lognormal{7.9, 0.55}, rejectIn: lognormal{4.5, 0.7},
		patience: mixture{{0.03, exponential{3}}, {0.97, lognormal{30, 0.5}}}, timeout: 30,
	}
}

func centreRing() ring {
	return ring{
		reach: 0.99, answer: 0.93, reject: 0.02,
		answerIn: lognormal{6, 0.6}, rejectIn: lognormal{4.5, 0.7},
		patience: mixture{{0.03, exponential{3}}, {0.97, lognormal{40, 0.7}}}, timeout: 30,
	}
}

// inviteeRing is a group invitation, which no caller cancels.
func inviteeRing() ring {
	return ring{
		reach: 0.97, answer: 0.86, reject: 0.03,
		answerIn: lognormal{8, 0.6}, rejectIn: lognormal{4.5, 0.7}, timeout: 30,
	}
}

func voice() law { return mixture{{0.60, lognormal{30, 0.9}}, {0.40, lognormal{264, 1.1}}} }

func video() law { return mixture{{0.40, lognormal{40, 0.9}}, {0.60, lognormal{351, 1.0}}} }

// consumerTalk is what both media make together.
func consumerTalk() law { return mixture{{0.65, voice()}, {0.35, video()}} }

func centreTalk() law { return mixture{{0.10, lognormal{25, 0.7}}, {0.90, lognormal{430, 0.8}}} }

func telehealthTalk() law { return lognormal{516, 0.55} }

func meetingTalk() law {
	return mixture{{0.15, lognormal{300, 0.6}}, {0.55, lognormal{1800, 0.35}}, {0.30, lognormal{3300, 0.30}}}
}

// Drops per connected second.
const (
	consumerHazard = 6.5e-5
	centreHazard   = 3.0e-5
)

func meetingSizes() map[int]float64 {
	return map[int]float64{3: 0.30, 4: 0.22, 5: 0.16, 6: 0.12, 7: 0.08, 8: 0.07, 9: 0.05}
}

// consumerHours are the weights of the hours of a weekday.
var consumerHours = [24]float64{
	0.25, 0.14, 0.08, 0.05, 0.05, 0.10, 0.25, 0.55, 0.90, 1.15, 1.30, 1.35,
	1.25, 1.15, 1.15, 1.20, 1.30, 1.45, 1.65, 1.80, 1.75, 1.50, 1.05, 0.58,
}

// profile is the rate relative to its mean at an hour of the day: linear
// between the hours' centres, at :30, and around midnight.
func profile(hours [24]float64, hour float64) float64 {
	sum := 0.0
	for _, w := range hours {
		sum += w
	}
	at := math.Mod(hour+23.5, 24)
	i, part := int(at), at-math.Floor(at)
	return 24 / sum * (hours[i]*(1-part) + hours[(i+1)%24]*part)
}
