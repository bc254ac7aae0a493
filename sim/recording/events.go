package recording

import (
	"bytes"
	"cmp"
	"container/heap"
	"errors"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// Summary is what [Events] made of a recording, and what it left out.
type Summary struct {
	Target string // where the requests went
	Flaws  Flaws
	Others int // requests that are no callbacks, or have no CallId
	Words  int // callbacks whose words no document has
	Cut    int // callbacks whose bodies are not whole
	Late   int // callbacks of calls that were over long before
}

// Notes say what was left out or is missing, besides a torn end and unknown lines.
func (s *Summary) Notes() (notes []string) {
	note := func(n int64, what string, more string) {
		if n > 0 {
			notes = append(notes, text.Count(int(n), what)+more)
		}
	}
	note(int64(s.Others), "request", " left out, no callbacks of calls")
	note(int64(s.Words), "callback", " left out, whose words no document has")
	note(int64(s.Cut), "callback", " left out, whose bodies are not whole")
	note(int64(s.Late), "callback", " left out, whose calls were over long before")
	note(s.Flaws.Missing, "exchange", " missing")
	note(int64(s.Flaws.Repeated+s.Flaws.Orphans), "line", " left out, doubled or without a request")
	note(s.Flaws.Lost, "request", " without an answer")
	return notes
}

// Events hands on what a recording shows as the events of a journal, as the sender of the
// callbacks might have kept one: calls by their CallIds, callbacks, attempts, answers. What
// phones did is not in it. Its dialect is the default, and its header has the flag
// [journal.RecordingFlag].
//
// What follows a failed attempt is what the recording shows, not what a schedule says:
// a retry if the same bytes come again within [LookAhead], else the sender has given up.
// The same bytes after an acknowledgement, or while an attempt is under way, are a copy.
//
// It reads the recording to its end, or to the first error, also one of take.
func Events(r *Reader, take func(*journal.Event) error) (Summary, error) {
	header, err := r.Header()
	if err != nil {
		return Summary{}, err
	}
	t := &teller{
		take: take, at: hostOf(header.Target), header: header, calls: map[string]*seenCall{}, deliveries: map[sentKey]*sent{},
		targets: map[targetKey]string{}, policies: map[wire.Generation]delivery.Policy{},
	}
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		t.policies[g] = delivery.PolicyOf(g, wire.Default())
	}
	for {
		var e *Exchange
		if e, err = r.Next(); err != nil {
			break
		}
		t.see(e)
		if err = t.until(t.read.Add(-LookAhead)); err != nil {
			break
		}
	}
	if errors.Is(err, io.EOF) {
		t.over = true
		err = t.until(call.Latest)
	}
	if err == nil {
		err = t.begin(0)
	}
	t.sum.Target, t.sum.Flaws = header.Target, r.Flaws()
	return t.sum, err
}

// LookAhead is how long after a failed attempt the same bytes are its retry, in wall
// time. The longest documented wait is 5 s.
const LookAhead = 30 * time.Second

// hostOf is the scheme and host of a URL.
func hostOf(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return "http://target.invalid"
	}
	return u.Scheme + "://" + u.Host
}

// teller makes events.
type teller struct {
	take   func(*journal.Event) error
	header Header
	at     string // where the receiver was, for the addresses of its registrations
	sum    Summary
	begun  bool
	over   bool // the recording was read to its end

	read   call.Instant // when the latest request that was read came
	latest call.Instant // of all that was read
	now    call.Instant // of the latest event
	seq    uint64
	made   uint64 // callbacks so far
	placed uint64 // calls so far
	turns  int    // moments so far
	queue  moments

	calls      map[string]*seenCall
	settled    []*seenCall // calls that are over, in order
	deliveries map[sentKey]*sent
	known      []sentKey // of these, in order
	targets    map[targetKey]string
	policies   map[wire.Generation]delivery.Policy
}

// sentKey is a delivery: the number of its first exchange, which someone may have edited.
type sentKey struct {
	first int64
	call  string
	word  wire.Word
}

type targetKey struct {
	app        uint32
	generation wire.Generation
}

// seenCall is a call as far as it was read, which is ahead of what was handed on.
type seenCall struct {
	id      string
	caller  string
	members []string
	said    Said // of its first callback
	told    bool
	over    bool
	ends    bool // a callback of its end was read
	answers bool // an answer was handed on
	open    int
	rested  uint64 // when it had nothing open any more
	gone    bool   // that is long ago
}

// sent is a delivery: attempts and copies of the same bytes.
type sent struct {
	original uint64
	series   []*series
	coming   []call.Instant // when further exchanges with it begin
	aborted  *moment        // the end of the latest attempt from which the client went away
}

// series is a callback or a copy of it, with its attempts.
type series struct {
	id       uint64
	attempts int
	inFlight bool
	waiting  bool
}

// moment is when an exchange begins or ends.
type moment struct {
	at     call.Instant
	turn   int
	e      *Exchange
	said   *Said
	word   wire.Word
	call   *seenCall
	sent   *sent
	series *series // of its end: set at its beginning
	ends   *moment // of its beginning: its end
	end    bool
}

type moments []*moment

func (m moments) Len() int { return len(m) }
func (m moments) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(m[i].at, m[j].at), cmp.Compare(m[i].turn, m[j].turn)) < 0
}
func (m moments) Swap(i, j int) { m[i], m[j] = m[j], m[i] }
func (m *moments) Push(x any)   { *m = append(*m, x.(*moment)) }
func (m *moments) Pop() any {
	old := *m
	x := old[len(old)-1]
	old[len(old)-1] = nil
	*m = old[:len(old)-1]
	return x
}

func (t *teller) push(m *moment) {
	t.turns++
	m.turn = t.turns
	heap.Push(&t.queue, m)
}

// see takes in an exchange.
func (t *teller) see(e *Exchange) {
	at := call.At(e.At)
	t.read, t.latest = max(t.read, at), max(t.latest, at)
	var word wire.Word
	switch {
	case e.Generation == 0 || e.Call == "":
		t.sum.Others++
		return
	case word.UnmarshalText([]byte(e.Word)) != nil:
		t.sum.Words++
		return
	case e.Cut > 0 || e.Unfinished:
		t.sum.Cut++
		return
	}
	if t.turns == 0 {
		t.now = at
	}
	said := e.Said()
	c := t.calls[e.Call]
	if c == nil {
		c = &seenCall{id: e.Call, said: said}
		t.calls[e.Call] = c
	}
	c.learn(&said, word)
	key := sentKey{e.Delivery, e.Call, word}
	d := t.deliveries[key]
	if d == nil {
		d = t.remember(key)
	}
	d.coming = append(d.coming, at)
	if late := d.aborted; late != nil && late.at > at && late.at <= at+noticed {
		late.at = at // the client has closed before it asked again
		heap.Init(&t.queue)
	}
	m := &moment{at: at, e: e, said: &said, word: word, call: c, sent: d}
	t.push(m)
	if end := endOf(e); end != 0 {
		m.ends = &moment{at: max(at, end), e: e, call: c, sent: d, end: true}
		t.latest = max(t.latest, end)
		t.push(m.ends)
		if e.Answer.Outcome == Aborted {
			d.aborted = m.ends
		}
	}
}

// noticed is within how long after a client has closed a recorder notices it, in ms.
const noticed = 100

// endOf is when an exchange ended; 0 if that is not known.
func endOf(e *Exchange) call.Instant {
	switch a := &e.Answer; {
	case a.Outcome == Unknown || a.Outcome == Lost:
		return 0
	case !a.Ended.IsZero():
		return call.At(a.Ended)
	case !a.At.IsZero():
		return call.At(a.At)
	}
	return call.At(e.At.Add(e.Answer.Latency))
}

// maxKnown is how many deliveries are known before the oldest are forgotten.
const maxKnown = 100_000

func (t *teller) remember(key sentKey) *sent {
	d := new(sent)
	if key.first == 0 { // it has no body
		return d
	}
	t.deliveries[key] = d
	if t.known = append(t.known, key); len(t.known) > maxKnown {
		delete(t.deliveries, t.known[0])
		t.known = t.known[1:]
	}
	return d
}

// learn notes who is in a call.
func (c *seenCall) learn(s *Said, w wire.Word) {
	c.caller = cmp.Or(c.caller, s.Caller)
	c.ends = c.ends || w.Ends()
	if c.told { // what was handed on stays
		return
	}
	for _, u := range slices.Concat([]string{s.User}, s.Members, s.Changed, s.Callees) {
		if u != "" && !slices.Contains(c.members, u) {
			c.members = append(c.members, u)
		}
	}
	c.said.Group = c.said.Group || s.Group
}

// until hands on what there is up to a time.
func (t *teller) until(at call.Instant) error {
	for len(t.queue) > 0 && t.queue[0].at <= at {
		if err := t.begin(t.now); err != nil {
			return err
		}
		m := heap.Pop(&t.queue).(*moment)
		t.now = max(t.now, m.at)
		tell := t.request
		if m.end {
			tell = t.answer
		}
		if err := tell(m); err != nil {
			return err
		}
	}
	return nil
}

// begin hands on the header, once.
func (t *teller) begin(at call.Instant) error {
	if t.begun {
		return nil
	}
	t.begun = true
	return t.take(&journal.Event{Data: &journal.Run{
		V: journal.Version, Version: t.header.Version, Epoch: at - at%1000, Token: "recording", Dialect: wire.Default().Map(),
		Flags: map[string]string{journal.RecordingFlag: "true"},
	}})
}

func (t *teller) emit(id string, d journal.Data) error {
	t.seq++
	return t.take(&journal.Event{Seq: t.seq, At: t.now, Call: id, Data: d})
}

// request hands on that a request came.
func (t *teller) request(m *moment) error {
	c, d := m.call, m.sent
	d.coming = d.coming[1:]
	t.retire()
	if c.gone {
		t.sum.Late++
		return nil
	}
	s := d.next()
	if s == nil {
		var err error
		if s, err = t.callback(m); s == nil {
			return err
		}
	}
	s.attempts++
	s.inFlight, s.waiting = true, false
	if m.ends != nil {
		m.ends.series = s
	}
	return t.emit(c.id, &journal.Attempt{Delivery: s.id, Attempt: s.attempts})
}

// next is the series that waits for its next attempt, or nil.
func (d *sent) next() *series {
	for _, s := range d.series {
		if s.waiting {
			return s
		}
	}
	return nil
}

// callback hands on a callback, and before it what it says of its call. It returns nil
// if the callback is left out.
func (t *teller) callback(m *moment) (*series, error) {
	e, c, d := m.e, m.call, m.sent
	_, target, _ := e.RequestLine()
	app64, _ := strconv.ParseUint(e.App, 10, 32)
	app := uint32(app64)
	address := t.at + ownTarget(target)
	endpoint, err := delivery.ParseEndpoint(address)
	if err == nil {
		if _, ok := endpoint.Parameters([]byte(target)); !ok {
			err = errors.New("its target is another one")
		}
	}
	if err != nil { // no address that callbacks can go to, like *
		t.sum.Others++
		return nil, nil
	}
	if key := (targetKey{app, e.Generation}); t.targets[key] != address {
		t.targets[key] = address
		if err := t.emit("", &journal.Registered{App: app, Generation: e.Generation, URL: address, Typed: true, Words: wire.AllWords(), Endpoint: endpoint}); err != nil {
			return nil, err
		}
	}
	if !c.told {
		c.told = true
		t.placed++
		if err := t.emit(c.id, t.saved(m, app)); err != nil {
			return nil, err
		}
	}
	if d.original == 0 {
		if err := t.fact(m); err != nil {
			return nil, err
		}
	}
	t.made++
	s := &series{id: t.made}
	cb := &journal.Callback{
		Delivery: s.id, Generation: e.Generation, Via: e.Generation, Word: m.word, User: m.said.User, CopyOf: d.original,
		EventTime: cmp.Or(m.said.At, t.now), URL: journal.Text(target), Body: e.Body,
	}
	if kind := Field(e.Head, "Content-Type"); kind != "" && kind != delivery.ContentType {
		cb.Faults = &delivery.Faults{ContentType: kind}
	}
	if d.original == 0 {
		d.original = s.id
	}
	d.series = append(d.series, s)
	c.open++
	return s, t.emit(c.id, cb)
}

// saved is a call at its first callback.
func (t *teller) saved(m *moment, app uint32) *journal.SavedCall {
	c := m.call
	device := deviceOf(m.e)
	saved := &journal.SavedCall{Generation: m.e.Generation, State: call.Call{
		Number: t.placed, App: app, Media: c.said.Media, Room: c.said.Room, RoomType: c.said.RoomType, Phase: call.Ringing,
		StartAt: cmp.Or(c.said.StartAt, t.now), Device: device, Acting: device,
	}}
	if c.said.Group {
		saved.State.Kind = call.Group
	}
	c.caller = cmp.Or(c.caller, "?")
	c.members = slices.Concat([]string{c.caller}, slices.DeleteFunc(c.members, func(u string) bool { return u == c.caller }))
	for i, u := range c.members {
		status := call.Alerting
		if i == 0 {
			status = call.Talking
		}
		saved.State.Members = append(saved.State.Members, call.Member{ID: u, Device: device, Since: saved.State.StartAt, Status: status, Rang: true, Talked: i == 0})
	}
	return saved
}

// deviceOf is the device that a query names.
func deviceOf(e *Exchange) *call.Device {
	d := new(call.Device)
	for pair := range bytes.SplitSeq(e.Query(), []byte("&")) {
		name, value, _ := bytes.Cut(pair, []byte("="))
		switch strings.ToLower(string(name)) {
		case "optplatform":
			d.Platform = unescaped(value)
		case "clientip":
			d.IP = unescaped(value)
		}
	}
	return d
}

// fact hands on what a callback says that happened to its call: that it was answered,
// and that it is over.
func (t *teller) fact(m *moment) error {
	c, said := m.call, m.said
	switch {
	case c.over:
		return nil
	case m.word.Ends(), !c.ends && !c.said.Group && endsOne[m.word] != call.NoResult:
		c.over = true
		result := cmp.Or(said.Result, endsOne[m.word], call.NormalEnd)
		return t.emit(c.id, &journal.Fact{Fact: call.Fact{Kind: call.Ended, Result: result}})
	case said.User == "" || m.word != wire.CalleeAcceptCall && m.word != wire.JoinInGroupCall && !(m.word == wire.AfterMemberChanged && answers(said.Action)):
		return nil
	}
	f := call.Fact{Kind: call.Accepted, By: said.User, First: !c.answers}
	if !slices.Contains(c.members, said.User) {
		f.Kind = call.Joined
		c.members = append(c.members, said.User)
	}
	c.answers = true
	return t.emit(c.id, &journal.Fact{Fact: f})
}

// endsOne are the caller's words that end a call of two, and its result, for receivers
// that get no status.
var endsOne = map[wire.Word]call.Result{
	wire.CallerCallRejected: call.Reject, wire.CallerCallBusy: call.CallBusy, wire.CallerCallMissed: call.NotAnswer,
	wire.CallerCancelCall: call.Cancel, wire.CallerCallEnd: call.NormalEnd, wire.CallerCallInterrupted: call.Interrupt,
}

func answers(action string) bool { return action == "Accept" || action == "Answer" || action == "Join" }

// headerLines are the header lines of a head, without its first line.
func headerLines(head []byte) []byte {
	_, lines, _ := bytes.Cut(head, []byte("\n"))
	return bytes.ReplaceAll(bytes.TrimSpace(lines), []byte("\r\n"), []byte("\n"))
}

// answer hands on how an attempt ended.
func (t *teller) answer(m *moment) error {
	s, e, d := m.series, m.e, m.sent
	if s == nil { // its request was left out
		return nil
	}
	policy := t.policies[e.Generation]
	a := e.Answer.judged()
	v := delivery.Judge(policy.Rule, a)
	answer := &journal.Answer{Delivery: s.id, Attempt: s.attempts, Verdict: v, Body: a.Body, Took: e.Answer.Latency, Seen: headerLines(e.Answer.Head)}
	waiting := 0
	for _, o := range d.series {
		if o.waiting {
			waiting++
		}
	}
	switch {
	case v.Documented(a.Body).Acked():
		answer.Then = delivery.ThenAcked
	case len(d.coming) > waiting:
		answer.Then, answer.Due = delivery.ThenRetry, d.coming[waiting]
	case v.Acked():
		answer.Then = delivery.ThenAcked
	case t.over && t.latest.Sub(t.now) < LookAhead: // the recording ends before it shows
		answer.Then, answer.Due = policy.Next(s.attempts, v, t.now)
	default:
		answer.Then = delivery.ThenAbandoned
	}
	s.inFlight, s.waiting = false, answer.Then == delivery.ThenRetry
	if err := t.emit(m.call.id, answer); err != nil {
		return err
	}
	if c := m.call; !s.waiting {
		if c.open--; c.open == 0 && c.over {
			c.rested = t.seq
			t.settled = append(t.settled, c)
		}
	}
	return nil
}

// margin is how many events one request makes, and more.
const margin = 10

// retire marks calls that a state may have forgotten by now.
func (t *teller) retire() {
	for len(t.settled) > 0 {
		c := t.settled[0]
		if c.rested+journal.Keep-margin > t.seq {
			return
		}
		t.settled = t.settled[1:]
		if c.open == 0 {
			*c = seenCall{gone: true, told: true}
		}
	}
}

// judged is the answer as senders judge it.
func (a *Answer) judged() *delivery.Answer {
	j := &delivery.Answer{
		Connected: true, Status: a.Status(), Body: a.Body, Took: a.Latency, Detail: a.Detail,
		Location: Field(a.Head, "Location"), Encoding: Field(a.Head, "Content-Encoding"),
	}
	switch a.Outcome {
	case Answered:
	case Aborted:
		j.Failure = delivery.TimedOut
	case Tunnel:
		j.Failure = delivery.NotHTTP
	default:
		j.Failure = delivery.NotHTTP
		for f := delivery.NoAddress; f <= delivery.Stopped; f++ {
			if Failed(f) == a.Outcome {
				j.Failure = f
			}
		}
		j.Connected = !j.Failure.NeverConnected()
	}
	return j
}

// callbacksOwn are the parameters of a callback in lower case; what else is in a query is
// the address's own.
var callbacksOwn = map[string]bool{
	"sdkappid": true, "command": true, "callbackcommand": true, "contenttype": true, "clientip": true, "optplatform": true,
	"requestid": true, "sign": true, "requesttime": true,
}

// CallbacksOwn reports whether a parameter, in lower case, is a callback's own.
func CallbacksOwn(name string) bool { return callbacksOwn[name] }

// OwnTarget is the path of a request and what of its query is the receiver's address: the
// parameters that stand before the callback's or, where all are sorted, among them.
func OwnTarget(e *Exchange) string {
	_, target, _ := e.RequestLine()
	return ownTarget(target)
}

func ownTarget(target string) string {
	path, query, ok := strings.Cut(target, "?")
	if !ok {
		return path
	}
	pairs := strings.Split(query, "&")
	sorted := slices.IsSortedFunc(pairs, func(a, b string) int { return strings.Compare(nameOf(a), nameOf(b)) })
	var own []string
	for _, pair := range pairs {
		if !callbacksOwn[strings.ToLower(nameOf(pair))] {
			own = append(own, pair)
		} else if !sorted {
			break
		}
	}
	if len(own) == 0 {
		return path
	}
	return path + "?" + strings.Join(own, "&")
}

func nameOf(pair string) string {
	name, _, _ := strings.Cut(pair, "=")
	return name
}
