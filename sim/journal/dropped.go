package journal

import "ringback/sim/wire"

// Dropped says that a callback which became due is never sent: as many attempts
// were waiting as may (see the engine's Limit). Its call goes on, and so do the
// callbacks that follow.
type Dropped struct {
	Delivery uint64    `json:"delivery"`
	Word     wire.Word `json:"-"` // for those who count
}

func (*Dropped) kind() string { return "dropped" }
