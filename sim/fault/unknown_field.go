package fault

import "bytes"

// UnknownField adds a key to the body that no document knows.
//
// A good receiver reads what it knows and acknowledges the callback: the vendor
// adds keys without asking.
type UnknownField struct{}

// Apply adds the change.
func (f UnknownField) Apply(p *Plan) { p.rewrite(f) }

const newField = `"NewField":{"Since":"v5","List":[1,null,"x"]}`

// Rewrite adds the key behind the others.
func (UnknownField) Rewrite(m *Message) {
	end := bytes.LastIndexByte(m.Body, '}')
	if end < 0 {
		return
	}
	text := newField
	if before := bytes.TrimRight(m.Body[:end], " "); len(before) > 0 && before[len(before)-1] != '{' {
		text = "," + text
	}
	m.Body = splice(m.Body, end, end, text)
}
