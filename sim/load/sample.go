package load

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"ringback/sim"
	"ringback/sim/draw"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// Ended is a call whose end was acknowledged in the window, as its callback
// told it.
type Ended struct {
	Call
	Result   string   // either generation's word; "" if it told none
	Duration *float64 // seconds of talk; nil if it told none
}

// Call says which call of a load something is about.
type Call struct {
	ID        string `json:"call"`                // its CallId
	Number    uint64 `json:"number"`              // of it among those of its partition
	Partition string `json:"partition,omitempty"` // which of all, like 3/64; "" if there is one
}

// Name is its number, which is what people call it by.
func (c Call) Name() string {
	if c.Partition == "" {
		return fmt.Sprintf("#%d", c.Number)
	}
	return fmt.Sprintf("#%d of partition %s", c.Number, c.Partition)
}

// sample is a fair choice of the calls that ended, in bounded memory: each had
// the same chance, however many there were.
type sample struct {
	size      int
	seen      uint64
	list      []Ended
	rng       *rand.Rand
	partition string // see [Call]
	number    uint64 // of the call whose end's answer is being judged
	body      []byte // of that end; empty: it is not to be asked for
}

func newSample(size int, seed uint64, index, of int) *sample {
	s := &sample{size: size, rng: draw.Stream(seed, "load:sample", uint64(index))}
	if of > 1 {
		s.partition = fmt.Sprintf("%d/%d", index+1, of)
	}
	return s
}

// landed is told of each attempt that came back, while its request is there to
// be read. Of a call that has a callback which was never sent, the receiver need
// not know what it cannot know.
func (s *sample) landed(job *sim.Send, st *journal.State) {
	if s == nil || s.size == 0 || !tellsEnd(job.Word) {
		return
	}
	s.body = s.body[:0]
	if d := st.Deliveries[job.Delivery]; d == nil || !st.Call(d.CallID).Dropped {
		s.number, s.body = job.Call, append(s.body, job.Request.Body()...)
	}
}

func tellsEnd(w wire.Word) bool { return w.Status() || w == wire.AfterEndCall }

// acked is told that the latest attempt was an acknowledged one, of this word.
func (s *sample) acked(w wire.Word) {
	if s == nil || s.size == 0 || !tellsEnd(w) || len(s.body) == 0 {
		return
	}
	s.seen++
	at := len(s.list)
	if at == s.size {
		if at = int(s.rng.Uint64N(s.seen)); at >= s.size {
			return
		}
	}
	e, ok := readEnd(w, s.body)
	if !ok || slices.ContainsFunc(s.list, func(o Ended) bool { return o.ID == e.ID }) { // its end was told twice
		s.seen--
		return
	}
	e.Number, e.Partition = s.number, s.partition
	if at == len(s.list) {
		s.list = append(s.list, e)
	} else {
		s.list[at] = e
	}
}

// readEnd reads what a callback tells of a call's end: what a receiver knows,
// whatever faults made of it. Of what makes no sense nothing is expected.
func readEnd(w wire.Word, body []byte) (e Ended, ok bool) {
	if !gjson.ValidBytes(body) {
		return e, false
	}
	data, accepted, ended := gjson.ParseBytes(body), "AcceptTs", "EndTs"
	if w == wire.AfterEndCall {
		data, accepted, ended = data.Get("CallRecord"), "AcceptTime", "EndTime"
	}
	e = Ended{Call: Call{ID: strings.Clone(data.Get("CallId").String())}, Result: strings.Clone(data.Get("CallResult").String())}
	if from := data.Get(accepted).Float(); from > 0 && (w == wire.AfterEndCall || w == wire.StatusNormalEnd) {
		talk := data.Get(ended).Float() - from
		e.Duration = &talk
	}
	return e, e.ID != ""
}

// Sample is a fair choice of at most n of the calls whose ends were
// acknowledged in the window, and how many those were. Config.Sample says how
// many are kept at most.
func (l *Load) Sample(n int) (list []Ended, of uint64) {
	kept := make([][]Ended, len(l.partitions))
	left := make([]uint64, len(l.partitions))
	for i, p := range l.partitions {
		p.loop.Look(func() { kept[i], left[i] = slices.Clone(p.tally.sample.list), p.tally.sample.seen })
		of += left[i]
	}
	// Each further one is from a partition by the number of its calls that were
	// not drawn yet.
	rng := draw.Stream(l.cfg.Run.Seed, "load:sample")
	for rest := of; len(list) < n && rest > 0; rest-- {
		at, i := rng.Uint64N(rest), 0
		for at >= left[i] {
			at -= left[i]
			i++
		}
		left[i]--
		if len(kept[i]) == 0 {
			continue
		}
		j := rng.IntN(len(kept[i]))
		list = append(list, kept[i][j])
		kept[i] = slices.Delete(kept[i], j, j+1)
	}
	return list, of
}

// Probed is what a look at the receiver's storage came to. It is about a
// sample, and says nothing of what was not asked for.
type Probed struct {
	Ended      uint64     `json:"ended"`      // calls whose end was acknowledged in the window
	Asked      int        `json:"asked"`      // of these
	Results    int        `json:"results"`    // whose result could be compared
	Durations  int        `json:"durations"`  // whose talk could be compared
	Mismatches []Mismatch `json:"mismatches"` // a call may have several
	Errors     int        `json:"errors"`     // questions without a usable answer: no verdict on the receiver
	Error      string     `json:"error,omitempty"`
}

// Mismatch is something that is stored otherwise than it was sent.
type Mismatch struct {
	Call
	What   string `json:"what"` // number of end records, result or talk
	Stored string `json:"stored"`
	Want   string `json:"want"`
}

// wrong is how many calls are stored otherwise than they were sent.
func (p *Probed) wrong() int {
	calls := map[string]bool{}
	for i := range p.Mismatches {
		calls[p.Mismatches[i].ID] = true
	}
	return len(calls)
}

// Words are what the look came to in a sentence.
func (p *Probed) Words() string {
	if p.Asked == 0 {
		return "No call had an end that was acknowledged in the window, so nothing was looked up."
	}
	told := p.Asked - p.Errors
	s := fmt.Sprintf("Of %s whose end was acknowledged, %s looked up: ", counted(int(p.Ended), "call"), were(p.Asked))
	switch {
	case told == 0:
		return s + "no question had a usable answer."
	case len(p.Mismatches) > 0:
		s += fmt.Sprintf("%d of %s stored otherwise than sent", p.wrong(), counted(told, "call"))
	case told < p.Asked:
		s += fmt.Sprintf("%d have one end record each, as it was sent", told)
	default:
		s += "each has one end record, as it was sent"
	}
	s += fmt.Sprintf(". The result could be compared in %d, the talk in %d.", p.Results, p.Durations)
	if p.Errors > 0 {
		s += fmt.Sprintf(" %s had no usable answer.", counted(p.Errors, "question"))
	}
	return s
}

func were(n int) string {
	if n == 1 {
		return "1 was"
	}
	return grouped(float64(n)) + " were"
}

// Holds compares what a receiver stored with what it was sent. A receiver need
// not tell results and durations.
func (e *Ended) Holds(s probe.Stored) (wrong []Mismatch) {
	if s.Count != 1 {
		wrong = append(wrong, Mismatch{e.Call, "number of end records", fmt.Sprint(s.Count), "1"})
	}
	if s.Count == 0 {
		return wrong
	}
	if e.compares(s.Result) && !s.ResultIs(e.Result) {
		wrong = append(wrong, Mismatch{e.Call, "result", text.Short(*s.Result, 80), e.Result})
	}
	if e.Duration != nil && s.Duration != nil && math.Abs(*s.Duration-*e.Duration) >= 1 {
		wrong = append(wrong, Mismatch{e.Call, "talk", fmt.Sprintf("%gs", *s.Duration), fmt.Sprintf("%gs", *e.Duration)})
	}
	return wrong
}

func (e *Ended) compares(result *string) bool { return e.Result != "" && result != nil }

// probers is how many questions are under way at once.
const probers = 8

// Probe asks what the receiver stored of a sample of at most n calls, once the
// load is over. What is not there yet has time to appear until nothing changed for
// as long as within says: a receiver may acknowledge first and store later. The error is the context's.
func (l *Load) Probe(ctx context.Context, p *probe.Probe, n int, within time.Duration) (*Probed, error) {
	calls, of := l.Sample(n)
	out := &Probed{Ended: of, Asked: len(calls), Mismatches: []Mismatch{}}
	wait := p.Wait(within)
	type answer struct {
		stored probe.Stored
		err    error
	}
	answers := make([]answer, len(calls))
	var group sync.WaitGroup
	next := make(chan int)
	for range min(probers, len(calls)) {
		group.Go(func() {
			for i := range next {
				a, e := &answers[i], &calls[i]
				a.stored, _, a.err = wait.Until(ctx, e.ID, func(s probe.Stored) bool {
					return s.Count > 1 || s.Count == 1 && len(e.Holds(s)) == 0
				})
			}
		})
	}
	for i := range calls {
		next <- i
	}
	close(next)
	group.Wait()
	for i := range answers {
		a, e := &answers[i], &calls[i]
		var broken *probe.Error
		switch {
		case errors.As(a.err, &broken):
			out.Errors++
			if out.Error == "" {
				out.Error = text.Short(p.Hide(a.err.Error()), 80)
			}
		case a.err != nil:
			return out, a.err
		default:
			out.Mismatches = append(out.Mismatches, e.Holds(a.stored)...)
			if a.stored.Count > 0 && e.compares(a.stored.Result) {
				out.Results++
			}
			if a.stored.Count > 0 && e.Duration != nil && a.stored.Duration != nil {
				out.Durations++
			}
		}
	}
	for i := range out.Mismatches {
		out.Mismatches[i].Stored = p.Hide(out.Mismatches[i].Stored)
	}
	return out, nil
}
