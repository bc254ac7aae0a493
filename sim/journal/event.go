package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// Event is one thing that happened in a run. The engine reuses the memory of Data, so an
// event is valid only until the engine's next step; [Event.Clone] keeps one.
type Event struct {
	Seq  uint64       // from 1; 0 in the header
	At   call.Instant // simulated time
	Call string       // the CallId, if it concerns a call
	More bool         // the next event belongs to the same step: a journal that ends here is torn
	Data Data
}

// Data is what an event says; its concrete types are *Run, *Registered,
// *Unregistered, *Faults, *Fact, *Refused, *Callback, *Released, *Attempt,
// *Answer, *Withdrawn, *GivenUp, *Dropped, *DialectSet, *Drained, *Warned, *Clock,
// *Reset, *Snapshot, *SavedCall and *SavedRecord.
type Data interface{ kind() string }

// Version is the journal format's.
const Version = 1

// Run is the header: what a run needs to be repeated. Flags holds only those
// that change behaviour; the target in it is a path and a query, no host.
type Run struct {
	V       int               `json:"v"`
	Version string            `json:"version"` // Ringback's
	Seed    uint64            `json:"seed"`
	Epoch   call.Instant      `json:"epoch"`
	Token   string            `json:"run"` // all call and room ids follow from it and the seed
	Dialect map[string]string `json:"dialect"`
	Flags   map[string]string `json:"flags"`
}

// RecordingFlag is the flag in the header of a journal that was made of a recording: of
// what someone's sender sent, as far as a proxy saw it. No file has it.
const RecordingFlag = "recording"

// Seen reports whether the journal was made of a recording, so that it knows callbacks
// alone, not what phones did.
func (r *Run) Seen() bool { return r.Flags[RecordingFlag] != "" }

// Registered says where an app's callbacks go from now on.
type Registered struct {
	App        uint32             `json:"sdkappid"`
	Generation wire.Generation    `json:"generation"`
	URL        string             `json:"url"`   // for a typed target path and query only
	Typed      bool               `json:"typed"` // the operator typed it, rather than a REST client
	Words      Words              `json:"words"`
	Endpoint   *delivery.Endpoint `json:"-"`
}

// Unregistered says that an app's registration is gone.
type Unregistered struct {
	App        uint32          `json:"sdkappid"`
	Generation wire.Generation `json:"generation"`
}

// Reset says that all calls, callbacks, records and faults are forgotten, and
// the registrations too if it says so.
type Reset struct {
	Registrations bool `json:"registrations"`
}

// Faults says which faults are on from now on.
type Faults struct {
	On []string `json:"on"`
}

// Fact is a fact of a call.
type Fact struct {
	call.Fact
	Generation wire.Generation `json:"generation,omitempty"` // Started: which callbacks the call makes
	Plan       []call.Step     `json:"plan,omitempty"`       // Started: what its phones will do
	Step       int             `json:"step,omitempty"`       // the step of the plan, from 1, that led here
}

// Refused is a planned step that the call's rules forbade when its time came.
type Refused struct {
	Step   int         `json:"step"`
	Action call.Action `json:"action"`
	Why    string      `json:"why"`
}

// Callback says that a callback is to be delivered.
type Callback struct {
	Delivery         uint64            `json:"delivery"`
	Generation       wire.Generation   `json:"generation"`
	Via              wire.Generation   `json:"via,omitempty"` // the registration that asked for it
	Word             wire.Word         `json:"word"`
	User             string            `json:"user,omitempty"`
	CopyOf           uint64            `json:"copy_of,omitempty"`
	*delivery.Faults                   // what faults do to it; nil for most
	State            delivery.State    `json:"state"`
	Hold             delivery.Hold     `json:"hold,omitzero"` // held back until it is released
	Due              call.Instant      `json:"due,omitzero"`  // of a postponed first attempt
	EventTime        call.Instant      `json:"event_time"`
	URL              Text              `json:"url"` // path and query
	Body             Text              `json:"body"`
	Request          *delivery.Request `json:"-"`
}

// Released says that a callback which a fault held back goes on: at a time, or
// behind the callbacks that its call has so far.
type Released struct {
	Delivery uint64       `json:"delivery"`
	Due      call.Instant `json:"due,omitzero"`
}

// Attempt says that an attempt starts.
type Attempt struct {
	Delivery uint64            `json:"delivery"`
	Attempt  int               `json:"attempt"`
	URL      Text              `json:"url,omitempty"`  // path and query, if they are others than before
	Moved    bool              `json:"moved,omitzero"` // it goes to the address that its registration has now
	Request  *delivery.Request `json:"-"`              // of that URL
}

// Answer says how an attempt ended and what follows.
type Answer struct {
	Delivery uint64           `json:"delivery"`
	Attempt  int              `json:"attempt"`
	Verdict  delivery.Verdict `json:"verdict"`
	Body     Text             `json:"body,omitempty"`
	Then     delivery.Then    `json:"then"`
	Due      call.Instant     `json:"due,omitzero"`     // of the retry
	TookUS   int64            `json:"took_us,omitzero"` // wall time, only with timings: it is never twice the same
	Head     Text             `json:"head,omitempty"`   // header lines of the answer, only with timings: they have the time of day
	Took     time.Duration    `json:"-"`                // wall time, for those who watch
	Seen     Text             `json:"-"`                // the header lines, for those who watch
}

// Clock says how time passes from now on: real, instant, or a factor like 10x.
// It is also written from time to time while nothing else is, so that a restart
// knows what time it was.
type Clock struct {
	Pace   string `json:"pace"`
	Paused bool   `json:"paused"`
}

// Withdrawn says that a delivery is given up because its address was deleted.
type Withdrawn struct {
	Delivery uint64 `json:"delivery"`
}

func (*Run) kind() string          { return "run" }
func (*Registered) kind() string   { return "registered" }
func (*Unregistered) kind() string { return "unregistered" }
func (*Faults) kind() string       { return "faults" }
func (f *Fact) kind() string       { return f.Kind.String() }
func (*Refused) kind() string      { return "refused" }
func (*Callback) kind() string     { return "callback" }
func (*Released) kind() string     { return "released" }
func (*Attempt) kind() string      { return "attempt" }
func (*Answer) kind() string       { return "answer" }
func (*Withdrawn) kind() string    { return "withdrawn" }
func (*Clock) kind() string        { return "clock" }
func (*Reset) kind() string        { return "reset" }
func (*Snapshot) kind() string     { return "snapshot" }
func (*SavedCall) kind() string    { return "saved_call" }
func (*SavedRecord) kind() string  { return "saved_record" }

// Kind is the event's kind: run, registered, unregistered, faults, refused,
// callback, released, attempt, answer, withdrawn, given_up, dropped, dialect, drained,
// warned, clock, reset, snapshot, saved_call, saved_record, or the word of a fact, like accepted.
func (e *Event) Kind() string { return e.Data.kind() }

// newData are constructors of the data of each kind but the facts.
var newData = []func() Data{
	func() Data { return new(Run) },
	func() Data { return new(Registered) },
	func() Data { return new(Unregistered) },
	func() Data { return new(Faults) },
	func() Data { return new(Refused) },
	func() Data { return new(Callback) },
	func() Data { return new(Released) },
	func() Data { return new(Attempt) },
	func() Data { return new(Answer) },
	func() Data { return new(Withdrawn) },
	func() Data { return new(Drained) },
	func() Data { return new(GivenUp) },
	func() Data { return new(Dropped) },
	func() Data { return new(DialectSet) },
	func() Data { return new(Warned) },
	func() Data { return new(Clock) },
	func() Data { return new(Reset) },
	func() Data { return new(Snapshot) },
	func() Data { return new(SavedCall) },
	func() Data { return new(SavedRecord) },
}

var newDataOf = func() map[string]func() Data {
	m := map[string]func() Data{}
	for _, blank := range newData {
		m[blank().kind()] = blank
	}
	return m
}()

// Kinds returns the kinds of all events, see [Event.Kind].
func Kinds() (kinds []string) {
	for _, blank := range newData {
		kinds = append(kinds, blank().kind())
	}
	return append(kinds, call.FactKinds()...)
}

func dataOf(kind string) Data {
	if blank := newDataOf[kind]; blank != nil {
		return blank()
	}
	if k, ok := call.ParseFactKind(kind); ok {
		return &Fact{Fact: call.Fact{Kind: k}}
	}
	return nil
}

// AppendLine appends the event as one line of JSON with its line feed.
func (e *Event) AppendLine(b []byte) ([]byte, error) {
	var data bytes.Buffer
	enc := json.NewEncoder(&data)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(e.Data); err != nil {
		return b, fmt.Errorf("journal event %d: %w", e.Seq, err)
	}
	rest := data.Bytes()[1:] // without the opening brace
	if run, ok := e.Data.(*Run); ok {
		b = fmt.Appendf(b, `{"v":%d,"kind":"run",`, run.V)
		return append(b, bytes.TrimPrefix(rest, fmt.Appendf(nil, `"v":%d,`, run.V))...), nil
	}
	b = fmt.Appendf(b, `{"seq":%d,"t":"%s","kind":"%s"`, e.Seq, e.At, e.Kind())
	if e.Call != "" {
		id, err := Text(e.Call).MarshalJSON()
		if err != nil {
			return b, err
		}
		b = append(append(b, `,"call":`...), id...)
	}
	if e.More {
		b = append(b, `,"more":true`...)
	}
	if len(rest) > 2 { // more than "}\n"
		b = append(b, ',')
	}
	return append(b, rest...), nil
}

var errNoKind = errors.New("an event that has no kind")

// ParseLine reads one line. The event is nil when its kind is unknown: a newer
// version may have written it. Errors name the kind and show nothing of the line,
// which may hold secrets.
func ParseLine(line []byte) (*Event, error) {
	var head struct {
		V    int          `json:"v"`
		Seq  uint64       `json:"seq"`
		At   call.Instant `json:"t"`
		Kind string       `json:"kind"`
		Call Text         `json:"call"`
		More bool         `json:"more"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return nil, err
	}
	if head.Kind == "" {
		return nil, errNoKind
	}
	data := dataOf(head.Kind)
	if data == nil {
		return nil, nil
	}
	if err := json.Unmarshal(line, data); err != nil {
		return nil, fmt.Errorf("%s: %w", head.Kind, err)
	}
	if r, ok := data.(*Run); ok && r.V != Version {
		return nil, fmt.Errorf("journal format %d: this Ringback reads format %d", r.V, Version)
	}
	return &Event{Seq: head.Seq, At: head.At, Call: string(head.Call), More: head.More, Data: data}, nil
}
