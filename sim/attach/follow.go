package attach

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ringback/sim/control/simapi"
	"ringback/sim/journal"
)

// Update is what came, or that the connection was lost.
type Update struct {
	// Anew says that the events so far are to be forgotten: these begin the journal again,
	// with its header.
	Anew   bool
	Events []*journal.Event // valid for good
	// Lost is why the server can't be reached, or nil if it can. Attempts to reach it go
	// on.
	Lost error
}

// Follow reads what the server has so far, and then what happens, until the context
// ends, take returns an error, or the server is refused. The error is that of the
// context, that of take, or a [RefusedError]. Take is called for each update, one after
// the other.
func (s *Server) Follow(ctx context.Context, take func(Update) error) error {
	f := follower{Server: s, take: take}
	again := false // the snapshot is being read anew
	for n := 1; ; n++ {
		err := f.connect(ctx)
		var why *RefusedError
		var own *takeError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &own):
			return own.error
		case errors.As(err, &why):
			return why
		}
		if f.came {
			n, f.came = 1, false
		}
		again = again && errors.Is(err, errGone)
		if errors.Is(err, errGone) {
			f.at = position{}
			if again = !again; again { // the server is there, so this is no loss
				continue
			}
		}
		if err := take(Update{Lost: err}); err != nil {
			return err
		}
		s.cfg.Pause(ctx, n)
	}
}

// takeError is an error of whoever takes the updates.
type takeError struct{ error }

// position is up to where which run was read.
type position struct {
	run, instance string
	seq           uint64
}

type follower struct {
	*Server
	take func(Update) error
	at   position
	came bool // something has since the last attempt to connect
}

func (f *follower) give(u Update) error {
	f.came = true
	if err := f.take(u); err != nil {
		return &takeError{err}
	}
	return nil
}

// connect reads until the connection is lost, and returns why.
func (f *follower) connect(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(f.cfg.Quiet, func() { cancel(errQuiet) })
	defer watch.Stop()
	err := f.read(ctx, func() { watch.Reset(f.cfg.Quiet) })
	if errors.Is(context.Cause(ctx), errQuiet) {
		return errQuiet
	}
	return err
}

func (f *follower) read(ctx context.Context, alive func()) error {
	if f.at.instance == "" {
		if err := f.snapshot(ctx, alive); err != nil {
			return err
		}
	}
	return f.stream(ctx, alive)
}

// snapshot reads what the server has so far.
func (f *follower) snapshot(ctx context.Context, alive func()) error {
	resp, err := f.open(ctx, http.MethodGet, "/snapshot?full=true", nil, nil)
	if err != nil {
		var p *simapi.Problem
		if errors.As(err, &p) && p.Status < 500 {
			return refused("the server has nothing to follow: %s", p.Detail)
		}
		return err
	}
	defer resp.Body.Close()
	at, err := f.positionOf(resp)
	if err != nil {
		return err
	}
	u := Update{Anew: true}
	for l := newLines(resp.Body); ; {
		line, err := l.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		alive()
		e, err := parse(line)
		if err != nil {
			return err
		}
		if e != nil {
			u.Events = append(u.Events, e)
		}
	}
	if n := len(u.Events); n == 0 || u.Events[n-1].Seq != at.seq {
		return io.ErrUnexpectedEOF
	}
	if err := f.give(u); err != nil {
		return err
	}
	f.at = at
	return nil
}

// positionOf reads the headers that say which run an answer is of.
func (f *follower) positionOf(resp *http.Response) (at position, err error) {
	h := resp.Header
	if err := f.checkVersion(h.Get(simapi.HeaderVersion)); err != nil {
		return at, err
	}
	at.run, at.instance = h.Get(simapi.HeaderRun), h.Get(simapi.HeaderInstance)
	if seq := h.Get(simapi.HeaderSeq); seq != "" {
		at.seq, err = strconv.ParseUint(seq, 10, 64)
	}
	if err != nil || at.instance == "" {
		return at, refused("the server does not say which run it shows: it is no ringback serve of this version")
	}
	return at, nil
}

// stream reads what happens behind what was read.
func (f *follower) stream(ctx context.Context, alive func()) error {
	header := http.Header{"Accept": {"text/event-stream"}, "Last-Event-Id": {strconv.FormatUint(f.at.seq, 10)}}
	resp, err := f.open(ctx, http.MethodGet, "/events?kind="+kinds, nil, header)
	if err != nil {
		var p *simapi.Problem
		if errors.As(err, &p) && (p.Status == http.StatusGone || p.Status == http.StatusBadRequest && p.Field == "Last-Event-ID") {
			return errGone
		}
		if errors.As(err, &p) && p.Status == http.StatusNotFound { // the sandbox has ended
			return refused("%s", p.Detail)
		}
		return err
	}
	defer resp.Body.Close()
	is, err := f.positionOf(resp)
	if err != nil {
		return err
	}
	if is.instance != f.at.instance {
		resumed, err := strconv.ParseUint(resp.Header.Get(simapi.HeaderResumed), 10, 64)
		if err != nil || is.run != f.at.run || resumed < f.at.seq {
			return errGone
		}
		f.at.instance = is.instance
	}
	if err := f.give(Update{}); err != nil { // it is there
		return err
	}
	return f.events(&sse{lines: newLines(resp.Body)}, alive)
}

// maxBatch is how many events are passed on at once.
const maxBatch = 1000

func (f *follower) events(from *sse, alive func()) error {
	var batch []*journal.Event
	for {
		e, err := from.next()
		if err != nil {
			return errors.Join(f.pass(batch), err)
		}
		alive()
		if e != nil {
			switch last := f.at.seq + uint64(len(batch)); {
			case e.Seq <= last: // it was read already
			case e.Seq != last+1:
				return errGone
			default:
				batch = append(batch, e)
			}
		}
		if len(batch) >= maxBatch || len(batch) > 0 && !from.lines.more() {
			if err := f.pass(batch); err != nil {
				return err
			}
			batch = nil
		}
	}
}

func (f *follower) pass(batch []*journal.Event) error {
	if len(batch) == 0 {
		return nil
	}
	if err := f.give(Update{Events: batch}); err != nil {
		return err
	}
	f.at.seq = batch[len(batch)-1].Seq
	return nil
}

// kinds are those of all events of a journal, which leaves out what phones see: that
// follows from the facts.
var kinds = url.QueryEscape(strings.Join(journal.Kinds(), ","))

// String names the server.
func (s *Server) String() string { return fmt.Sprintf("ringback serve at %s", s.cfg.URL) }
