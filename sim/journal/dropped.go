package journal

import "ringback/sim/wire"

// Dropped says that a callback which became due is never sent, because the maximum of
// attempts was waiting (see the engine's Limit). Its call and the callbacks that follow
// continue.
type Dropped struct {
	Delivery uint64    `json:"delivery"`
	Word     wire.Word `json:"-"` // for those who count
}

func (*Dropped) kind() string { return "dropped" }
