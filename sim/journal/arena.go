package journal

// Arena hands out values for the data of events, which are valid until it is reset,
// and then uses their memory again. When it grows, what it handed out stays where it is.
type Arena[T any] []T

// maxIdle is how many values an arena that was reset has memory for at most, so that
// no single step of an engine is remembered for ever.
const maxIdle = 1024

// New hands out a copy of a value.
func (a *Arena[T]) New(v T) *T {
	if len(*a) == cap(*a) {
		*a = make([]T, 0, max(8, 2*cap(*a)))
	}
	*a = append(*a, v)
	return &(*a)[len(*a)-1]
}

// Reset takes back all that was handed out.
func (a *Arena[T]) Reset() {
	*a = (*a)[:0]
	if cap(*a) > maxIdle {
		*a = nil
	}
}
