package tui

// commandQueue are commands, as they were asked for. They are carried out one after the
// other, in this order: Bubble Tea runs what it is given in
// goroutines of their own, in no order.
type commandQueue struct {
	waiting []asked // the first of them is being carried out
	unseen  []asked // those whose effects the screen need not have seen yet
	last    uint64  // number of the latest
	done    uint64  // how many were carried out
}

// asked is a command with its number.
type asked struct {
	number uint64
	call   string // that it placed, once that is known
	Command
}

// done is what came of a command, as a message.
type done struct {
	asked
	Done
}
