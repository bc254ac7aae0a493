package control

import "time"

// SetClock sets the clock of rates and UserSigs.
func (b *Backend) SetClock(clock func() time.Time) { b.wall = clock }
