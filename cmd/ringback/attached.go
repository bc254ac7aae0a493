package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ringback/cmd/cli"
	"ringback/sim/attach"
	"ringback/sim/call"
	"ringback/sim/control/simapi"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/tui"
)

// attachedRun is the run of a ringback serve behind a screen: it follows the events of the
// server, and acts on it over the simulation API.
type attachedRun struct {
	exporter
	server *attach.Server
	token  string // of the run
	inbox  *inbox
	ctx    context.Context // of the screen
	cancel context.CancelFunc
	begun  chan struct{} // closed when something came, or did not
	once   sync.Once     // closes it
	done   chan struct{} // closed when nothing more is followed
	err    error         // why, once it is

	// Guarded by the inbox.
	anew    bool   // the events begin the journal again
	seq     uint64 // of the latest event
	paced   uint64 // of the latest event that says how time passes
	lost    error
	clock   runningClock
	traffic bool
	moved   chan struct{} // closed at the next event
	asked   uint64        // how often the status was asked for
	known   uint64        // the number of the latest status that is known
}

const (
	// askEvery is how often the server is asked what time it is.
	askEvery = time.Second
	// effectTime is how long a command may wait until the screen has its effects.
	effectTime = 2 * time.Second
)

// runningClock is the simulated time of a server, between the moments at which it says it.
type runningClock struct {
	at     call.Instant
	since  time.Time // when it was that time
	pace   string
	paused bool
	still  bool // it is not known how it goes on: the server can't be reached
}

func (c *runningClock) now(wall time.Time) call.Instant {
	pace, err := run.ParsePace(c.pace)
	if c.paused || c.still || err != nil || pace == run.Instant {
		return c.at
	}
	passed := float64(wall.Sub(c.since)) * float64(pace)
	return min(c.at.Add(time.Duration(min(passed, math.MaxInt64/2))), call.Latest)
}

// set takes what the server says. The time does not go back on the screen, since the
// answer may have been under way for some time.
func (c *runningClock) set(at call.Instant, pace string, paused bool) {
	wall := time.Now()
	if pace == c.pace && paused == c.paused {
		at = max(at, c.now(wall))
	}
	*c = runningClock{at: at, since: wall, pace: pace, paused: paused, still: c.still}
}

// passed takes the time of an event, before which it can't be.
func (c *runningClock) passed(at call.Instant) {
	if wall := time.Now(); at > c.now(wall) {
		c.at, c.since = at, wall
	}
}

// stop lets the time stand while it is not known, or go on from there.
func (c *runningClock) stop(still bool) {
	if wall := time.Now(); still != c.still {
		c.at, c.since, c.still = c.now(wall), wall, still
	}
}

// attachTo follows a server, whose status is known.
func attachTo(server *attach.Server, st *simapi.Status, scripted bool) *attachedRun {
	ctx, cancel := context.WithCancel(context.Background())
	a := &attachedRun{server: server, token: st.Run, inbox: newInbox(scripted), ctx: ctx, cancel: cancel, begun: make(chan struct{}), done: make(chan struct{}), moved: make(chan struct{}), traffic: st.Traffic}
	a.clock.set(st.Now, st.Pace, st.Paused)
	go func() {
		defer close(a.done)
		if a.err = server.Follow(ctx, a.take); errors.Is(a.err, context.Canceled) {
			a.err = nil
		}
	}()
	go a.ask()
	return a
}

// take keeps what came for the screen.
func (a *attachedRun) take(u attach.Update) error {
	b := a.inbox
	b.mu.Lock()
	defer b.mu.Unlock()
	a.once.Do(func() { close(a.begun) })
	a.lost = u.Lost
	a.clock.stop(u.Lost != nil)
	if u.Anew {
		b.events, a.anew, a.seq, a.paced = nil, true, 0, 0
		a.known = a.asked // what is still to come may be of another run
		a.clock.at, a.clock.since = u.Events[0].At, time.Now()
		go a.status() // the events say what time it was when the last one came
	}
	for _, e := range u.Events {
		a.seq = max(a.seq, e.Seq)
		a.clock.passed(e.At)
		if c, ok := e.Data.(*journal.Clock); ok {
			a.clock.set(e.At, c.Pace, c.Paused)
			a.paced = e.Seq
		}
	}
	if len(u.Events) > 0 {
		close(a.moved)
		a.moved = make(chan struct{})
	}
	b.makeRoom()
	b.put(u.Events...)
	return nil
}

// ask asks the server from time to time what time it is, and whether calls come by
// themselves: the events do not say that.
func (a *attachedRun) ask() {
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			a.status()
		case <-a.ctx.Done():
			return
		}
	}
}

// status asks for the status of the server, and returns the run and the event that it is
// at; ok is false if it can't be reached, of which Follow says why. One that comes after a
// later one is not shown, nor how time passed before an event that says how it does.
func (a *attachedRun) status() (run string, seq uint64, ok bool) {
	a.inbox.mu.Lock()
	a.asked++
	nth := a.asked
	a.inbox.mu.Unlock()
	st, err := a.server.Status(a.ctx)
	if err != nil {
		return "", 0, false
	}
	a.inbox.mu.Lock()
	defer a.inbox.mu.Unlock()
	if nth > a.known {
		a.known, a.token, a.traffic = nth, st.Run, st.Traffic
		if st.Seq >= a.paced {
			a.clock.set(st.Now, st.Pace, st.Paused)
		}
	}
	return st.Run, st.Seq, true
}

func (a *attachedRun) close() {
	a.cancel()
	a.inbox.close()
	<-a.done
	a.server.Close()
}

// Watch waits for events, and returns them with the time.
func (a *attachedRun) Watch() tui.Changes {
	b := a.inbox
	select { // what is there is there from the start
	case <-a.begun:
	case <-a.done:
	}
	b.await(a.done)
	b.mu.Lock()
	defer b.mu.Unlock()
	traffic := a.traffic
	c := tui.Changes{Anew: a.anew, Events: b.fetch(), Lost: a.lost, Traffic: &traffic}
	a.anew = false
	c.Clock = tui.Clock{Now: a.clock.now(b.told), Wall: b.wall(), Pace: a.clock.pace, Paused: a.clock.paused}
	b.busy = !a.clock.paused && a.lost == nil
	select {
	case <-a.done:
		c.Over = a.err
	default:
	}
	return c
}

// Do carries out a command of the screen.
func (a *attachedRun) Do(o tui.Command) (d tui.Done) {
	switch o := o.(type) {
	case tui.Feed:
		d.Call, d.Err = a.server.Do(a.ctx, o.Input)
	case tui.SetClock:
		d = a.setClock(o)
	case tui.SwitchTraffic:
		_, d.Err = a.server.SetTraffic(a.ctx, simapi.Switching(o))
	case tui.SaveJournal:
		return a.saveJournal()
	case tui.Copy:
		masked := o.Token
		o.Token = false
		return withMask(a.exporter.Do(o), masked)
	case tui.Save:
		masked := o.Token
		o.Token = false
		return withMask(a.exporter.Do(o), masked)
	default:
		return a.exporter.Do(o)
	}
	if d.Err == nil {
		a.seen()
	}
	d.Err = inWords(d.Err)
	return d
}

// withMask says that what was copied or saved lacks secrets, which the server does not
// show.
func withMask(d tui.Done, masked bool) tui.Done {
	if masked && d.Err == nil {
		d.Note += "; with … for the secrets of the address"
	}
	return d
}

// inWords is an error without the title of its kind.
func inWords(err error) error {
	var p *simapi.Problem
	if errors.As(err, &p) && p.Detail != "" {
		return errors.New(p.Detail)
	}
	return err
}

func (a *attachedRun) setClock(o tui.SetClock) tui.Done {
	in := simapi.Clocking{Pace: o.Pace}
	switch o.Do {
	case tui.Pause:
		in.Do = "pause"
	case tui.Resume:
		in.Do = "resume"
	case tui.Step:
		in.Do = "step"
	}
	c, err := a.server.SetClock(a.ctx, in)
	if err == nil && c.Still {
		return tui.Done{Note: "paused; nothing is due"}
	}
	return tui.Done{Err: err}
}

// seen waits until the screen can see what a command did: the screen counts on that.
func (a *attachedRun) seen() {
	late := time.NewTimer(effectTime)
	defer late.Stop()
	run, seq, ok := a.status()
	for ok {
		a.inbox.mu.Lock()
		there, moved := a.seq >= seq || a.token != run, a.moved
		a.inbox.mu.Unlock()
		if there {
			return
		}
		select {
		case <-moved:
		case <-late.C:
			return
		case <-a.done:
			return
		}
	}
}

// saveJournal saves the journal of the server, as far as it is kept.
func (a *attachedRun) saveJournal() tui.Done {
	var text bytes.Buffer
	if err := a.server.Save(a.ctx, &text); err != nil {
		return tui.Done{Err: inWords(err)}
	}
	a.inbox.mu.Lock()
	name := "ringback-" + a.token + ".ndjson"
	a.inbox.mu.Unlock()
	return save(name, &text, 0o600)
}

// attachFlags are those of --attach, with which a screen takes no others but its own.
type attachFlags struct {
	url     string
	sandbox string
	token   cli.APIToken
}

const attachHint = "ringback tui --attach http://127.0.0.1:8080"

// onThisMachine reports whether a host can only be this machine.
func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// check refuses flags that say something about a run, which is the server's. Given are
// those on the command line, own those of any screen.
func (c *attachFlags) check(given map[string]bool, own []string) error {
	token, err := c.token.Value()
	if err != nil {
		return err
	}
	if id := c.sandbox; id != "" {
		if _, err := strconv.ParseUint(id, 10, 32); err != nil {
			return cli.Usage(fmt.Errorf("--sandbox: %q: want the id of a sandbox, a number like 1400000002", id), attachHint+" --sandbox 1400000002")
		}
	}
	if c.url == "" {
		for _, name := range []string{"sandbox", "token"} {
			if given[name] {
				return cli.Usage(fmt.Errorf("--%s: is for --attach", name), cli.AsTyped+"--attach http://127.0.0.1:8080")
			}
		}
		return nil
	}
	ok := append(slices.Clone(own), "attach", "sandbox", "token", "cacert", "insecure")
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(ok, name) {
			return cli.Usage(fmt.Errorf("--%s: does not go with --attach: the run is the server's", name), cli.AsTyped+cli.ButWithout+name)
		}
	}
	u, err := url.Parse(c.url)
	if err == nil && token == "" && u.Hostname() != "" && !onThisMachine(u.Hostname()) {
		return cli.Usage(fmt.Errorf("--attach: %s is not this machine, so want the token of its serve --token, too", u.Hostname()), cli.AsTyped+"--token @token.txt")
	}
	return nil
}

// connect asks the server who it is.
func (c *attachFlags) connect(ctx context.Context, trust *tls.Config) (server *attach.Server, st simapi.Status, err error) {
	token, err := c.token.Value()
	if err != nil {
		return nil, st, err
	}
	server, err = attach.New(attach.Config{URL: c.url, Sandbox: c.sandbox, Token: token, Version: cli.Version, TLS: trust})
	if err != nil {
		return nil, st, cli.Usage(fmt.Errorf("--attach: %w", err), attachHint)
	}
	st, err = server.Status(ctx)
	var refused *attach.RefusedError
	var problem *simapi.Problem
	switch {
	case err == nil:
		return server, st, nil
	case errors.As(err, &refused) && refused.Token:
		return nil, st, cli.Usage(fmt.Errorf("--attach: %w", err), cli.AsTyped+"--token @token.txt")
	case errors.As(err, &problem) && problem.Status == http.StatusNotFound && c.sandbox != "":
		return nil, st, cli.Usage(fmt.Errorf("--sandbox: %w", inWords(err)), cli.AsTyped+cli.ButWithout+"sandbox")
	case errors.As(err, &refused), errors.As(err, &problem):
		return nil, st, cli.Usage(fmt.Errorf("--attach: %w", inWords(err)), attachHint)
	}
	return nil, st, cli.Fail(cli.ExitUnreachable, fmt.Errorf("--attach: the server can't be reached: %w", err), "ringback serve")
}

// shown is the server as a header has it.
func (c *attachFlags) shown() string {
	at := strings.TrimPrefix(strings.TrimRight(c.url, "/"), "http://")
	if c.sandbox != "" {
		at += " sandbox " + c.sandbox
	}
	return at
}
