//go:build !unix

package load

import "time"

// CPUDemand returns 0, since it is not known on this system.
func CPUDemand() time.Duration { return 0 }
