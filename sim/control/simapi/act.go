package simapi

import (
	"encoding/json"
	"errors"
	"net/http"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control/rest"
	"ringback/sim/journal"
	"ringback/sim/script"
)

// Acting is something that happens in a call, in the words of a script.
type Acting struct {
	Do      string   `json:"do" enum:"action" jsonschema:"accept, reject, cancel, hang_up, invite, cancel_invite, join, lose_line, pull_battery, change_media, end_by_server, mic, camera, speak, quality, second_login, expire_sig, fail; ring and busy for a call placed with ring_later"`
	Who     string   `json:"who,omitempty" jsonschema:"whose phone does it"`
	Whom    []string `json:"whom,omitempty" jsonschema:"invite, cancel_invite: which users"`
	Media   string   `json:"media,omitempty" enum:"media" jsonschema:"change_media: audio or video"`
	On      *bool    `json:"on,omitempty" jsonschema:"mic, camera: on or off"`
	Level   *int     `json:"level,omitempty" jsonschema:"speak: the volume, 0 to 100"`
	Quality string   `json:"quality,omitempty" enum:"quality" jsonschema:"quality: Unknown, Excellent, Good, Poor, Bad, Vbad or Down"`
	Code    *int     `json:"code,omitempty" jsonschema:"fail: of the error"`
	Text    string   `json:"text,omitempty" jsonschema:"fail: of the error"`
}

// action reads it as scripts are read.
func (a *Acting) action() (call.Action, error) {
	with := map[string]any{}
	for key, value := range map[string]string{"who": a.Who, "media": a.Media, "quality": a.Quality, "text": a.Text} {
		if value != "" {
			with[key] = value
		}
	}
	if a.Whom != nil {
		with["whom"] = a.Whom
	}
	if a.On != nil {
		with["on"] = *a.On
	}
	for key, value := range map[string]*int{"level": a.Level, "code": a.Code} {
		if value != nil {
			with[key] = *value
		}
	}
	action, err := script.ParseAction(a.Do, with)
	var e *script.Error
	if errors.As(err, &e) {
		return action, wrong(e.Key, e.Hint, "%s", e.Why)
	}
	return action, err
}

// Acted is what followed from an action.
type Acted struct {
	Call   CallView          `json:"call" jsonschema:"the call as it is now"`
	Events []json.RawMessage `json:"events" jsonschema:"the lines of the journal: facts, callbacks and attempts"`
}

func (b *backend) actOnCall(r *http.Request, in Acting) (done Acted, err error) {
	id, err := b.named("id", r.PathValue("id"))
	if err != nil {
		return done, err
	}
	if len(in.Whom) > rest.MaxCallees {
		return done, wrong("whom", `["dave"]`, "has %d entries, want at most %d", len(in.Whom), rest.MaxCallees)
	}
	action, err := in.action()
	if err != nil {
		return done, err
	}
	var lines [][]byte
	var broken error
	err = b.Session.Do(sim.Act{Call: id, Action: action}, func(fx []sim.Effect) { lines, broken = b.linesOf(fx) })
	if err = errors.Join(err, broken); err != nil {
		return done, err
	}
	for _, l := range lines {
		done.Events = append(done.Events, l)
	}
	done.Call, err = b.callView(id)
	return done, err
}

// linesOf are the lines of effects as readers get them.
func (b *backend) linesOf(fx []sim.Effect) (lines [][]byte, err error) {
	b.Session.State(func(st *journal.State) {
		for i := range fx {
			var line []byte
			if line, err = st.Masked(&fx[i].Event).AppendLine(nil); err != nil {
				return
			}
			lines = append(lines, line)
		}
	})
	return lines, err
}
