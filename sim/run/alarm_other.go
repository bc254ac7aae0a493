//go:build !linux

package run

// newPrecise makes the most precise alarm that there is.
func newPrecise() alarm { return newTimer() }
