package rest

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limits keeps the rates of the documents: so many calls a second for each app
// and command, in wall time. Whether the vendor counts by app or by IP is not
// said.
type limits struct {
	mu      sync.Mutex
	buckets map[bucket]*rate.Limiter
}

type bucket struct {
	app  uint32
	path string
}

// allow takes one call of a command out of an app's bucket, if there is one
// left. A bucket holds the calls of one second.
func (l *limits) allow(now time.Time, app uint32, path string, perSecond int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := bucket{app, path}
	b := l.buckets[k]
	if b == nil {
		if l.buckets == nil {
			l.buckets = map[bucket]*rate.Limiter{}
		}
		b = rate.NewLimiter(rate.Limit(perSecond), perSecond)
		l.buckets[k] = b
	}
	return b.AllowN(now, 1)
}
