package probe

import (
	"maps"
	"slices"

	"github.com/tidwall/gjson"
)

// zeros are the fields whose zero a receiver may leave out, as Go's omitempty does.
var zeros = map[string]gjson.Result{
	"count":    {Type: gjson.Number, Raw: "0"},
	"result":   {Type: gjson.String, Raw: `""`},
	"duration": {Type: gjson.Number, Raw: "0"},
	"members":  {Type: gjson.JSON, Raw: "[]"},
	"start":    {Type: gjson.Number, Raw: "0"},
	"accept":   {Type: gjson.Number, Raw: "0"},
	"end":      {Type: gjson.Number, Raw: "0"},
}

// Learning has each answer teach which fields the receiver shows, or ends that. Of
// those a count, a result, a duration, a time or members that are missing in another
// answer are read as 0, "" or an empty list. No one else may ask meanwhile.
func (p *Probe) Learning(on bool) { p.learning = on }

// learn notes whether an answer has a field; a null says nothing of it.
func (p *Probe) learn(name string, v gjson.Result) {
	switch {
	case !p.learning:
	case v.Exists() && v.Type == gjson.Null:
	case v.Exists():
		p.shown[name] = true
	default:
		p.missed[name] = true
	}
}

// field is what an answer says of a field: its zero, if the receiver shows it
// elsewhere and not here.
func (p *Probe) field(name string, v gjson.Result) gjson.Result {
	if !v.Exists() && p.shown[name] {
		return zeros[name]
	}
	return v
}

// LeftOut are the fields that an answer had and another one had not.
func (p *Probe) LeftOut() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(p.missed)) {
		if p.shown[name] {
			names = append(names, name)
		}
	}
	return names
}
