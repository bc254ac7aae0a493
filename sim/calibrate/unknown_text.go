package calibrate

import (
	"strings"

	"ringback/sim/text"
)

// others prints what the documents do not have.
func (p *printer) others(list []Undocumented, more int64) {
	p.title("Not in the documents")
	if len(list) == 0 {
		p.line("nothing: all words, fields, values, parameters and header fields are known")
		return
	}
	for i := range list {
		u := &list[i]
		types := ""
		if len(u.Types) > 0 {
			types = " " + strings.Join(u.Types, " or ")
		}
		p.line("%s%s %s of %s: %s, like %q (%s:%d)", u.What, types, u.Name, u.In, text.Count(u.N, "time"), u.Example, u.Place.File, u.Place.Line)
	}
	if more > 0 {
		p.line("and others, found %s", text.Count(more, "time"))
	}
	p.line("a parameter may belong to the receiver's own address, and a proxy adds header fields of its own")
}
