package load

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"ringback/sim/wire"
)

// Users is a load whose rate changes while it runs, as the number of its users does. Each
// stands for [Config.Callbacks] callbacks per second, with calls under way from the start.
// Users that come at the same time are a [Load] of their own, with ids, and connections, of
// its own; when users leave, the calls of those that came with the last of them are cut
// off, and others come for those that should stay.
type Users struct {
	cfg Config

	changing sync.Mutex // held while the number changes

	mu     sync.Mutex
	began  time.Time
	groups []*group // whose figures are not in past
	number int      // of groups so far
	most   int      // users at once
	past   figures  // of the groups that ended

	taken *counters // by Take
}

// maxUsersToken leaves room, in the 32 characters of a token, for the number of a worker
// and that of the users that come together.
const maxUsersToken = 20

// group is some users that came together.
type group struct {
	users int
	load  *Load
	stop  context.CancelFunc
	ended chan struct{} // closed when Run has returned
	err   error         // of Run
}

// NewUsers returns a load without users. The configuration is that of one user: Callbacks
// is its rate, and Duration is how long it stays at most. Connections is the number for all:
// who comes gets a share.
func NewUsers(cfg Config) (*Users, error) {
	if cfg.Callbacks <= 0 || cfg.Journal != nil || cfg.Segment.Of > 0 || cfg.Ramp > 0 || cfg.Sample > 0 || !cfg.StartAt.IsZero() {
		return nil, errors.New("users: want callbacks, and no journal, segment, start, ramp or sample")
	}
	if n := len(cfg.Run.Token); n > maxUsersToken {
		return nil, fmt.Errorf("run token: has %d characters, want at most %d: users that come together have one that begins with it", n, maxUsersToken)
	}
	if _, err := New(cfg); err != nil {
		return nil, err
	}
	return &Users{cfg: cfg, past: figures{counters: newCounters(0, 0)}, taken: newCounters(0, 0)}, nil
}

// SetUsers changes the number of users. The number of the worker that has them keeps the
// ids of its calls apart from those of other workers with the same run token. SetUsers
// returns when the calls of those who leave are cut off, which takes an attempt's timeout
// at most.
func (u *Users) SetUsers(worker, users int) error {
	u.changing.Lock()
	defer u.changing.Unlock()
	stay := 0
	var leave []*group
	u.mu.Lock()
	for _, g := range u.groups {
		if stay+g.users <= users && len(leave) == 0 {
			stay += g.users
		} else {
			leave = append(leave, g)
		}
	}
	u.most = max(u.most, users)
	u.mu.Unlock()
	for _, g := range leave {
		g.stop()
	}
	var err error
	if users > stay {
		err = u.start(worker, users-stay, users)
	}
	for _, g := range leave {
		<-g.ended
		err = errors.Join(err, g.err)
		u.keep(g)
	}
	return err
}

// start adds some users, of so many in all.
func (u *Users) start(worker, users, all int) error {
	u.mu.Lock()
	now := time.Now()
	if u.began.IsZero() {
		u.began = now
	}
	u.number++
	cfg := u.cfg
	cfg.Callbacks *= float64(users)
	cfg.Connections = max(1, cfg.Connections*users/all)
	cfg.Run.Token = fmt.Sprintf("%s-%d-%d", cfg.Run.Token, worker, u.number)
	cfg.Run.Epoch = cfg.Run.Epoch.Add(now.Sub(u.began).Truncate(time.Millisecond))
	u.mu.Unlock()
	l, err := New(cfg)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	g := &group{users: users, load: l, stop: stop, ended: make(chan struct{})}
	u.mu.Lock()
	u.groups = append(u.groups, g)
	u.mu.Unlock()
	go func() {
		defer close(g.ended)
		g.err = l.Run(ctx)
	}()
	return nil
}

// keep keeps the figures of a group that has ended.
func (u *Users) keep(g *group) {
	f := g.load.figures()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.past.add(f)
	u.groups = slices.DeleteFunc(u.groups, func(o *group) bool { return o == g })
}

// sum returns the figures of all users that there were.
func (u *Users) sum() *figures {
	u.mu.Lock()
	defer u.mu.Unlock()
	f := &figures{counters: newCounters(0, 0)}
	f.add(&u.past)
	for _, g := range u.groups {
		f.add(g.load.figures())
	}
	return f
}

// Attempts is what was measured, in some time, of the attempts of one word or command.
type Attempts struct {
	Word     wire.Word
	N        uint64            // that were completed
	Failures map[string]uint64 // of these, those that were not acknowledged, by verdict
	Times    []Count           // latency from the intended send time
}

// Count is how many attempts took a time.
type Count struct {
	Time time.Duration // within a hundredth
	N    uint64
}

// Take returns what was measured since it was called last, and why a load ended that should
// not have. One goroutine calls it.
func (u *Users) Take() (list []Attempts, err error) {
	m := u.sum().counters
	for w, now := range m.words {
		if now == nil {
			continue
		}
		if a := now.since(u.taken.word(wire.Word(w))); a.N > 0 {
			a.Word = wire.Word(w)
			list = append(list, a)
		}
	}
	u.taken = m
	u.mu.Lock()
	defer u.mu.Unlock()
	for _, g := range u.groups {
		select {
		case <-g.ended:
			err = errors.Join(err, g.err)
		default:
		}
	}
	return list, err
}

// since returns what was counted since there were other counts.
func (w *wordCounters) since(before *wordCounters) (a Attempts) {
	for at, n := range w.latency.counts {
		if at < len(before.latency.counts) {
			n -= before.latency.counts[at]
		}
		if n > 0 {
			a.N += uint64(n)
			a.Times = append(a.Times, Count{time.Duration(w.latency.value(at)) * time.Microsecond, uint64(n)})
		}
	}
	for reason, n := range w.failures {
		if n -= before.failures[reason]; n > 0 {
			if a.Failures == nil {
				a.Failures = map[string]uint64{}
			}
			a.Failures[reason] = n
		}
	}
	return a
}

// Report returns the result so far, of all users that there were, without a series. The
// rate that was asked for is that of the largest number of users at once.
func (u *Users) Report() *Report {
	f := u.sum()
	f.counters.series = series{}
	f.about.Drains, f.about.Connections = true, u.cfg.Connections
	u.mu.Lock()
	if !u.began.IsZero() {
		f.durationS = time.Since(u.began).Seconds()
	}
	f.rateAsked = u.cfg.Callbacks * float64(u.most)
	u.mu.Unlock()
	r := f.report()
	r.Cut = true
	r.About = (&Load{cfg: u.cfg}).about()
	return r
}
