package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"ringback/cmd/cli"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/session"
	"ringback/sim/store"
	"ringback/sim/text"
	"ringback/sim/wire"
	"ringback/tui"
)

// liveRun is the run behind a screen: a session, and the events that the screen has not
// fetched yet.
type liveRun struct {
	exporter
	setup   *cli.Config
	session *session.Session
	file    *journalFile // nil: none
	keep    uint64
	inbox   *inbox // its lock guards the file's size, too
	traffic background
	stored  *asker // nil: there is no probe

	settings string // the settings file, which may not be there
}

// background makes sources of background calls: see [cli.Background].
type background = func(r journal.Run, app uint32, from call.Instant, rate float64) (run.Source, error)

// tuiKeep is how many events later a finished call leaves the screen.
const tuiKeep = 100_000

func newLiveRun(s *cli.Config, file *journalFile, sc screen, traffic background) *liveRun {
	_, scripted := sc.(*scriptedScreen)
	return &liveRun{setup: s, file: file, keep: tuiKeep, inbox: newInbox(scripted), traffic: traffic}
}

// start begins the run: callbacks go to the receiver from the first one on.
func (l *liveRun) start() (err error) {
	s, cfg := l.setup, l.setup.Session()
	cfg.Engine.Keep, cfg.Journal, cfg.Watch = l.keep, l.append, l.watch
	cfg.NewSender = func() run.Sender {
		sender := s.Connections.Sender()
		sender.KeepHeads()
		return sender
	}
	cfg.Background = func(from call.Instant, rate float64) (run.Source, error) { return l.traffic(s.Run, s.App, from, rate) }
	if l.session, err = session.Start(cfg); err != nil {
		return err
	}
	err = l.session.Do(sim.Register{App: s.App, Generation: s.Generation, Endpoint: s.Endpoint, Typed: true, Words: wire.AllWords()}, nil)
	if err != nil {
		return cmp.Or(l.session.Close(), err) // the run has the reason
	}
	return nil
}

// stop ends the run. Attempts in flight have d to be answered, unless the context ends.
func (l *liveRun) stop(ctx context.Context, within time.Duration) error {
	l.inbox.close()
	soon, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return l.session.Finish(soon)
}

// append writes a step to the file, and waits if the screen is too far behind.
func (l *liveRun) append(lines []byte) error {
	l.inbox.mu.Lock()
	defer l.inbox.mu.Unlock()
	l.inbox.makeRoom()
	if l.file == nil {
		return nil
	}
	return l.file.Append(lines)
}

// watch keeps an event for the screen.
func (l *liveRun) watch(_ *journal.State, e *journal.Event) error {
	l.inbox.mu.Lock()
	defer l.inbox.mu.Unlock()
	l.inbox.put(e.Clone())
	return nil
}

// Watch waits for events, and returns them with the time.
func (l *liveRun) Watch() tui.Changes {
	l.inbox.await(l.session.Done())
	c := tui.Changes{}
	l.inbox.mu.Lock()
	c.Events = l.inbox.fetch()
	if l.file != nil && l.file.path == "" { // not asked for, so its size is shown
		c.Journal = l.file.Size()
	}
	l.inbox.mu.Unlock()
	if l.stored != nil {
		c.Stored = l.stored.take()
	}
	now, pace, paused := l.session.Loop().Time()
	c.Clock = tui.Clock{Now: now, Wall: l.inbox.wall(), Pace: pace.String(), Paused: paused}
	_, c.NextCall = l.session.Traffic()
	_, moves := l.session.Loop().Next()
	l.inbox.busy = moves && !paused
	select {
	case <-l.session.Done():
		c.Over = cmp.Or(l.session.Err(), run.ErrStopped)
	default:
	}
	return c
}

// Do carries out a command of the screen.
func (l *liveRun) Do(o tui.Command) tui.Done {
	switch o := o.(type) {
	case tui.Feed:
		return l.feed(o.Input)
	case tui.Ask:
		if l.stored != nil {
			l.stored.ask(o)
		}
		return tui.Done{}
	case tui.SetClock:
		return l.setClock(o)
	case tui.SwitchTraffic:
		return tui.Done{Err: l.session.SetTraffic(session.Traffic(o))}
	case tui.SaveJournal:
		return l.saveJournal()
	case tui.KeepGeneration:
		return keepSetting(l.settings, "generation", o.Generation.String())
	}
	return l.exporter.Do(o)
}

func (l *liveRun) feed(in sim.Input) (d tui.Done) {
	if p, ok := in.(sim.Place); ok { // the screen uses names of people as scripts do
		p.Setup.Caller, p.Setup.Callees = l.setup.User(p.Setup.Caller), l.users(p.Setup.Callees)
		p.Setup.Busy = l.users(p.Setup.Busy)
		for i := range p.Plan {
			p.Plan[i].By = l.setup.User(p.Plan[i].By)
		}
		in = p
	}
	d.Err = l.session.Do(in, func(fx []sim.Effect) { d.Call = sim.Placed(fx) })
	return d
}

func (l *liveRun) users(names []string) (ids []string) {
	for _, n := range names {
		ids = append(ids, l.setup.User(n))
	}
	return ids
}

func (l *liveRun) setClock(o tui.SetClock) tui.Done {
	switch o.Do {
	case tui.Pause:
		l.session.Loop().Pause()
	case tui.Resume:
		l.session.Loop().Resume()
	case tui.SetPace:
		if err := l.setPace(o.Pace); err != nil {
			return tui.Done{Err: err}
		}
	case tui.Step:
		return l.step()
	}
	return tui.Done{Err: l.session.NoteTime()}
}

func (l *liveRun) setPace(text string) error {
	p, err := run.ParsePace(text)
	if err != nil {
		return err
	}
	return l.session.SetPace(p)
}

// step advances to what is due next, and pauses there.
func (l *liveRun) step() tui.Done {
	soon, cancel := context.WithTimeout(context.Background(), l.setup.Timeout+time.Second)
	defer cancel()
	moved, err := l.session.Step(soon)
	switch {
	case err != nil:
		return tui.Done{Err: fmt.Errorf("step: %w", err)}
	case !moved:
		return tui.Done{Note: "paused; nothing is due", Err: l.session.NoteTime()}
	}
	return tui.Done{Err: l.session.NoteTime()}
}

// saveJournal copies the journal so far to the working directory.
func (l *liveRun) saveJournal() tui.Done {
	if l.file == nil {
		return tui.Done{Err: errors.New("this run keeps no journal; --journal FILE does")}
	}
	l.inbox.mu.Lock()
	size := l.file.Size()
	l.inbox.mu.Unlock()
	saved := save("ringback-"+l.setup.Run.Token+".ndjson", io.NewSectionReader(l.file, 0, size), 0o600)
	return withToken(saved, !l.setup.Endpoint.Secrets().Empty())
}

// keepSetting writes the value of a flag into a settings file, and changes nothing else there.
func keepSetting(path, flag, value string) tui.Done {
	was, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return tui.Done{Err: err}
	}
	is, err := cli.SetValue(was, "tui", flag, value)
	if err != nil {
		return tui.Done{Err: fmt.Errorf("%s: %w", path, err)}
	}
	if bytes.Equal(is, was) {
		return tui.Done{Note: fmt.Sprintf("%s has %s: %s already", path, flag, value)}
	}
	if err := replaceFile(path, is); err != nil {
		return tui.Done{Err: err}
	}
	return tui.Done{Note: fmt.Sprintf("written to %s: %s: %s", path, flag, value)}
}

// farewell prints what happened, where the journal is, and what the end waits for.
func (l *liveRun) farewell(ctx context.Context, w cli.Env) {
	var calls, callbacks, attempts, unanswered uint64
	l.session.State(func(st *journal.State) {
		calls, callbacks, attempts = st.Placed, st.Totals.Callbacks, st.Totals.Attempts
		for _, d := range st.Deliveries {
			if d.State == delivery.InFlight {
				unanswered++
			}
		}
	})
	text.Fprintf(w.Stdout, "%s, %s in %s\n", text.Count(calls, "call"), text.Count(callbacks, "callback"), text.Count(attempts, "attempt"))
	switch {
	case l.file == nil || l.session.Err() != nil: // it could not be written
	case l.file.path != "":
		text.Fprintf(w.Stdout, "the journal is %s; look at it again with: ringback tui %s\n", l.file.path, text.Shell(l.file.path))
	case calls > 0:
		fmt.Fprintln(w.Stdout, "its journal was a temporary one and is gone; W saves it, and so does ringback tui --journal FILE")
	}
	if unanswered > 0 && ctx.Err() == nil {
		text.Fprintf(w.Stderr, "waiting for %s, Ctrl-C ends\n", text.Count(unanswered, "answer"))
	}
}

// journalFile is a journal and where it is.
type journalFile struct {
	*store.File
	path string // "": a temporary file
}
