package control

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/control/simapi"
	"ringback/sim/delivery"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// sandboxes are those that clients made, beside the first.
//
// With a journal FILE, that of a sandbox is FILE.d/ID.ndjson, and FILE.d/ID.json is what it
// was asked to be, its key included. A sandbox exists if ID.json does: that is written
// before anything else of it, and removed before anything else of it.
type sandboxes struct {
	host
	first    *sandbox
	changing sync.Mutex // held while one is made or ended
	last     uint32     // the highest id so far

	mu   sync.RWMutex // guards what follows
	byID map[uint32]*sandbox
	shut bool // no more are made
}

// open begins with the first sandbox, and goes on with those that are kept. After an error,
// all that are open are to be closed.
func (m *sandboxes) open() (err error) {
	m.byID = map[uint32]*sandbox{}
	for _, a := range m.cfg.Apps {
		m.last = max(m.last, a.ID)
	}
	if m.first, err = openSandbox(m.cfg, &m.host, m); err != nil {
		return err
	}
	return m.recall()
}

// recall goes on with the sandboxes that are kept.
func (m *sandboxes) recall() error {
	if m.cfg.Journal == "" {
		return nil
	}
	dir := folder(m.cfg.Journal)
	ids, err := kept(dir)
	if err != nil {
		return err
	}
	for _, id := range ids {
		path := filepath.Join(dir, fmt.Sprint(id)+".json")
		if err := m.recallOne(path, id); err != nil {
			return fmt.Errorf("sandbox %d, which %s describes: %w", id, path, err)
		}
	}
	return nil
}

func (m *sandboxes) recallOne(path string, id uint32) error {
	if m.first.has(id) {
		return errors.New("its app is given for the first sandbox, too; want it in one of them")
	}
	asked, err := readAsked(path, id)
	if err != nil {
		return err
	}
	cfg, err := m.config(&asked)
	if err == nil {
		_, err = m.begin(cfg, &asked)
	}
	return err
}

// all are the sandboxes by id.
func (m *sandboxes) all() []*sandbox {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.SortedFunc(maps.Values(m.byID), func(a, b *sandbox) int { return int(int64(a.id()) - int64(b.id())) })
}

// close closes all sandboxes, and lets no more be made.
func (m *sandboxes) close(ctx context.Context) error {
	m.changing.Lock()
	defer m.changing.Unlock()
	m.mu.Lock()
	m.shut = true
	m.mu.Unlock()
	all := m.all()
	if m.first != nil {
		all = append(all, m.first)
	}
	var ended sync.WaitGroup
	errs := make([]error, len(all))
	for i, s := range all {
		ended.Go(func() { errs[i] = s.close(ctx) })
	}
	ended.Wait()
	return errors.Join(errs...)
}

// app finds the sandbox that a request to the REST API is for; nil is the first.
func (m *sandboxes) app(u *url.URL) *sandbox {
	if !strings.HasPrefix(u.Path, "/v1/") && !strings.HasPrefix(u.Path, "/v4/") {
		return nil
	}
	id, err := strconv.ParseUint(u.Query().Get("sdkappid"), 10, 32)
	if err != nil {
		return nil
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.byID[uint32(id)]
}

// find finds a sandbox by its id, as it stands in a path.
func (m *sandboxes) find(name string) (*sandbox, *simapi.Problem) {
	first := m.first
	id, err := strconv.ParseUint(name, 10, 32)
	if err == nil {
		m.mu.RLock()
		s := m.byID[uint32(id)]
		m.mu.RUnlock()
		switch {
		case s != nil:
			return s, nil
		case uint32(id) == first.id():
			return first, nil
		}
	}
	p := simapi.NewProblem(http.StatusNotFound, simapi.KindNotFound, "sandbox %q: not found", name)
	p.Hint = "GET " + simapi.SandboxesPath
	if err == nil && first.has(uint32(id)) {
		p.Detail += fmt.Sprintf("; app %d is in sandbox %d, with the first app", id, first.id())
	}
	return nil, p
}

// view is a sandbox as clients see it.
func (m *sandboxes) view(s *sandbox) simapi.Sandbox {
	return simapi.Sandbox{
		ID: s.id(), Path: fmt.Sprintf("%s/%d", simapi.SandboxesPath, s.id()), Apps: s.apps(), First: s == m.first, Status: s.sim.Status(),
	}
}

// List lists all sandboxes, the first one first.
func (m *sandboxes) List() (list []simapi.Sandbox) {
	list = append(list, m.view(m.first))
	for _, s := range m.all() {
		list = append(list, m.view(s))
	}
	return list
}

// Show finds a sandbox by its id.
func (m *sandboxes) Show(name string) (v simapi.Sandbox, _ error) {
	s, p := m.find(name)
	if p != nil {
		return v, p
	}
	return m.view(s), nil
}

// Make makes a sandbox.
func (m *sandboxes) Make(in simapi.Making) (v simapi.Sandbox, err error) {
	m.changing.Lock()
	defer m.changing.Unlock()
	if err := m.admit(in.SDKAppID); err != nil {
		return v, err
	}
	madeUp := ""
	if in.Key == "" {
		madeUp = newKey()
		in.Key = madeUp
	}
	if in.SDKAppID == 0 {
		if m.last == math.MaxUint32 {
			return v, simapi.BadField("sdkappid", "7", "no id above the highest so far is left; name one")
		}
		in.SDKAppID = m.last + 1
	}
	if in.Run == "" {
		in.Run = strings.ToLower(rand.Text()[:6])
	}
	cfg, err := m.config(&in)
	if err != nil {
		return v, err
	}
	if cfg.Journal != "" {
		if err := keep(&in, cfg.Journal); err != nil {
			return v, notKept(err)
		}
	}
	s, err := m.begin(cfg, &in)
	if err != nil {
		if cfg.Journal != "" {
			err = errors.Join(err, forget(cfg.Journal))
		}
		return v, notKept(err)
	}
	v = m.view(s)
	v.Key = madeUp
	return v, nil
}

// admit says why no such sandbox can be made. App 0 is any that is free.
func (m *sandboxes) admit(app uint32) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	problem := func(kind, hint, format string, args ...any) error {
		p := simapi.NewProblem(http.StatusConflict, kind, format, args...)
		p.Hint = hint
		return p
	}
	switch {
	case m.shut:
		return run.ErrStopped
	case m.first.has(app) || m.byID[app] != nil:
		p := problem(simapi.KindExists, "leave sdkappid out, and a free one is taken", "sdkappid: app %d is in a sandbox already", app).(*simapi.Problem)
		p.Field = "sdkappid"
		return p
	case len(m.byID) >= m.cfg.MaxSandboxes:
		return problem(simapi.KindTooMany, fmt.Sprintf("ringback serve --max-sandboxes %d", 2*max(m.cfg.MaxSandboxes, 8)),
			"there are %d sandboxes besides the first, and --max-sandboxes allows no more; DELETE %s/{sandbox} ends one", len(m.byID), simapi.SandboxesPath)
	}
	return nil
}

// notKept says that a sandbox could not be made or ended for a reason of this machine's.
func notKept(err error) error {
	var p *simapi.Problem
	if err == nil || errors.As(err, &p) || errors.Is(err, run.ErrStopped) {
		return err
	}
	return simapi.NewProblem(http.StatusInternalServerError, simapi.KindInternal, "%v", err)
}

// newKey makes up a secret key.
func newKey() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// config is that of a sandbox: as that of the server, but for what was asked for.
func (m *sandboxes) config(in *simapi.Making) (c Config, err error) {
	c = m.cfg
	c.Apps = []App{{ID: in.SDKAppID, Key: in.Key, NoPackage: in.NoPackage}}
	c.TrafficOn, c.Watch = false, nil
	c.Run.Token, c.Run.Flags = in.Run, maps.Clone(c.Run.Flags)
	if err := sim.CheckToken(in.Run); err != nil {
		return c, simapi.BadField("run", "monday-1", "%v", err)
	}
	if in.Seed != nil {
		c.Run.Seed = *in.Seed
	}
	c.Run.Epoch = call.At(m.first.session.Now().Time().Truncate(time.Second))
	if in.Epoch != "" {
		if c.Run.Epoch, err = call.ParseEpoch(in.Epoch); err != nil {
			return c, simapi.BadField("epoch", "2026-01-01T00:00:00Z", "%v", err)
		}
	}
	if in.Pace != "" {
		if c.Pace, err = run.ParsePace(in.Pace); err != nil {
			return c, simapi.BadField("pace", "10x", "%v", err)
		}
		if c.Run.Flags != nil {
			c.Run.Flags["pace"] = c.Pace.String()
		}
	}
	c.Paused = in.Paused
	own := *c.Dialect
	c.Dialect = &own
	for _, k := range slices.Sorted(maps.Keys(in.Dialect)) {
		if err := own.Set(k + "=" + in.Dialect[k]); err != nil {
			return c, simapi.BadField("dialect", `{"call_id":"readable"}`, "%v", err)
		}
	}
	if in.Callback != "" {
		at, err := delivery.ParseEndpoint(in.Callback)
		if err == nil && c.Sign != "" {
			err = at.Signable()
		}
		if err != nil {
			return c, simapi.BadField("callback", "http://127.0.0.1:3000/callback", "%v", err)
		}
	}
	if c.Journal != "" {
		c.Journal = filepath.Join(folder(c.Journal), fmt.Sprint(in.SDKAppID)+".ndjson")
	}
	return c, nil
}

// begin starts a sandbox, and registers its callback if it is new.
func (m *sandboxes) begin(cfg Config, in *simapi.Making) (*sandbox, error) {
	s, err := openSandbox(cfg, &m.host, nil)
	if err != nil {
		return nil, err
	}
	if !s.recorder.resumed {
		err = s.session.NoteTime()
		if in.Callback != "" && err == nil {
			err = s.register(in.Callback)
		}
	}
	if err != nil {
		close(s.ended)
		return nil, errors.Join(err, s.close(context.Background()))
	}
	m.last = max(m.last, s.id())
	m.mu.Lock()
	defer m.mu.Unlock()
	m.byID[s.id()] = s
	return s, nil
}

// register sends all callbacks to an address that a client gave.
func (s *sandbox) register(address string) error {
	at, err := delivery.ParseEndpoint(address)
	if err != nil {
		return err
	}
	for _, g := range [...]wire.Generation{wire.V1, wire.V4} {
		if err := s.session.Do(sim.Register{App: s.id(), Generation: g, Endpoint: at, Words: g.Words()}, nil); err != nil {
			return err
		}
	}
	return nil
}

// End ends a sandbox and removes its journal.
func (m *sandboxes) End(ctx context.Context, name string) (v simapi.Sandbox, err error) {
	m.changing.Lock()
	defer m.changing.Unlock()
	s, p := m.find(name)
	switch {
	case p != nil:
		return v, p
	case s == m.first:
		p = simapi.NewProblem(http.StatusConflict, simapi.KindForbidden, "sandbox %d is the first, which lasts as long as the server", s.id())
		p.Hint = "POST /sim/v1/reset"
		return v, p
	}
	m.mu.Lock()
	shut := m.shut
	if !shut {
		delete(m.byID, s.id())
	}
	m.mu.Unlock()
	if shut {
		return v, run.ErrStopped
	}
	v = m.view(s)
	close(s.ended)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cmp.Or(s.cfg.Timeout, delivery.DefaultTimeout))
	defer cancel()
	if s.cfg.Journal != "" {
		err = errors.Join(remove(settings(s.cfg.Journal)), s.close(ctx), forget(s.cfg.Journal))
	} else {
		err = s.close(ctx)
	}
	return v, notKept(err)
}
