package simapi

import (
	"encoding/json"
	"errors"
	"net/http"

	"ringback/sim"
	"ringback/sim/control/rest"
	"ringback/sim/journal"
)

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
	input, err := in.input(id)
	if err != nil {
		return done, err
	}
	var lines [][]byte
	var broken error
	err = b.Session.Do(input, func(fx []sim.Effect) { lines, broken = b.linesOf(fx) })
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
