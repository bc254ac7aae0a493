package rest

import (
	"slices"
	"strings"

	"ringback/sim/wire"
)

// command is one command of the documented REST API.
type command struct {
	path      string // kind or service, and command
	page      string // trtc.io/document/...
	rate      int    // calls in a second
	parameter int    // code of a wrong field of the body
	// read takes the fields of the body and says what is to be done with them,
	// once all of the checks are passed.
	read func(b *backend, app App, f *fields) action
}

// commands are all there are (60138, 68927). The rates are those of the pages.
// Of the v4 services only the call engine's pages have a code of its own for a
// wrong field; the record pages have none, so they take the configuration's.
var commands = []command{
	{"v1/callback/set", "60134", 10, codeV1Parameter, v1Set},
	{"v1/callback/get", "60133", 10, codeV1Parameter, v1Get},
	{"v1/callback/update", "60132", 10, codeV1Parameter, v1Update},
	{"v1/callback/delete", "60131", 10, codeV1Parameter, v1Delete},
	{"v1/records/get_record_by_callId", "60137", 20, codeV1Parameter, v1Record},
	{"v1/records/get_records_by_filter", "60136", 200, codeV1Parameter, v1Records},

	{"v4/call_config/set_callback", "68938", 200, codeConfigParameter, v4Set},
	{"v4/call_config/get_callback", "68937", 200, codeConfigParameter, v4Get},
	{"v4/call_config/delete_callback", "68939", 200, codeConfigParameter, v4Delete},
	{"v4/call_record_http_srv/get_record_by_callid", "68930", 200, codeConfigParameter, v4Record},
	{"v4/call_record_http_srv/get_record_by_filter", "68931", 200, codeConfigParameter, v4Records},
	{"v4/call_engine_http_srv/get_call_info", "68932", 200, codeCallParameter, v4CallInfo},
	{"v4/call_engine_http_srv/end_call", "74506", 200, codeCallParameter, v4EndCall},
	{"v4/call_engine_http_srv/start_call_by_robot", "74505, 71845", 200, codeCallParameter, v4StartCall},
}

// Paths are the paths of all commands.
func Paths() (paths []string) {
	for i := range commands {
		paths = append(paths, commands[i].path)
	}
	return paths
}

func findCommand(path string) *command {
	i := slices.IndexFunc(commands, func(c command) bool { return c.path == path })
	if i < 0 {
		return nil
	}
	return &commands[i]
}

func (c *command) generation() wire.Generation {
	if strings.HasPrefix(c.path, "v1/") {
		return wire.V1
	}
	return wire.V4
}

func (c *command) codes() *checkCodes { return codesOf[c.generation()] }
