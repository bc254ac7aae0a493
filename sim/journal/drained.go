package journal

// Drained says that nothing more happens in any call; only deliveries continue.
type Drained struct{}

func (*Drained) kind() string { return "drained" }
