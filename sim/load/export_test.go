package load

// Shards returns the number of engines that play the load.
func (l *Load) Shards() int { return len(l.shards) }
