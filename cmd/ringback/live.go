package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/text"
	"ringback/sim/wire"
	"ringback/tui"
)

// liveRun is a run as the screen sees it: a loop, its journal, and the events
// that the screen has not fetched yet.
type liveRun struct {
	shelf
	setup    *setup
	loop     *run.Loop
	file     *journalFile // nil: none
	keep     uint64
	frame    time.Duration // the screen is not told more often than that
	scripted bool          // a script looks at the screen, and nobody else
	cancel   context.CancelFunc
	over     chan struct{}
	err      error // of the run, once it is over

	traffic func(journal.Run, call.Instant) run.Source // makes background calls
	pacing  sync.Mutex                                 // one change of pace or traffic at a time: some exclude each other
	calling bool                                       // background calls come

	writer  journalWriter
	mu      sync.Mutex
	drained *sync.Cond
	events  []*journal.Event
	closed  bool
	busy    bool // something goes on, so that times on the screen move
	totals  journal.Totals
	calls   uint64
	flying  int           // attempts without an answer
	arrived chan struct{} // there are events

	told time.Time // when the screen was told last
}

// How often the screen hears of a run: at most every frame, and at least every
// tick while something goes on, every rest else.
const (
	tuiFrame = 50 * time.Millisecond
	tuiTick  = 100 * time.Millisecond
	tuiRest  = 500 * time.Millisecond
)

// mostUnseen is how many events wait for the screen. A terminal that was
// stopped holds the run up then: what nobody sees need not go on.
const mostUnseen = 50_000

// tuiKeep is how many events a finished call stays on the screen.
const tuiKeep = 100_000

func newLiveRun(s *setup, file *journalFile, sc screen, traffic func(journal.Run, call.Instant) run.Source) *liveRun {
	l := &liveRun{
		setup: s, file: file, keep: tuiKeep, frame: tuiFrame, over: make(chan struct{}), arrived: make(chan struct{}, 1),
		traffic: traffic,
	}
	if file != nil {
		l.writer.file = file.File
	}
	if _, l.scripted = sc.(*scriptedScreen); l.scripted { // nobody looks: as fast as possible
		l.frame = time.Millisecond
	}
	l.drained = sync.NewCond(&l.mu)
	l.loop = run.New(run.Config{
		Engine: sim.New(sim.Config{
			Run: s.run, Dialect: s.dialect, Order: s.order, Exclusive: true, HeartbeatExpiry: s.heartbeat, Timings: s.timings, Keep: l.keep,
			Sign: s.sign,
		}),
		Pace: s.pace, Timeout: s.timeout, Linger: true, Journal: l.record,
		NewSender: s.sender,
	})
	return l
}

// start begins the run: callbacks go to the receiver from the first one on.
func (l *liveRun) start() error {
	ctx, cancel := context.WithCancel(context.Background())
	l.cancel = cancel
	go func() {
		defer close(l.over)
		if err := l.loop.Run(ctx); !errors.Is(err, context.Canceled) { // by stop
			l.err = err
		}
	}()
	s := l.setup
	err := l.loop.Do(sim.Register{App: s.app, Generation: s.generation, Endpoint: s.endpoint, Typed: true, Words: wire.AllWords()}, nil)
	if err != nil {
		cancel()
		<-l.over
		return cmp.Or(l.err, err) // the run knows why it ended
	}
	return nil
}

// stop ends the run: what is in flight has so long to be answered, while the
// context lasts.
func (l *liveRun) stop(ctx context.Context, within time.Duration) error {
	l.mu.Lock()
	l.closed = true
	l.drained.Broadcast()
	l.mu.Unlock()
	soon, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	l.loop.Finish(soon)
	l.cancel()
	<-l.over
	return l.err
}

// record takes in the effects of a step: into the file, then for the screen.
func (l *liveRun) record(step []sim.Effect) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.events) > mostUnseen && !l.closed {
		l.drained.Wait()
	}
	if err := l.writer.write(step); err != nil {
		return err
	}
	for i := range step {
		e := &step[i].Event
		l.count(e)
		if !l.closed {
			l.events = append(l.events, e.Clone())
		}
	}
	select {
	case l.arrived <- struct{}{}:
	default:
	}
	return nil
}

// count keeps what is said at the end.
func (l *liveRun) count(e *journal.Event) {
	switch e.Data.(type) {
	case *journal.Callback:
		l.totals.Callbacks++
	case *journal.Attempt:
		l.totals.Attempts++
		l.flying++
	case *journal.Answer:
		l.flying--
	case *journal.Fact:
		if f := e.Data.(*journal.Fact); f.Setup != nil {
			l.calls++
		}
	}
}

// Watch waits for events, and tells what time it is.
func (l *liveRun) Watch() tui.Changes {
	if since := time.Since(l.told); since < l.frame {
		time.Sleep(l.frame - since) // a frame, not a wait for anything
	}
	l.await()
	l.told = time.Now()
	c := tui.Changes{}
	l.mu.Lock()
	c.Events, l.events = l.events, nil
	if l.file != nil && l.file.path == "" { // nobody asked for it, so that its size is told
		c.Journal = l.file.Size()
	}
	l.drained.Broadcast()
	l.mu.Unlock()
	now, pace, paused := l.loop.Time()
	c.Clock = tui.Clock{Now: now, Wall: l.told, Pace: pace.String(), Paused: paused}
	if l.scripted { // messages stay until the next key
		c.Clock.Wall = time.Time{}
	}
	_, moves := l.loop.Next()
	l.busy = moves && !paused
	select {
	case <-l.over:
		c.Over = cmp.Or(l.err, run.ErrStopped)
	default:
	}
	return c
}

// await waits until there are events, or it is time to show the time.
func (l *liveRun) await() {
	wait := tuiRest
	switch {
	case l.told.IsZero():
		wait = 0
	case l.scripted:
		wait = 5 * time.Millisecond
	case l.busy:
		wait = tuiTick
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-l.arrived:
	case <-t.C:
	case <-l.over:
	}
}

// Do carries out an order of the screen.
func (l *liveRun) Do(o tui.Order) tui.Done {
	switch o := o.(type) {
	case tui.Feed:
		return l.feed(o.Input)
	case tui.SetClock:
		return l.setClock(o)
	case tui.SwitchTraffic:
		return l.switchTraffic(o.On)
	case tui.SaveJournal:
		return l.saveJournal()
	}
	return l.shelf.Do(o)
}

func (l *liveRun) feed(in sim.Input) (d tui.Done) {
	if p, ok := in.(sim.Place); ok { // the screen names people as scripts do
		p.Setup.Caller, p.Setup.Callees = l.setup.user(p.Setup.Caller), l.users(p.Setup.Callees)
		p.Setup.Busy = l.users(p.Setup.Busy)
		for i := range p.Plan {
			p.Plan[i].By = l.setup.user(p.Plan[i].By)
		}
		in = p
	}
	d.Err = l.loop.Do(in, func(fx []sim.Effect) { d.Call = sim.Placed(fx) })
	return d
}

func (l *liveRun) users(names []string) (ids []string) {
	for _, n := range names {
		ids = append(ids, l.setup.user(n))
	}
	return ids
}

func (l *liveRun) setClock(o tui.SetClock) tui.Done {
	switch o.Do {
	case tui.Pause:
		l.loop.Pause()
	case tui.Resume:
		l.loop.Resume()
	case tui.SetPace:
		if err := l.setPace(o.Pace); err != nil {
			return tui.Done{Err: err}
		}
	case tui.Step:
		return l.step()
	}
	return tui.Done{Err: l.noteTime()}
}

func (l *liveRun) setPace(text string) error {
	p, err := run.ParsePace(text)
	if err != nil {
		return err
	}
	l.pacing.Lock()
	defer l.pacing.Unlock()
	if p == run.Instant && l.calling {
		return errEndless
	}
	l.loop.SetPace(p)
	return nil
}

// noteTime journals how time passes.
func (l *liveRun) noteTime() error {
	_, pace, paused := l.loop.Time()
	return l.loop.Do(sim.Clock{Pace: pace.String(), Paused: paused}, nil)
}

// step goes to what is due next, and stands still there.
func (l *liveRun) step() tui.Done {
	l.loop.Pause()
	at, ok := l.loop.Next()
	if !ok {
		return tui.Done{Note: "paused; nothing is due", Err: l.noteTime()}
	}
	now, _, _ := l.loop.Time()
	soon, cancel := context.WithTimeout(context.Background(), l.setup.timeout+time.Second)
	defer cancel()
	if err := l.loop.Advance(soon, max(0, at.Sub(now))); err != nil {
		return tui.Done{Err: fmt.Errorf("step: %w", err)}
	}
	return tui.Done{Err: l.noteTime()}
}

func (l *liveRun) switchTraffic(on bool) tui.Done {
	l.pacing.Lock()
	defer l.pacing.Unlock()
	now, pace, _ := l.loop.Time()
	if on && pace == run.Instant {
		return tui.Done{Err: errEndless}
	}
	if l.calling = on; on {
		l.loop.SetSource(l.traffic(l.setup.run, now))
	} else {
		l.loop.SetSource(nil)
	}
	return tui.Done{}
}

var errEndless = errors.New("instant would never end while calls come by themselves; + and - choose another pace")

// saveJournal copies the journal so far to where the user is.
func (l *liveRun) saveJournal() tui.Done {
	if l.file == nil {
		return tui.Done{Err: errors.New("this run keeps no journal; --journal FILE does")}
	}
	l.mu.Lock()
	size := l.file.Size()
	l.mu.Unlock()
	saved := save("ringback-"+l.setup.run.Token+".ndjson", io.NewSectionReader(l.file, 0, size), 0o600)
	return withToken(saved, !l.setup.endpoint.Secrets().Empty())
}

// farewell says what there was, where it is, and what the end waits for.
func (l *liveRun) farewell(ctx context.Context, w world) {
	l.mu.Lock()
	calls, totals, flying := l.calls, l.totals, l.flying
	l.mu.Unlock()
	say(w.stdout, "%s, %s in %s\n", text.Count(calls, "call"), text.Count(totals.Callbacks, "callback"), text.Count(totals.Attempts, "attempt"))
	switch {
	case l.file == nil || l.failed():
	case l.file.path != "":
		say(w.stdout, "the journal is %s; look at it again with: ringback tui %s\n", l.file.path, quote(l.file.path))
	case calls > 0:
		fmt.Fprintln(w.stdout, "its journal was a temporary one and is gone; W saves it, and so does ringback tui --journal FILE")
	}
	if flying > 0 && ctx.Err() == nil {
		say(w.stderr, "waiting for %s, Ctrl-C ends\n", text.Count(uint64(flying), "answer"))
	}
}

// failed reports whether the run has ended by itself: its journal could not be
// written any more.
func (l *liveRun) failed() bool {
	select {
	case <-l.over:
		return l.err != nil
	default:
		return false
	}
}
