//go:build !unix

package load

import "time"

// cpuDemand is not known here.
func cpuDemand() time.Duration { return 0 }
