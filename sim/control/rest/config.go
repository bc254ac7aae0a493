package rest

import (
	"slices"
	"time"

	"ringback/sim/session"
	"ringback/sim/wire"
)

// App is an application of the console: its SDKAppID and secret key.
type App struct {
	ID        uint32
	Key       string // secret: it enters no journal and no answer
	NoPackage bool   // has not bought what the callback configuration needs: 50001, 60020
}

// Config says what the REST API acts on, and for whom.
type Config struct {
	Session     *session.Session // the simulator that it acts on
	Dialect     *wire.Dialect    // of the session
	Apps        []App
	Admins      []string         // who may call the API
	AnyIDs      bool             // allow user ids that CallKit would refuse
	Signed      bool             // callbacks are signed: addresses that have a signature are refused
	NoRateLimit bool             // do not limit how often the API is called
	Clock       func() time.Time // of rates and UserSigs: wall time; nil means time.Now
	// Answered is called with the command and the code of each answer, for
	// statistics; may be nil.
	Answered func(path string, code int)
}

func (c *Config) complete() {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Answered == nil {
		c.Answered = func(string, int) {}
	}
}

// app finds an app by its id.
func (c *Config) app(id uint32) (App, bool) {
	i := slices.IndexFunc(c.Apps, func(a App) bool { return a.ID == id })
	if i < 0 {
		return App{}, false
	}
	return c.Apps[i], true
}
