package fault

import "bytes"

// Malformed leaves the last brace out of the body: all of it came, and it is
// not JSON.
//
// A good receiver refuses the callback, with 400 or an ErrorCode, and stores
// nothing of it.
type Malformed struct{}

// Apply adds the change.
func (f Malformed) Apply(p *Plan) { p.rewrite(f) }

// Rewrite takes the brace.
func (Malformed) Rewrite(m *Message) {
	if end := bytes.LastIndexByte(m.Body, '}'); end >= 0 {
		m.Body = splice(m.Body, end, end+1, "")
	}
}
