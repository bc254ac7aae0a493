package control

import "time"

// What tests of the REST API see of it.

type RestCode = restCode

var (
	RestCodes = restCodes
	RestPaths = restPaths
)

// SetClock sets the clock of rates and UserSigs.
func (b *Backend) SetClock(clock func() time.Time) { b.wall = clock }
