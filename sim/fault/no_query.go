package fault

// NoQuery leaves the callback's parameters out of the URL. Those of the
// configured URL stay.
//
// A good receiver refuses it with an answer of its own: without an app id it
// is no one's callback.
type NoQuery struct{}

// Apply adds the change.
func (f NoQuery) Apply(p *Plan) { p.rewrite(f) }

// Rewrite empties the query.
func (NoQuery) Rewrite(m *Message) { m.Query = nil }
