package journal

// Drained says that nothing more happens in any call: only callbacks go on.
type Drained struct{}

func (*Drained) kind() string { return "drained" }
