package simapi

import "context"

// Sandboxes are all simulators of a server: the one at the paths of this API, which is
// the first, and those that clients make. Errors are a [Problem], or
// [ringback/sim/run.ErrStopped].
type Sandboxes interface {
	List() []Sandbox
	Show(id string) (Sandbox, error)
	Make(Making) (Sandbox, error)
	End(ctx context.Context, id string) (Sandbox, error)
}

// Making says what a sandbox is to be. What is left out is as it is for the server.
type Making struct {
	SDKAppID  uint32            `json:"sdkappid,omitempty" jsonschema:"its app, which names it; a free one if left out"`
	Key       string            `json:"key,omitempty" jsonschema:"the secret key of its app; made up if left out, and in the answer then"`
	NoPackage bool              `json:"no_package,omitempty" jsonschema:"its app has no CallKit package: the requests that need one are answered 50001 and 60020"`
	Callback  string            `json:"callback,omitempty" jsonschema:"a URL to register for all callbacks of both generations, without the REST API; loopback, or inside --allow-net"`
	Seed      *uint64           `json:"seed,omitempty" jsonschema:"of all that is random; the server's if left out"`
	Epoch     string            `json:"epoch,omitempty" jsonschema:"when its simulated time starts, like 2026-01-01T00:00:00Z; at that of the first sandbox if left out"`
	Run       string            `json:"run,omitempty" jsonschema:"the token that all its call and room ids follow from, up to 32 letters, digits, - and _; chosen if left out"`
	Pace      string            `json:"pace,omitempty" jsonschema:"real, instant, or a factor like 10x; the server's if left out"`
	Paused    bool              `json:"paused,omitempty" jsonschema:"its time stands still until it is resumed or advanced"`
	Dialect   map[string]string `json:"dialect,omitempty" jsonschema:"what of the dialect is not as it is for the server, like call_id: readable"`
}

// Sandbox is one simulator: its apps, clock, calls, faults, registrations and planned
// errors are its own.
type Sandbox struct {
	ID     uint32   `json:"id" jsonschema:"the SDKAppID of its app, or of the first of its apps"`
	Path   string   `json:"path" jsonschema:"its routes are below that as they are below /sim/v1"`
	Apps   []uint32 `json:"apps"`
	First  bool     `json:"first,omitempty" jsonschema:"it is the one at /sim/v1 itself, and lasts as long as the server"`
	Key    string   `json:"key,omitempty" jsonschema:"of its app, if it was made up; in no other answer"`
	Status Status   `json:"status"`
}

// SandboxList is all sandboxes.
type SandboxList struct {
	Sandboxes []Sandbox `json:"sandboxes" jsonschema:"the first one first"`
}
