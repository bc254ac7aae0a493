package journal

// Arena allocates values for the data of events. They are valid until it is reset;
// then their memory is used again. Values do not move when the arena grows.
type Arena[T any] []T

// maxIdle is how many values an arena keeps memory for after a reset, so that one
// large step does not hold memory forever.
const maxIdle = 1024

// New returns a pointer to a copy of a value.
func (a *Arena[T]) New(v T) *T {
	if len(*a) == cap(*a) {
		*a = make([]T, 0, max(8, 2*cap(*a)))
	}
	*a = append(*a, v)
	return &(*a)[len(*a)-1]
}

// Reset frees all values.
func (a *Arena[T]) Reset() {
	*a = (*a)[:0]
	if cap(*a) > maxIdle {
		*a = nil
	}
}
