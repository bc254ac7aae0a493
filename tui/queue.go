package tui

// commandQueue carries out commands one after the other, in order: Bubble Tea itself runs
// each in a goroutine, in no order.
type commandQueue struct {
	waiting []asked // the first is being carried out
	unseen  []asked // those whose effects the screen may not have seen yet
	last    uint64  // number of the latest
	done    uint64  // how many were carried out
}

// asked is a command with its number.
type asked struct {
	number uint64
	call   string // that it placed, once that is known
	Command
}

// done is the result of a command, as a message.
type done struct {
	asked
	Done
}
