package session

import "errors"

// ErrEndless is why calls that come by themselves and the pace instant do not go
// together.
var ErrEndless = errors.New("pace: instant would never end while calls come by themselves; want real, or a factor like 10x")

// ErrNoTraffic is why no calls come by themselves.
var ErrNoTraffic = errors.New("this run has no background calls")

// Traffic says whether calls come by themselves.
type Traffic struct {
	On bool
	// Rate is how many come in a second of simulated time; 0 is as many as the model of
	// their people has at the time of day.
	Rate float64
}
