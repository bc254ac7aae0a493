package fault

import (
	"errors"
	"strconv"
)

// WrongApp puts another app's id into the query, the own plus one or the one
// that the amount says.
//
// A good receiver compares the id with its own and refuses the callback: there
// is no other sign of who sent it.
type WrongApp struct{ App uint32 }

// Apply adds the change.
func (f WrongApp) Apply(p *Plan) { p.rewrite(f) }

// Rewrite changes the query.
func (f WrongApp) Rewrite(m *Message) {
	from, to, ok := m.param("sdkappid", "SdkAppid")
	if !ok {
		return
	}
	app := f.App
	if app == 0 {
		own, _ := strconv.ParseUint(string(m.Query[from:to]), 10, 32)
		app = uint32(own) + 1
	}
	m.Query = splice(m.Query, from, to, strconv.FormatUint(uint64(app), 10))
}

func parseWrongApp(amount string) (Fault, error) {
	if amount == "" {
		return WrongApp{}, nil
	}
	app, err := strconv.ParseUint(amount, 10, 32)
	if err != nil || app == 0 {
		return nil, errors.New("want an app id, like wrong_app=1400000002")
	}
	return WrongApp{uint32(app)}, nil
}
