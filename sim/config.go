package sim

import (
	"time"

	"ringback/sim/journal"
	"ringback/sim/outbox"
	"ringback/sim/wire"
)

// Order says whether a call's first attempts wait for each other.
type Order = outbox.Order

// The orders: see [outbox.Order].
const (
	Serial    = outbox.Serial
	Unordered = outbox.Unordered
)

// Limit bounds how many attempts may wait to be made.
type Limit = outbox.Limit

// Defaults of the timers, in simulated time.
const (
	RingTimeout     = 30 * time.Second // TUICallParams.timeout
	HeartbeatExpiry = 30 * time.Second // not published
)

// PlatformExpiry, as a heartbeat's expiry, stands for each platform's own:
// 60 s for Web and mini programs, 400 s for native clients, after which the
// vendor's IM takes a client that fell silent for offline
// (cloud.tencent.com/document/product/269/2570).
const PlatformExpiry time.Duration = -1

// PlatformExpiryOf is the heartbeat's expiry for one platform; see
// [PlatformExpiry].
func PlatformExpiryOf(platform string) time.Duration {
	switch platform {
	case "Web", "miniProgram":
		return 60 * time.Second
	}
	return 400 * time.Second
}

// Config is what makes an engine's behavior, apart from its inputs.
type Config struct {
	Run             journal.Run // the header; Dialect and Flags may be nil
	Dialect         *wire.Dialect
	Rooms           Rooms
	Order           Order
	RingTimeout     time.Duration
	HeartbeatExpiry time.Duration // [PlatformExpiry]: each platform's own
	// Exclusive makes a callee busy who is in another call. A traffic model
	// that keeps its own users apart switches it off and saves the index.
	Exclusive bool
	// Timings journals how long answers took, so that no two journals of equal
	// runs are equal.
	Timings bool
	// Hosts journals the hosts of typed addresses too, for journals that a
	// restart goes on with. Others leave them out: they differ from run to run.
	Hosts bool
	// Limit bounds how many attempts may wait to be made.
	Limit Limit
	// Sign is a token: requests are signed with it; empty is off. No two journals of
	// equal runs are equal then, since a signature has the wall time of its first
	// attempt; see [Engine.Wall].
	Sign string
	// Shared says that the engine plays some of the calls of a run, numbered by who
	// places them, and others play the rest: what is sent for a call then does not depend
	// on which other calls this engine has.
	Shared bool
	// Keep is how many events a finished call stays in the state; see
	// [journal.Keep].
	Keep uint64
	// Recycle uses the memory of what is settled and forgotten again, for load:
	// it takes an engine without readers. What a step returns is valid until the
	// next one anyway; besides
	//
	//   - the Request of a [Send] is valid until the answer to that attempt is given
	//     to a step. One that never gets an answer stays as it is.
	//   - calls, callbacks and requests of [Engine.State] are valid until the next
	//     step: who has to keep one keeps its id.
	//   - events carry no requests, and who folds them into another state folds
	//     them into one for readers, before the next step.
	//   - the engine keeps neither the lists of a [Place] nor its plan, whose memory
	//     the caller may use again. Texts, the devices, what the app attached, and
	//     the lists in the plan's actions it does keep.
	//
	// What the engine does, and what it says, is the same.
	Recycle bool
}
