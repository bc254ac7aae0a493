//go:build unix

package load

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// CPUDemand returns the processor time that this process has used so far, plus on
// Linux the time that its threads waited for a processor.
func CPUDemand() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	demand := time.Duration(u.Utime.Nano() + u.Stime.Nano())
	threads, _ := os.ReadDir("/proc/self/task") // empty on other systems
	for _, t := range threads {
		text, _ := os.ReadFile("/proc/self/task/" + t.Name() + "/schedstat")
		if fields := strings.Fields(string(text)); len(fields) > 1 { // ran, waited, turns; in nanoseconds
			waited, _ := strconv.ParseInt(fields[1], 10, 64)
			demand += time.Duration(waited)
		}
	}
	return demand
}
