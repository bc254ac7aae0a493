package features_test

import (
	"strings"
	"testing"
	"time"
)

// stall is how long this machine must have done nothing to be why what is measured in real
// time came out wrong. A busy one does nothing for a tenth of a second now and then, which
// what is tested must bear.
const stall = 250 * time.Millisecond

// unlessStalled plays what depends on measuring real time, which returns what is wrong with
// its outcome. It is played again, up to five times, only if this machine stalled meanwhile:
// what is wrong otherwise is wrong once.
func unlessStalled(t *testing.T, play func() (wrong []string)) {
	t.Helper()
	for try := 1; ; try++ {
		stalled := watchStalls()
		wrong := play()
		lost := stalled()
		if len(wrong) == 0 {
			return
		}
		if lost < stall || try == 5 {
			t.Errorf("try %d, in which this machine did nothing for %v at most:\n%s", try, lost, strings.Join(wrong, "\n"))
			return
		}
		t.Logf("this machine did nothing for %v, so this is played again:\n%s", lost, strings.Join(wrong, "\n"))
	}
}

// watchStalls watches how late a tick of a millisecond comes, until it is asked for the
// longest delay.
func watchStalls() (longest func() time.Duration) {
	over, result := make(chan struct{}), make(chan time.Duration)
	go func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		var most time.Duration
		for last, ended := time.Now(), false; !ended; {
			select {
			case <-tick.C:
			case <-over:
				ended = true
			}
			now := time.Now()
			most, last = max(most, now.Sub(last)-time.Millisecond), now
		}
		result <- most
	}()
	return func() time.Duration {
		close(over)
		return <-result
	}
}
