//go:build !linux

package run

// newPreciseTimer returns the most precise timer that the system has.
func newPreciseTimer() timer { return newRuntimeTimer() }
