package fault

// Reorder lets a callback change places with the next one of its call: the
// next goes out first. Where all are hit, they change in pairs; the last one
// of a call has nothing to change with.
//
// A good receiver stores the same in any order of arrival. It sorts by
// EventTime, or knows which state of a call can follow which.
type Reorder struct{}

// Apply lets the next one go first.
func (Reorder) Apply(p *Plan) { p.Swap = true }
