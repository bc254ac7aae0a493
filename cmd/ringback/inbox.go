package main

import (
	"sync"
	"time"

	"ringback/sim/journal"
)

// How often the screen is updated: at most every frame, and at least every tick while
// something is in progress, otherwise every rest.
const (
	tuiFrame = 50 * time.Millisecond
	tuiTick  = 100 * time.Millisecond
	tuiRest  = 500 * time.Millisecond
)

// maxUnseen is how many events can wait for the screen. After that, a stopped terminal
// blocks whoever brings them.
const maxUnseen = 50_000

// inbox is the events that the screen has not fetched yet.
type inbox struct {
	frame    time.Duration // min time between two updates of the screen
	scripted bool          // a script reads the screen, and no one else

	mu      sync.Mutex
	drained *sync.Cond
	events  []*journal.Event
	closed  bool
	arrived chan struct{} // there is something

	// Of whoever fetches.
	busy bool      // something is in progress, so that times on the screen change
	told time.Time // time of the last update of the screen
}

func newInbox(scripted bool) *inbox {
	b := &inbox{frame: tuiFrame, scripted: scripted, arrived: make(chan struct{}, 1)}
	if scripted { // no one watches: as fast as possible
		b.frame = time.Millisecond
	}
	b.drained = sync.NewCond(&b.mu)
	return b
}

// makeRoom waits while the screen is too far behind. The inbox is locked.
func (b *inbox) makeRoom() {
	for len(b.events) > maxUnseen && !b.closed {
		b.drained.Wait()
	}
}

// put adds events, which must be valid for good. The inbox is locked.
func (b *inbox) put(events ...*journal.Event) {
	if !b.closed {
		b.events = append(b.events, events...)
	}
	b.ring()
}

// ring lets the screen look.
func (b *inbox) ring() {
	select {
	case b.arrived <- struct{}{}:
	default:
	}
}

// fetch returns the events. The inbox is locked.
func (b *inbox) fetch() (events []*journal.Event) {
	events, b.events = b.events, nil
	b.drained.Broadcast()
	return events
}

func (b *inbox) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.drained.Broadcast()
}

// await waits for events, or until the clock on the screen must change, or until all is
// over; and at least for a frame.
func (b *inbox) await(over <-chan struct{}) {
	if since := time.Since(b.told); since < b.frame {
		time.Sleep(b.frame - since) // a frame, not a wait for anything
	}
	wait := tuiRest
	switch {
	case b.told.IsZero():
		wait = 0
	case b.scripted:
		wait = 5 * time.Millisecond
	case b.busy:
		wait = tuiTick
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-b.arrived:
	case <-t.C:
	case <-over:
	}
	b.told = time.Now()
}

// wall is the time of the last update as the screen gets it: none for a script, so that
// messages stay until the next key.
func (b *inbox) wall() time.Time {
	if b.scripted {
		return time.Time{}
	}
	return b.told
}
