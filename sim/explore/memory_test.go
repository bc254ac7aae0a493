package explore

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ringback/fixtures/harness"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// memory is a receiver without a network: it is right, but for what a test
// makes of it. It reads bodies by itself, so that it holds the engine's state
// against what callbacks told.
type memory struct {
	mu    sync.Mutex
	seen  map[string]bool
	calls map[string]*row
	taken int // callbacks

	refuse func(m *memory, l *letter) string                // what is wrong with a callback, "" for nothing; before it is stored
	store  func(m *memory, l *letter)                       // instead of take
	show   func(m *memory, id string, s *probe.Stored)      // what is shown instead
	answer func(m *memory, l *letter, a *delivery.Answer)   // the last word
	hook   func(m *memory, r *delivery.Request) (gone bool) // before anything

	catchUp func() // what it does, for titles while ends are waited for
}

// row is what is stored of a call.
type row struct {
	ends    int
	result  string
	talk    float64
	caller  string
	members map[string]seat
	list    int64 // v4: EventTime of the list
	order   int
}

type seat struct {
	at int64
	in bool
}

// letter is a callback as it came.
type letter struct {
	command string
	v4      bool
	id      string
	user    string
	at      int64
	result  string
	accept  float64
	end     float64
	caller  string
	users   []string
	single  bool // v1: of a call between two
}

func newMemory() *memory {
	return &memory{seen: map[string]bool{}, calls: map[string]*row{}}
}

func (m *memory) sender() run.Sender { return memorySender{m} }

type memorySender struct{ *memory }

func (memorySender) Close() {}

func (s memorySender) Send(r *delivery.Request, t delivery.Transport, a *delivery.Answer) {
	m := s.memory
	m.mu.Lock()
	defer m.mu.Unlock()
	*a = delivery.Answer{Connected: true, Status: 200}
	if m.hook != nil && m.hook(m, r) {
		*a = delivery.Answer{Failure: delivery.Unreachable}
		return
	}
	if t.LoseTail > 0 {
		a.Status, a.Body = 400, []byte("cut short")
		return
	}
	m.taken++
	l := read(r)
	a.Body = []byte(`{"ErrorCode":0,"ErrorMessage":"","ErrorInfo":"","ActionStatus":"OK"}`)
	if why := m.wrong(l); why != "" {
		a.Body = fmt.Appendf(nil, `{"ErrorCode":1,"ErrorMessage":%q,"ErrorInfo":"","ActionStatus":"FAIL"}`, why)
	}
	if m.answer != nil {
		m.answer(m, l, a)
	}
	if t.HangUp || t.Reset {
		*a = delivery.Answer{Connected: true, Failure: delivery.Closed, Detail: "by a fault"}
	}
}

func (m *memory) wrong(l *letter) string {
	if m.refuse != nil {
		if why := m.refuse(m, l); why != "" {
			return why
		}
	}
	if m.store != nil {
		m.store(m, l)
		return ""
	}
	m.take(l)
	return ""
}

func (l *letter) key() string { return fmt.Sprint(l.command, l.id, l.user, l.at) }

func (l *letter) ends() bool {
	return l.command == "call_end" || l.command == "Call.CallbackAfterEndCall"
}

// take stores a callback, once.
func (m *memory) take(l *letter) {
	if m.seen[l.key()] {
		return
	}
	m.seen[l.key()] = true
	m.put(m.row(l.id), l)
}

func (m *memory) row(id string) *row {
	if m.calls[id] == nil {
		m.calls[id] = &row{members: map[string]seat{}, order: len(m.calls)}
	}
	return m.calls[id]
}

func (m *memory) put(r *row, l *letter) {
	if l.caller != "" {
		r.caller = l.caller
	}
	switch {
	case l.ends():
		r.ends, r.result, r.talk = r.ends+1, l.result, 0
		if l.accept > 0 && (l.v4 || l.result == "normal_end") {
			r.talk = l.end - l.accept
		}
	case l.v4 && l.at >= r.list:
		r.list = l.at
		clear(r.members)
		for _, u := range l.users {
			r.members[u] = seat{l.at, true}
		}
	case !l.v4:
		if s := r.members[l.user]; l.at >= s.at {
			r.members[l.user] = seat{l.at, comesIn[l.command]}
		}
	}
}

var comesIn = map[string]bool{
	"caller_start_call": true, "callee_receive_call": true, "callee_accept_call": true, "caller_call_accepted": true,
	"invite_user": true, "join_in_group_call": true,
}

func read(r *delivery.Request) *letter {
	_, query, _ := strings.Cut(string(r.Target()), "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		panic(err)
	}
	var b struct {
		CallID, UserID, Role, CallResult string
		CallType                         string
		CallInfo                         struct{ CallID string }
		UserList                         []struct {
			Account wire.Account `json:"User_Account"`
			Status  string
		}
		EventTime, AcceptTs, EndTs int64
		CallRecord                 struct {
			CallID, CallResult  string
			Caller              wire.Account `json:"Caller_Account"`
			AcceptTime, EndTime int64
		}
	}
	if err := json.Unmarshal(r.Body(), &b); err != nil {
		panic(err)
	}
	l := &letter{command: q.Get("command"), user: b.UserID, at: b.EventTime, result: b.CallResult, accept: float64(b.AcceptTs), end: float64(b.EndTs)}
	if l.command == "" {
		l.command, l.v4 = q.Get("CallbackCommand"), true
	}
	l.single = b.CallType == "single"
	l.id = b.CallID + b.CallInfo.CallID + b.CallRecord.CallID
	if strings.HasPrefix(l.command, "caller_") || l.command == "call_end" && b.Role == "caller" {
		l.caller = b.UserID
	}
	for _, u := range b.UserList {
		l.users = append(l.users, u.Account.ID)
		if l.command == "Call.CallbackAfterStartCall" && u.Status == "Calling" {
			l.caller = u.Account.ID
		}
	}
	if rec := b.CallRecord; rec.CallID != "" {
		l.result, l.accept, l.end, l.caller = rec.CallResult, float64(rec.AcceptTime), float64(rec.EndTime), rec.Caller.ID
	}
	return l
}

// Until shows what is stored: nothing grows.
func (m *memory) Until(
	ctx context.Context, id string, _ time.Duration, wanted func(probe.Stored) bool, behind func(context.Context), _ ...string,
) (probe.Stored, bool, error) {
	s := m.showing(id)
	if !wanted(s) && behind != nil {
		behind(ctx)
		s = m.showing(id)
	}
	return s, wanted(s), nil
}

// CatchUp reports whether all ends are stored.
func (m *memory) CatchUp(_ context.Context, ids ...string) bool {
	if m.catchUp != nil {
		m.catchUp()
	}
	return !slices.ContainsFunc(ids, func(id string) bool { return m.showing(id).Count == 0 })
}

func (m *memory) showing(id string) probe.Stored {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := probe.Stored{Members: []string{}}
	if r := m.calls[id]; r != nil {
		s = r.shown()
	}
	if m.show != nil {
		m.show(m, id, &s)
	}
	return s
}

func (r *row) shown() probe.Stored {
	s := probe.Stored{Count: r.ends, Caller: &r.caller, Members: []string{}}
	if r.ends > 0 {
		s.Result, s.Duration = &r.result, &r.talk
		return s
	}
	for u, seat := range r.members {
		if seat.in {
			s.Members = append(s.Members, u)
		}
	}
	slices.Sort(s.Members)
	return s
}

func (m *memory) Hide(text string) string { return text }

var epoch = harness.Epoch

// config explores a receiver in memory.
func config(t testing.TB, m *memory) Config {
	t.Helper()
	e := harness.Endpoint(t, "http://127.0.0.1:3000/callback")
	return Config{
		Run: journal.Run{Seed: 1, Epoch: epoch, Token: "test"}, App: 1400000001, Endpoint: e, NewSender: m.sender, Probe: m,
		Budget: 300, Shrink: 200, Findings: 1,
	}
}

// histories is how many histories a test makes: all of them to soak, else a third.
func histories(all int) int {
	if os.Getenv("RINGBACK_SOAK") != "" {
		return all
	}
	return all / 3
}

func mustRun(t testing.TB, cfg Config) *Report {
	t.Helper()
	r, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
