package replay

// Summary counts the callbacks of a run by how their answers compare with the journal.
// Sent is the sum of Same, AckedNow, RejectedNow, Otherwise and NotCompared.
type Summary struct {
	Callbacks   uint64 `json:"callbacks"` // of the journal, that it had to send
	Sent        uint64 `json:"sent"`
	Same        uint64 `json:"same"`
	AckedNow    uint64 `json:"acked_now"`
	RejectedNow uint64 `json:"rejected_now"`
	Otherwise   uint64 `json:"otherwise"`
	NotCompared uint64 `json:"not_compared"`
	NotSent     uint64 `json:"not_sent"`   // of Callbacks: the run was stopped before, or what they wait for did not come
	NeverSent   uint64 `json:"never_sent"` // that a fault did not let out, then as now
	LeftOut     uint64 `json:"left_out"`   // events that this run could not repeat: their calls were over for too long
	Attempts    uint64 `json:"attempts"`
	Acked       uint64 `json:"acked"`
	Abandoned   uint64 `json:"abandoned"`
	Connected   uint64 `json:"connected"` // attempts that reached the receiver at all
}

// of returns the counter of a change.
func (s *Summary) of(c Change) *uint64 {
	return [...]*uint64{Same: &s.Same, AckedNow: &s.AckedNow, RejectedNow: &s.RejectedNow, Otherwise: &s.Otherwise, NotCompared: &s.NotCompared}[c]
}
