package sim

import (
	"fmt"
	"strings"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/wire"
)

// Warn has it said that something is taken which the documents do not have, unless it
// was said before.
type Warn journal.Warned

func (Warn) input() {}

func (e *Engine) warn(now call.Instant, id string, w journal.Warned) {
	if e.state.News(w) {
		e.emit(now, id, &w)
	}
}

// warnOfPlatform warns of a v1 callback that names a platform of v4's pages alone.
func (e *Engine) warnOfPlatform(now call.Instant, c *journal.Call, cb *wire.Callback) {
	if cb.Generation != wire.V1 {
		return
	}
	if platform := cb.Device(&c.Call).Platform; !wire.InV1(platform) {
		e.warn(now, c.ID, journal.Warned{About: "platform", Text: fmt.Sprintf(
			"v1 callbacks are sent with optplatform=%s, and 60130 has only %s", platform, strings.Join(wire.V1Platforms(), ", "))})
	}
}
