//go:build !unix

package load

import "time"

// cpuDemand returns 0, since it is not known on this system.
func cpuDemand() time.Duration { return 0 }
