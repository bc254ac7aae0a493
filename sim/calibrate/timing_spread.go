package calibrate

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"ringback/sim/text"
)

// Spread is how durations are spread. Its memory does not grow with their number: the
// median is exact to about 1%.
type Spread struct {
	N        int64
	Min, Max time.Duration
	buckets  map[int]int64
}

func (s *Spread) add(d time.Duration) {
	if s.N == 0 {
		s.Min, s.Max, s.buckets = d, d, map[int]int64{}
	}
	s.N++
	s.Min, s.Max = min(s.Min, d), max(s.Max, d)
	s.buckets[bucketOf(d)]++
}

// perOctave is how many buckets the durations from one to twice as long share.
const perOctave = 64

func bucketOf(d time.Duration) int {
	us := float64(d.Microseconds())
	switch {
	case us >= 1:
		return 1 + int(math.Round(perOctave*math.Log2(us)))
	case us <= -1:
		return -1 - int(math.Round(perOctave*math.Log2(-us)))
	}
	return 0
}

// Median is the middle one.
func (s *Spread) Median() time.Duration {
	seen := int64(0)
	for _, k := range slices.Sorted(maps.Keys(s.buckets)) {
		if seen += s.buckets[k]; 2*seen < s.N {
			continue
		}
		us := 0.0
		switch {
		case k > 0:
			us = math.Exp2(float64(k-1) / perOctave)
		case k < 0:
			us = -math.Exp2(float64(-k-1) / perOctave)
		}
		return min(max(time.Duration(us*float64(time.Microsecond)).Round(time.Microsecond), s.Min), s.Max)
	}
	return 0
}

// spread is a Spread as JSON.
type spread struct {
	N      int64   `json:"n"`
	Min    float64 `json:"min_ms"`
	Median float64 `json:"median_ms"`
	Max    float64 `json:"max_ms"`
}

// MarshalJSON writes milliseconds.
func (s Spread) MarshalJSON() ([]byte, error) {
	if s.N == 0 {
		return []byte(`{"n":0}`), nil
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return json.Marshal(spread{s.N, ms(s.Min), ms(s.Median()), ms(s.Max)})
}

// String is like 1.02s (0.98s to 1.10s in 14).
func (s Spread) String() string {
	switch {
	case s.N == 0:
		return "never"
	case s.Min == s.Max:
		return fmt.Sprintf("%s (%s)", inSeconds(s.Min), text.Count(s.N, "time"))
	}
	return fmt.Sprintf("%s (%s to %s in %d)", inSeconds(s.Median()), inSeconds(s.Min), inSeconds(s.Max), s.N)
}

// inSeconds is a duration in three digits or so.
func inSeconds(d time.Duration) string {
	switch abs := d.Abs(); {
	case abs == 0:
		return "0s"
	case abs < 100*time.Millisecond:
		return fmt.Sprintf("%.3gms", float64(d)/1e6)
	case abs < 100*time.Second:
		return fmt.Sprintf("%.2fs", d.Seconds())
	}
	return d.Round(time.Second).String()
}
