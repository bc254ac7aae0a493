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

// Learning switches on or off that each answer teaches which fields the receiver shows. A
// count, result, duration, time or list of members that one answer has and another lacks
// is read there as 0, "" or an empty list. Do not call Ask concurrently while it is on.
func (p *Probe) Learning(on bool) { p.learning = on }

// learn records whether an answer has a field; null counts as neither.
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

// field returns the value of a field: its zero, if other answers have the field and this
// one lacks it.
func (p *Probe) field(name string, v gjson.Result) gjson.Result {
	if !v.Exists() && p.shown[name] {
		return zeros[name]
	}
	return v
}

// LeftOut lists the fields that some answers had and others lacked.
func (p *Probe) LeftOut() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(p.missed)) {
		if p.shown[name] {
			names = append(names, name)
		}
	}
	return names
}
