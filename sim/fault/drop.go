package fault

// Drop loses the callback: the receiver never hears of it.
//
// A good receiver does not wait for it: a call whose end never comes is
// closed some other way, by a timer or by asking the records.
type Drop struct{}

// Apply marks the callback as lost.
func (Drop) Apply(p *Plan) { p.Drop = true }
