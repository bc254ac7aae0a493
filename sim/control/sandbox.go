package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control/jsonhttp"
	"ringback/sim/control/rest"
	"ringback/sim/control/simapi"
	"ringback/sim/journal"
	"ringback/sim/run"
	"ringback/sim/session"
)

// sandbox is one simulator with all that belongs to it: its apps, clock, faults,
// registrations, planned errors and journal, both APIs before it, and its metrics.
type sandbox struct {
	cfg      Config // of this one: its apps, run, dialect and journal
	recorder *recorder
	session  *session.Session
	rest     *rest.API
	sim      *simapi.API
	routes   http.Handler // both APIs, for requests that a guard has let through; nil for the first

	resumed uint64 // the latest event of the journal that goes on

	closing   chan struct{} // closed when streams should end
	ended     chan struct{} // closed when a client has ended it
	closeOnce sync.Once
	closed    error // what close returns
}

// openSandbox starts the simulator of a sandbox: a new one, or the one whose journal goes
// on. Without all, it is one that a client made.
func openSandbox(cfg Config, h *host, all simapi.Sandboxes) (*sandbox, error) {
	s := &sandbox{cfg: cfg, closing: make(chan struct{}), ended: make(chan struct{})}
	label := ""
	if all == nil {
		label = fmt.Sprint(s.id())
	}
	s.recorder = newRecorder(&s.cfg, newMetrics(s.Read, label))
	if err := s.start(all == nil); err != nil {
		return nil, errors.Join(err, s.recorder.close())
	}
	s.serve(h, all)
	if cfg.Journal != "" {
		go keepTime(s.session, s.closing)
	}
	go func() {
		<-s.session.Done()
		select {
		case <-s.ended: // by a client
		default:
			h.over(s.named(s.session.Err()))
		}
	}()
	return s, nil
}

// host is what all sandboxes have in common.
type host struct {
	cfg   Config // as it was given, complete
	guard jsonhttp.Guard
	wall  func() time.Time // time.Now, but in tests
	over  func(error)      // called when a run is over that should go on, or all are
}

// id names the sandbox: its first app.
func (s *sandbox) id() uint32 { return s.cfg.Apps[0].ID }

// named says whose error it is.
func (s *sandbox) named(err error) error {
	if err == nil || s.routes == nil {
		return err
	}
	return fmt.Errorf("sandbox %d: %w", s.id(), err)
}

// Read looks at the state.
func (s *sandbox) Read(look func(*journal.State)) { s.session.State(look) }

// start runs the simulator. How time passes in one that a client made is the journal's to
// say once it has begun.
func (s *sandbox) start(made bool) error {
	c, r := &s.cfg, s.recorder
	past, err := r.recall()
	if err != nil {
		return err
	}
	s.resumed = r.state.Seq
	pace, paused := cmp.Or(c.Pace, run.Real), c.Paused
	if made && r.state.Clock != nil {
		c.Pace, c.Paused = 0, false
	}
	c.passTime(r.state.Clock)
	cfg := session.Config{
		Engine: sim.Config{
			Run: c.Run, Dialect: c.Dialect, Order: c.Order, HeartbeatExpiry: c.HeartbeatExpiry, Exclusive: true, Timings: c.Timings, Hosts: true, Sign: c.Sign,
		},
		Resume: past, Pace: c.Pace, Paused: c.Paused, Timeout: c.Timeout, NewSender: c.NewSender, OwnFault: c.ownFault(), Slipped: warnOnce(c.warn),
		Journal: r.append, State: r.state, Watch: r.watch,
	}
	if c.Traffic != nil {
		cfg.Background = func(from call.Instant, rate float64) (run.Source, error) { return c.Traffic(c.Run, s.id(), from, rate) }
	}
	if c.TrafficOn && c.Pace == run.Instant {
		return ErrEndless
	}
	if made { // a reset lets it pass as it was asked for
		c.Pace, c.Paused = pace, paused
	}
	if s.session, err = session.Start(cfg); err != nil || !c.TrafficOn {
		return err
	}
	if err = s.session.SetTraffic(session.Traffic{On: true}); err != nil {
		err = errors.Join(err, s.session.Close())
	}
	return err
}

// serve puts the APIs before the simulator.
func (s *sandbox) serve(h *host, all simapi.Sandboxes) {
	c, m, signed := &s.cfg, s.recorder.metrics, s.cfg.Sign != ""
	s.rest = rest.New(rest.Config{
		Session: s.session, Dialect: c.Dialect, Apps: c.Apps, Admins: c.Admins, AnyIDs: c.AnyIDs, Signed: signed, NoRateLimit: c.NoRateLimit,
		Clock: func() time.Time { return h.wall() }, Answered: m.answered,
	})
	cfg := simapi.Config{
		Session: s.session, Log: s.recorder.log, REST: s.rest, Apps: s.apps(), Version: h.cfg.Run.Version, Resumed: s.resumed, Guarded: c.Token != "",
		AnyIDs: c.AnyIDs, Signed: signed, TrafficOn: c.TrafficOn, Heartbeat: c.HeartbeatExpiry, Pace: c.Pace, Paused: c.Paused,
		StuckAfter: c.StuckAfter, Closing: s.closing, Readers: m.readers.Add, Dropped: m.dropped.Inc,
	}
	cfg.Sandboxes = all
	s.sim = simapi.New(cfg)
	if all == nil {
		s.routes = newSandboxMux(s, h.guard)
	}
}

func (s *sandbox) apps() (ids []uint32) {
	for _, a := range s.cfg.Apps {
		ids = append(ids, a.ID)
	}
	return ids
}

func (s *sandbox) has(app uint32) bool { return slices.Contains(s.apps(), app) }

// close ends the run in good order. See [Backend.Close].
func (s *sandbox) close(ctx context.Context) error {
	s.closeOnce.Do(func() {
		close(s.closing)
		_ = s.session.NoteTime() // if the run is over, its error says why
		s.closed = s.named(errors.Join(s.session.Finish(ctx), s.recorder.close()))
	})
	return s.closed
}

// newSandboxMux puts both APIs of a sandbox behind one handler. Who may ask the simulation
// API was looked at before.
func newSandboxMux(s *sandbox, guard jsonhttp.Guard) http.Handler {
	mux := http.NewServeMux()
	open := func(next http.Handler, _ func(http.ResponseWriter, *http.Request, string)) http.Handler { return next }
	s.sim.Handle(mux, open)
	s.rest.Handle(mux, guard)
	mux.HandleFunc("/", noSuchRoute(s.sim.List()))
	return mux
}

func noSuchRoute(exist []string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		p := simapi.NewProblem(http.StatusNotFound, simapi.KindNotFound, "%s %s: no such route", r.Method, r.URL.Path)
		p.Routes = exist
		simapi.WriteProblem(w, p)
	}
}
