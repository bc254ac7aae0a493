package simapi

import (
	"errors"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/script"
)

// Acting is something that happens in a call, in the words of a script.
type Acting struct {
	Do      string   `json:"do" enum:"action" jsonschema:"accept, reject, cancel, hang_up, invite, cancel_invite, join, lose_line, pull_battery, change_media, end_by_server, mic, camera, speak, quality, second_login, expire_sig, fail; ring and busy for a call placed with ring_later; and replay, which sends all callbacks of the call again in the same bytes"`
	Who     string   `json:"who,omitempty" jsonschema:"whose phone does it"`
	Whom    []string `json:"whom,omitempty" jsonschema:"invite, cancel_invite: which users"`
	Media   string   `json:"media,omitempty" enum:"media" jsonschema:"change_media: audio or video"`
	On      *bool    `json:"on,omitempty" jsonschema:"mic, camera: on or off"`
	Level   *int     `json:"level,omitempty" jsonschema:"speak: the volume, 0 to 100"`
	Quality string   `json:"quality,omitempty" enum:"quality" jsonschema:"quality: Unknown, Excellent, Good, Poor, Bad, Vbad or Down"`
	Code    *int     `json:"code,omitempty" jsonschema:"fail: of the error"`
	Text    string   `json:"text,omitempty" jsonschema:"fail: of the error"`
}

// input is what it asks of a call.
func (a *Acting) input(id string) (sim.Input, error) {
	if a.Do != "replay" {
		action, err := a.action()
		return sim.Act{Call: id, Action: action}, err
	}
	if a.Who != "" || a.Whom != nil || a.Media != "" || a.On != nil || a.Level != nil || a.Quality != "" || a.Code != nil || a.Text != "" {
		return nil, wrong("do", "", "replay goes with no other field")
	}
	return sim.Replay{Call: id}, nil
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
