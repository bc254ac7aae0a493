package locust

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Load is what a worker runs.
type Load interface {
	// SetUsers changes the number of users of a worker, which the master numbers from 0,
	// and returns when there are as many. With 0 users the load is over, and all it
	// measured can be taken. One goroutine calls it.
	SetUsers(worker, users int) error
	// Take returns what was measured since it was called last, or why the load ended. It
	// may be called while SetUsers runs.
	Take() ([]Entry, error)
}

// Config describes a worker.
type Config struct {
	Master string // host:port; masters listen on port 5557 unless told otherwise
	Name   string // of the worker; no other worker of the master may have it
	Load   Load
	// Usage returns the processor time that the process has used so far, and its memory
	// in bytes; nil reports none.
	Usage func() (time.Duration, uint64)
	// Note, if set, is told in words what the master and the connection do.
	Note func(text string)

	now       func() time.Time // nil: time.Now
	heartbeat time.Duration    // 0: 1 s, as masters expect
	report    int              // heartbeats for each report; 0: 3, as Locust's workers
}

// ErrNoMaster means that no master acknowledged the worker.
var ErrNoMaster = errors.New("no Locust master answers")

// Worker is a worker of a Locust master.
type Worker struct {
	cfg   Config
	state State
	index int
	link  *link // nil: not connected
	known bool  // whether the master has acknowledged the worker

	want   chan change   // how many users there should be; has room for the one change that is under way
	done   chan result   // of SetUsers
	driven chan struct{} // closed when SetUsers is not called any more
	wanted int           // as the master said last
	busy   bool          // SetUsers runs
	latest float64       // timestamp of the latest spawn message
	heard  time.Time     // when the master last gave a sign of life; zero: it has given none
	class  string        // of the users
	stops  bool          // the master has asked for the end of the load

	tally *tally
	used  time.Duration // processor time at the last heartbeat
	beat  time.Time     // when that was
}

// change is what SetUsers is called with.
type change struct{ worker, users int }

// result is what SetUsers returned.
type result struct {
	users int
	err   error
}

// New returns a worker.
func New(cfg Config) *Worker {
	if cfg.Usage == nil {
		cfg.Usage = func() (time.Duration, uint64) { return 0, 0 }
	}
	if cfg.Note == nil {
		cfg.Note = func(string) {}
	}
	if cfg.now == nil {
		cfg.now = time.Now
	}
	if cfg.heartbeat == 0 {
		cfg.heartbeat = time.Second
	}
	if cfg.report == 0 {
		cfg.report = 3
	}
	return &Worker{cfg: cfg, state: Ready, want: make(chan change, 1), done: make(chan result), driven: make(chan struct{}), class: "Ringback"}
}

// Run connects to the master and does what it says until it says quit, or the context
// ends; both end the load and return no error. A connection that breaks is made again; the
// load goes on meanwhile, for a minute. If
// the master does not acknowledge the worker before patience is over, Run returns an error
// that wraps [ErrNoMaster].
func (w *Worker) Run(ctx context.Context, patience time.Duration) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go w.drive(ctx)
	w.tally, w.beat = newTally(w.cfg.now()), w.cfg.now()
	impatient := time.NewTimer(patience)
	defer impatient.Stop()
	beats := time.NewTicker(w.cfg.heartbeat)
	defer beats.Stop()
	links := make(chan *link)
	go dial(ctx, w.cfg.Master, w.cfg.Name, links)
	for count := 1; ; {
		var received <-chan message
		var broken <-chan error
		if w.link != nil {
			received, broken = w.link.received, w.link.broken
		}
		select {
		case w.link = <-links:
			w.send("client_ready", anyVersion)
		case err := <-broken:
			w.cfg.Note(fmt.Sprintf("the connection to the master broke: %v; connecting again", err))
			w.link.close()
			w.link = nil
			if w.heard.IsZero() {
				w.heard = w.cfg.now()
			}
			go dial(ctx, w.cfg.Master, w.cfg.Name, links)
		case m := <-received:
			over, err := w.obey(m)
			if over || err != nil {
				return errors.Join(err, w.end())
			}
		case r := <-w.done:
			if err := w.changed(r); err != nil {
				return errors.Join(err, w.end())
			}
		case <-beats.C:
			if err := w.take(); err != nil {
				return errors.Join(err, w.end())
			}
			w.sendHeartbeat()
			if count++; count%w.cfg.report == 0 {
				w.sendReport()
			}
			if !w.known {
				w.send("client_ready", anyVersion)
			}
			w.endAlone()
		case <-impatient.C:
			if !w.known {
				return errors.Join(fmt.Errorf("%s: %w", w.cfg.Master, ErrNoMaster), w.end())
			}
		case <-ctx.Done():
			return w.end()
		}
	}
}

// drive lets the load have as many users as are wanted, one change after the other.
func (w *Worker) drive(ctx context.Context) {
	defer close(w.driven)
	for {
		select {
		case change := <-w.want:
			err := w.cfg.Load.SetUsers(change.worker, change.users)
			select {
			case w.done <- result{change.users, err}:
			case <-ctx.Done():
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// obey does what a message asks for. It reports whether that is to quit.
func (w *Worker) obey(m message) (over bool, err error) {
	switch m.Type {
	case "ack":
		var a acknowledgement
		if err := m.read(&a); err != nil {
			return false, err
		}
		if !w.known {
			w.cfg.Note(fmt.Sprintf("the master took this worker as number %d", a.Index+1))
		}
		w.known, w.index, w.heard = true, a.Index, time.Time{}
	case "spawn":
		var s spawn
		if err := m.read(&s); err != nil {
			return false, err
		}
		if s.Timestamp <= w.latest { // it was overtaken
			return false, nil
		}
		w.latest = s.Timestamp
		for class := range s.Users {
			w.class = class
		}
		w.state, w.stops = Spawning, false
		w.send("spawning", nil)
		w.setUsers(s.total())
	case "stop":
		w.stops = true
		w.setUsers(0)
	case "heartbeat":
		w.heard = w.cfg.now()
	case "reconnect":
		w.link.close()
	case "quit":
		w.cfg.Note("the master said quit")
		return true, nil
	}
	return false, nil // like Locust's workers, ignore the rest: messages of plugins
}

// silence is how long a load goes on without a sign of life of its master: no one could
// stop it. Locust's workers end then, too.
const silence = time.Minute

// endAlone ends the load if the master has been silent for too long. The worker goes on
// looking for it.
func (w *Worker) endAlone() {
	if w.wanted == 0 || w.heard.IsZero() || w.cfg.now().Sub(w.heard) < silence {
		return
	}
	w.cfg.Note(fmt.Sprintf("no sign of life of the master for %s: the load is over, until a master asks for it again", silence))
	w.stops = true
	w.setUsers(0)
}

// setUsers changes the load, after the change that is being made if there is one.
func (w *Worker) setUsers(users int) {
	w.wanted = users
	if !w.busy {
		w.busy = true
		w.want <- change{w.index, users}
	}
}

// changed says what came of a change.
func (w *Worker) changed(r result) error {
	w.busy = false
	if r.err != nil {
		return r.err
	}
	if r.users != w.wanted || w.stops && r.users != 0 {
		w.setUsers(w.wanted)
		return nil
	}
	if !w.stops {
		w.state = Running
		w.send("spawning_complete", w.population())
		return nil
	}
	w.stops = false
	err := w.take()
	w.sendReport()
	w.send("client_stopped", nil)
	w.state = Ready
	w.send("client_ready", anyVersion)
	return err
}

// take takes what was measured into the next report.
func (w *Worker) take() error {
	entries, err := w.cfg.Load.Take()
	w.tally.add(w.cfg.now(), entries)
	return err
}

func (w *Worker) population() population {
	return population{Classes: map[string]int{w.class: w.wanted}, Users: w.wanted}
}

// end ends the load, and reports the rest.
func (w *Worker) end() error {
	if w.busy {
		select {
		case <-w.done:
		case <-w.driven:
		}
	}
	w.wanted = 0
	err := errors.Join(w.cfg.Load.SetUsers(w.index, 0), w.take())
	w.sendReport()
	w.send("quit", nil)
	if w.link != nil {
		w.link.close()
	}
	return err
}

func (w *Worker) sendHeartbeat() {
	used, memory := w.cfg.Usage()
	now := w.cfg.now()
	h := heartbeat{State: w.state, Memory: memory}
	if since := now.Sub(w.beat); since > 0 {
		h.CPU = 100 * float64(used-w.used) / float64(since)
	}
	w.used, w.beat = used, now
	w.send("heartbeat", h)
}

// sendReport reports what was measured since the last report, unless there is no
// connection: then it is kept.
func (w *Worker) sendReport() {
	if w.known && w.send("stats", w.tally.report(w.population())) {
		w.tally = newTally(w.cfg.now())
	}
}

// send sends a message, and reports whether it was given to the connection.
func (w *Worker) send(kind string, data any) bool {
	if w.link == nil {
		return false
	}
	frame, err := encode(kind, data, w.cfg.Name)
	if err != nil {
		panic(err) // all that is sent can be encoded
	}
	return w.link.send(frame) == nil
}
