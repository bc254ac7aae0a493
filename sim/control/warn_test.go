package control

import (
	"testing"
	"time"
)

// Time that slips again and again is warned of once.
func TestWarnOnce(t *testing.T) {
	n := 0
	slipped := warnOnce(func(string, ...any) { n++ })
	for range 3 {
		slipped(time.Minute)
	}
	if n != 1 {
		t.Errorf("%d warnings, want 1", n)
	}
}
