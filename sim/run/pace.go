package run

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Pace is the speed of simulated time: its seconds per second of wall time.
type Pace float64

// The named paces. Instant jumps to what is due next as soon as nothing is in flight.
const (
	Real    Pace = 1
	Instant Pace = Pace(math.MaxFloat64)
)

func (p Pace) String() string {
	switch p {
	case Real:
		return "real"
	case Instant:
		return "instant"
	}
	return strconv.FormatFloat(float64(p), 'g', -1, 64) + "x"
}

// ParsePace parses real, instant, or a factor like 10x, from 0.001x to 1000000x.
func ParsePace(s string) (Pace, error) {
	switch s {
	case "real":
		return Real, nil
	case "instant":
		return Instant, nil
	}
	f, err := strconv.ParseFloat(strings.TrimSuffix(s, "x"), 64)
	if err != nil || !strings.HasSuffix(s, "x") || !(f >= 0.001 && f <= 1e6) {
		return 0, fmt.Errorf("pace %q: want real, instant, or a factor from 0.001x to 1000000x, like 10x", s)
	}
	return Pace(f), nil
}
