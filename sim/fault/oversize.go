package fault

import (
	"bytes"
	"slices"
)

// Oversize puts spaces in front of the body until it has a size. It is still
// the same JSON, but whoever reads it must read through them.
//
// A good receiver has a limit, answers 413 beyond it and keeps no more of the
// body in memory; below its limit it takes the callback.
type Oversize struct{ Bytes int }

// Apply adds the change.
func (f Oversize) Apply(p *Plan) { p.rewrite(f) }

// Rewrite pads the body.
func (f Oversize) Rewrite(m *Message) {
	if missing := f.Bytes - len(m.Body); missing > 0 {
		m.Body = slices.Concat(bytes.Repeat([]byte{' '}, missing), m.Body)
	}
}

func parseOversize(amount string) (Fault, error) {
	n, err := parseSize(amount, "oversize=1MiB")
	return Oversize{n}, err
}
