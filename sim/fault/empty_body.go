package fault

// EmptyBody sends no body; the query says which callback it was.
//
// A good receiver refuses it and does not make up a call from the query.
type EmptyBody struct{}

// Apply adds the change.
func (f EmptyBody) Apply(p *Plan) { p.rewrite(f) }

// Rewrite empties the body.
func (EmptyBody) Rewrite(m *Message) { m.Body = nil }
