package explore

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/scenario"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// History is something that the real backend could do: operations of a few
// calls, and faults under which a good receiver stores the same.
type History struct {
	Generation wire.Generation // of the callbacks: V1 or V4; both in the pre-flight alone
	Retry      bool            // v4 callbacks are repeated as those of v1 are
	Number     bool            // in v4, ids of users that are all digits are numbers
	LongIDs    bool            // CallIds have 36 characters, of which 32 are those of all
	Begin      call.Instant    // 0: at any time
	Operations []script.Operation
	Again      *Again // what comes after them; may be nil

	takes     wire.Words    // the callbacks that are sent; 0: all
	heartbeat time.Duration // after which a silent phone is offline; 0: the usual
}

// String is the history as a list of sentences: two that read the same are the
// same.
func (h *History) String() string {
	lines := h.givens()
	for _, o := range h.Operations {
		lines = append(lines, o.String())
	}
	return strings.Join(append(lines, h.finale()...), "\n")
}

// givens are the sentences that come before anything happens.
func (h *History) givens() []string {
	lines := []string{"the callbacks are " + h.Generation.String()}
	if all := wordsOf(h.Generation, 0); len(h.words()) < len(all) {
		var words []string
		for _, w := range h.words() {
			words = append(words, w.String())
		}
		lines = append(lines, "the receiver subscribes to "+strings.Join(words, ", "))
	}
	if h.Retry {
		lines = append(lines, "the sender says v4_retry=v1")
	}
	if h.Number {
		lines = append(lines, "the sender says user_account=number")
	}
	if h.LongIDs {
		lines = append(lines, "CallIds differ in their last four characters")
	}
	if h.Begin != 0 {
		lines = append(lines, "it is "+h.Begin.Time().Format(time.RFC3339))
	}
	return lines
}

// length is when the last operation happens.
func (h *History) length() time.Duration {
	if len(h.Operations) == 0 {
		return 0
	}
	return time.Duration(h.Operations[len(h.Operations)-1].At)
}

// with is the history with other operations.
func (h *History) with(ops []script.Operation) *History {
	other := *h
	other.Operations = ops
	return &other
}

// of is the history as receivers of one generation are told it.
func (h *History) of(g wire.Generation) *History {
	other := *h
	other.Generation = g
	return &other
}

// withLongIDs is the history with CallIds that have to be read to their end.
func (h *History) withLongIDs() *History {
	other := *h
	other.LongIDs = true
	return &other
}

// calls are the names of the calls, in the order in which they are placed.
func (h *History) calls() (names []string) {
	for _, o := range h.Operations {
		if p, ok := o.Do.(script.Place); ok {
			names = append(names, p.Call)
		}
	}
	return names
}

// several reports whether a call has to be named to be told from others.
func (h *History) several() bool {
	return len(h.calls()) > 1 || h.Again != nil && h.Again.Crowd > 0
}

// placed are the operations that place calls.
func (h *History) placed() (list []script.Place) {
	for _, o := range h.Operations {
		if p, ok := o.Do.(script.Place); ok {
			list = append(list, p)
		}
	}
	return list
}

// hasOnly reports whether all calls are of these kinds.
func (h *History) hasOnly(kinds []call.Kind) bool {
	for _, p := range h.placed() {
		if !slices.Contains(kinds, p.Setup().Kind) {
			return false
		}
	}
	return true
}

// faults are the names of the faults that are ever on, each once.
func (h *History) faults() (names []string) {
	for _, o := range h.Operations {
		for _, spec := range asFaults(o) {
			if n := faultName(spec); !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	return names
}

func asFaults(o script.Operation) script.Faults {
	f, _ := o.Do.(script.Faults)
	return f
}

// faultName is what stands in front of a fault's amount, scope and call.
func faultName(spec string) string {
	if i := strings.IndexAny(spec, "=:@#"); i >= 0 {
		return spec[:i]
	}
	return spec
}

// rehearsal plays a history without a receiver: whether its phones can do what
// it says does not depend on any answer.
type rehearsal struct {
	*scenario.Rehearsal
	epoch call.Instant
}

// nowhere is where a rehearsal's callbacks would go.
var nowhere = func() *delivery.Endpoint {
	e, err := delivery.ParseEndpoint("http://rehearsal.invalid/")
	if err != nil {
		panic(err)
	}
	return e
}()

// phone is everybody's.
var phone = &call.Device{Platform: "iOS", IP: "127.0.0.1"}

func (h *History) rehearse() *rehearsal {
	epoch := call.At(time.Unix(1e9, 0))
	r := &rehearsal{epoch: epoch, Rehearsal: scenario.Rehearse(
		sim.Config{Run: journal.Run{Token: "rehearsal", Epoch: epoch}, HeartbeatExpiry: h.heartbeat},
		scenario.Binding{App: 1, Device: phone, AnyIDs: true, Generation: h.Generation},
	)}
	for _, via := range []wire.Generation{wire.V1, wire.V4} {
		_ = r.Step(epoch, sim.Register{App: 1, Generation: via, Endpoint: nowhere, Typed: true, Words: wordsOf(via, h.takes)}, nil)
	}
	return r
}

// words are those of its callbacks that are sent.
func (h *History) words() []wire.Word { return wordsOf(h.Generation, h.takes) }

// wordsOf are the words of a generation among some; 0 means all.
func wordsOf(g wire.Generation, among wire.Words) (list []wire.Word) {
	for _, w := range wire.AllWords() {
		if w.Generation()&g != 0 && (among == 0 || among.Has(w)) {
			list = append(list, w)
		}
	}
	return list
}

// do tries an operation. One that is refused changes nothing but the time.
func (r *rehearsal) do(o script.Operation) error {
	at := r.epoch.Add(time.Duration(o.At))
	if p, ok := o.Do.(script.Place); ok {
		_ = r.Step(at, sim.Tick{}, nil) // calls may end by then
		if r.taken(p.Room) {
			return fmt.Errorf("room: another call is in %q", p.Room)
		}
	}
	_, err := r.Do(at, o.Do)
	return err
}

// taken reports whether a call that goes on has a room. The backend never has two
// calls in one room at once.
func (r *rehearsal) taken(room string) bool {
	for c := range r.State().Calls() {
		if c.Phase != call.Over && c.RoomType == call.StringRoom && c.Room == room {
			return true
		}
	}
	return false
}

// call is the state of a call by its name.
func (r *rehearsal) call(name string) *journal.Call {
	id, ok := r.Call(name)
	if !ok {
		return nil
	}
	return r.State().Call(id)
}

// settling is how long callbacks may take to go out, while phones go on to ring.
const settling = time.Minute

// settles lets time pass and reports whether all callbacks can go out: none of a
// call that goes on waits for the next one, or for the end.
func (r *rehearsal) settles() bool {
	until := r.State().Now.Add(settling)
	for {
		for c := range r.State().Calls() {
			if c.Held > 0 && c.Phase != call.Over {
				return false
			}
		}
		at, more := r.Next()
		if !more || at > until {
			return true
		}
		_ = r.Step(at, sim.Tick{}, nil) // a tick is never refused
	}
}

// tells reports whether any callback is sent, and whether one of them is about the end
// of a call.
func (h *History) tells() (any, end bool) {
	r := h.rehearse()
	for _, o := range h.Operations {
		if r.do(o) != nil {
			return false, false
		}
	}
	_ = r.settles() // what is due goes out
	for _, d := range r.State().DeliveriesAfter(0, "") {
		any, end = true, end || d.Word.Ends()
	}
	return any, end
}

// Lawful says what of a history the real backend could not do, or nil.
func (h *History) Lawful() error {
	if err := h.bearable(); err != nil {
		return err
	}
	r := h.rehearse()
	for _, o := range h.Operations {
		if err := r.do(o); err != nil {
			return fmt.Errorf("%s: %w", o, err)
		}
	}
	if h.Again != nil && !h.resendable(r) {
		return fmt.Errorf("%s of call %s: no such callback of a call that is over", h.Again.Callback.Which(), h.Again.Callback.Call)
	}
	if !r.settles() {
		return errors.New("a fault holds a callback back for ever")
	}
	return nil
}

// bearable says which fault no receiver could bear in this generation, or nil.
func (h *History) bearable() error {
	for _, name := range h.faults() {
		switch harm := harmOf(name); {
		case harm == nil || h.Generation == wire.V1:
		case harm.v1:
			return fmt.Errorf("%s: a refusal with HTTP 200 is none in v4", name)
		case harm.retried && !h.Retry:
			return fmt.Errorf("%s: v4 callbacks that nobody repeats are lost with it", name)
		}
	}
	return nil
}

// mended is the history without the operations that make no sense any more,
// since something before them is missing.
func (h *History) mended() *History {
	r := h.rehearse()
	var ops []script.Operation
	for _, o := range h.Operations {
		if a, ok := o.Do.(script.Act); ok && r.call(a.Call) == nil {
			continue
		}
		if r.do(o) == nil {
			ops = append(ops, o)
		}
	}
	return h.with(ops)
}

// users are the names of all who take part, each once, in the order in which
// the history names them.
func (h *History) users() (names []string) {
	note := func(list ...string) {
		for _, n := range list {
			if n != "" && !slices.Contains(names, n) {
				names = append(names, n)
			}
		}
	}
	for _, o := range h.Operations {
		switch do := o.Do.(type) {
		case script.Place:
			note(do.Caller)
			note(do.Callees...)
		case script.Act:
			note(do.Action.By)
			note(do.Action.Users...)
		}
	}
	return names
}
