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

// History is a sequence of operations that the real backend could perform, with faults
// that a correct receiver tolerates.
type History struct {
	Generation wire.Generation // of the callbacks: V1 or V4; both in the pre-flight alone
	Retry      bool            // v4 callbacks are retried like those of v1
	NumberIDs  bool            // in v4, user ids that are all digits are sent as numbers
	LongIDs    bool            // CallIds have 36 characters and differ only in the last 4
	Begin      call.Instant    // 0: at any time
	Operations []script.Operation
	Repeat     *Repeat // a callback to repeat at the end; may be nil

	takes     wire.Words    // the callbacks that are sent; 0: all
	heartbeat time.Duration // after which a silent phone is offline; 0: the default
}

// String returns the history as sentences. Equal histories have equal strings.
func (h *History) String() string {
	lines := h.givens()
	for _, o := range h.Operations {
		lines = append(lines, o.String())
	}
	return strings.Join(append(lines, h.closingSteps()...), "\n")
}

// givens returns the sentences that come before the first operation.
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
	if h.NumberIDs {
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

// length returns the time of the last operation.
func (h *History) length() time.Duration {
	if len(h.Operations) == 0 {
		return 0
	}
	return time.Duration(h.Operations[len(h.Operations)-1].At)
}

// with returns the history with other operations.
func (h *History) with(ops []script.Operation) *History {
	other := *h
	other.Operations = ops
	return &other
}

// of returns the history for another generation.
func (h *History) of(g wire.Generation) *History {
	other := *h
	other.Generation = g
	return &other
}

// withLongIDs returns the history with LongIDs set.
func (h *History) withLongIDs() *History {
	other := *h
	other.LongIDs = true
	return &other
}

// calls returns the names of the calls, in the order in which they are placed.
func (h *History) calls() (names []string) {
	for _, o := range h.Operations {
		if p, ok := o.Do.(script.Place); ok {
			names = append(names, p.Call)
		}
	}
	return names
}

// several reports whether steps have to name the call.
func (h *History) several() bool {
	return len(h.calls()) > 1 || h.Repeat != nil && h.Repeat.Crowd > 0
}

// placed returns the operations that place calls.
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

// faults returns the names of the faults that are ever on, each once.
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

// faultName returns a fault's name, without amount, scope and call.
func faultName(spec string) string {
	if i := strings.IndexAny(spec, "=:@#"); i >= 0 {
		return spec[:i]
	}
	return spec
}

// rehearsal plays a history without a receiver. What phones can do does not depend on
// answers.
type rehearsal struct {
	*scenario.Rehearsal
	epoch call.Instant
}

// rehearsalEndpoint is registered in rehearsals; nothing is sent to it.
var rehearsalEndpoint = func() *delivery.Endpoint {
	e, err := delivery.ParseEndpoint("http://rehearsal.invalid/")
	if err != nil {
		panic(err)
	}
	return e
}()

// device is every user's device.
var device = &call.Device{Platform: "iOS", IP: "127.0.0.1"}

func (h *History) rehearse() *rehearsal {
	epoch := call.At(time.Unix(1e9, 0))
	r := &rehearsal{epoch: epoch, Rehearsal: scenario.Rehearse(
		sim.Config{Run: journal.Run{Token: "rehearsal", Epoch: epoch}, HeartbeatExpiry: h.heartbeat},
		scenario.Binding{App: 1, Device: device, AnyIDs: true, Generation: h.Generation},
	)}
	for _, via := range []wire.Generation{wire.V1, wire.V4} {
		_ = r.Step(epoch, sim.Register{App: 1, Generation: via, Endpoint: rehearsalEndpoint, Typed: true, Words: wordsOf(via, h.takes)}, nil)
	}
	return r
}

// words returns the words of the callbacks that are sent.
func (h *History) words() []wire.Word { return wordsOf(h.Generation, h.takes) }

// wordsOf returns the words of a generation that are in among; 0 means all.
func wordsOf(g wire.Generation, among wire.Words) (list []wire.Word) {
	for _, w := range wire.AllWords() {
		if w.Generation()&g != 0 && (among == 0 || among.Has(w)) {
			list = append(list, w)
		}
	}
	return list
}

// do tries an operation. A refused one changes only the time.
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

// taken reports whether a running call has a room. The backend never has two calls in
// one room.
func (r *rehearsal) taken(room string) bool {
	for c := range r.State().Calls() {
		if c.Phase != call.Over && c.RoomType == call.StringRoom && c.Room == room {
			return true
		}
	}
	return false
}

// call returns the state of a call by its name, or nil.
func (r *rehearsal) call(name string) *journal.Call {
	id, ok := r.Call(name)
	if !ok {
		return nil
	}
	return r.State().Call(id)
}

// settling is how long callbacks may take to be sent, while phones continue to ring.
const settling = time.Minute

// settles advances the time and reports whether all callbacks are sent. It is false if
// one of a running call is held back until the next, or until the end.
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

// tells reports whether any callback is sent, and whether one is about the end of a
// call.
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

// Lawful returns nil if the real backend could perform the history, or else why not.
func (h *History) Lawful() error {
	if err := h.checkFaults(); err != nil {
		return err
	}
	r := h.rehearse()
	for _, o := range h.Operations {
		if err := r.do(o); err != nil {
			return fmt.Errorf("%s: %w", o, err)
		}
	}
	if h.Repeat != nil && !h.resendable(r) {
		return fmt.Errorf("%s of call %s: no such callback of a call that is over", h.Repeat.Callback.Which(), h.Repeat.Callback.Call)
	}
	if !r.settles() {
		return errors.New("a fault holds a callback back forever")
	}
	return nil
}

// checkFaults returns an error for a fault that no receiver of this generation could
// tolerate.
func (h *History) checkFaults() error {
	for _, name := range h.faults() {
		switch harm := faultKindOf(name); {
		case harm == nil || h.Generation == wire.V1:
		case harm.v1Only:
			return fmt.Errorf("%s: v4 does not retry a refusal with HTTP 200", name)
		case harm.needsRetry && !h.Retry:
			return fmt.Errorf("%s: v4 callbacks are lost with it unless they are retried", name)
		}
	}
	return nil
}

// repaired returns the history without the operations that are impossible since
// something before them is gone.
func (h *History) repaired() *History {
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

// users returns the names of all users, each once, in the order of the history.
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
