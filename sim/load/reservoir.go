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

// EndedCall is a call whose end was acknowledged in the window, with what the
// callback said of it.
type EndedCall struct {
	CallRef
	Result   string   // either generation's word; "" if it said none
	Duration *float64 // seconds of talk; nil if it said none
}

// CallRef identifies a call of a load.
type CallRef struct {
	ID        string `json:"call"`                // its CallId
	Number    uint64 `json:"number"`              // the only call of the load with it, whatever the segments
	Partition string `json:"partition,omitempty"` // like 3/64; "" if there is only one
}

// Name returns the call's short name, like "#12".
func (c CallRef) Name() string { return fmt.Sprintf("#%d", c.Number) }

// reservoir keeps a uniform sample of the ended calls in bounded memory (reservoir
// sampling).
type reservoir struct {
	size   int
	seen   uint64
	list   []EndedCall
	rng    *rand.Rand
	of     int    // number of partitions
	number uint64 // of the call whose end has just been sent
	body   []byte // of that callback; empty if the call is not to be sampled

	latest     []byte // the body of the end that was acknowledged last
	latestWord wire.Word
}

func newReservoir(size int, seed uint64, index, of int) *reservoir {
	return &reservoir{size: size, of: of, rng: draw.Stream(seed, "load:sample", uint64(index))}
}

// completed keeps the body of an attempt while it is there to be read, if it reports
// an end. Calls with a callback that was never sent are left out, since the receiver
// cannot know all about them.
func (s *reservoir) completed(job *sim.Send, st *journal.State) {
	if s == nil || s.size == 0 || !job.Word.Ends() {
		return
	}
	s.body = s.body[:0]
	if d := st.Deliveries[job.Delivery]; d == nil || !st.Call(d.CallID).Dropped {
		s.number, s.body = job.Call, append(s.body, job.Request.Body()...)
	}
}

// acked samples the call of the latest attempt, which was acknowledged.
func (s *reservoir) acked(w wire.Word) {
	if s == nil || s.size == 0 || !w.Ends() || len(s.body) == 0 {
		return
	}
	defer func() { s.latestWord, s.latest, s.body = w, s.body, s.latest[:0] }()
	s.seen++
	at := len(s.list)
	if at == s.size {
		if at = int(s.rng.Uint64N(s.seen)); at >= s.size {
			return
		}
	}
	e, ok := readEnd(w, s.body)
	if !ok || slices.ContainsFunc(s.list, func(o EndedCall) bool { return o.ID == e.ID }) { // its end came twice
		s.seen--
		return
	}
	if e.Number = s.number; s.of > 1 {
		e.Partition = fmt.Sprintf("%d/%d", (e.Number-1)%uint64(s.of)+1, s.of)
	}
	if at == len(s.list) {
		s.list = append(s.list, e)
	} else {
		s.list[at] = e
	}
}

// readEnd reads what a callback says of a call's end, as a receiver sees it, with
// what faults changed. It returns false for a body that cannot be read.
func readEnd(w wire.Word, body []byte) (e EndedCall, ok bool) {
	if !gjson.ValidBytes(body) {
		return e, false
	}
	data, accepted, ended := gjson.ParseBytes(body), "AcceptTs", "EndTs"
	if w == wire.AfterEndCall {
		data, accepted, ended = data.Get("CallRecord"), "AcceptTime", "EndTime"
	}
	e = EndedCall{CallRef: CallRef{ID: strings.Clone(data.Get("CallId").String())}, Result: strings.Clone(data.Get("CallResult").String())}
	if from := data.Get(accepted).Float(); from > 0 && (w == wire.AfterEndCall || w == wire.StatusNormalEnd) {
		talk := data.Get(ended).Float() - from
		e.Duration = &talk
	}
	return e, e.ID != ""
}

// Sample returns a uniform sample of at most n, and at most [Config.Sample], of the
// calls whose ends were acknowledged in the window, and how many there were in all.
func (l *Load) Sample(n int) (list []EndedCall, of uint64) {
	kept := make([][]EndedCall, len(l.shards))
	left := make([]uint64, len(l.shards))
	for i, p := range l.shards {
		p.loop.Look(func() { kept[i], left[i] = slices.Clone(p.counters.reservoir.list), p.counters.reservoir.seen })
		of += left[i]
	}
	// The next one is from each shard with a probability proportional to the
	// number of its calls not drawn yet.
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

// ProbeResult says what the receiver stored of a sample of the calls.
type ProbeResult struct {
	Ended      uint64     `json:"ended"`      // calls whose end was acknowledged in the window
	Asked      int        `json:"asked"`      // calls that were looked up
	Results    int        `json:"results"`    // calls whose result could be compared
	Durations  int        `json:"durations"`  // calls whose talk time could be compared
	Mismatches []Mismatch `json:"mismatches"` // a call can have several
	Errors     int        `json:"errors"`     // lookups without a usable answer; they do not count against the receiver
	Error      string     `json:"error,omitempty"`
	Behind     bool       `json:"behind,omitempty"` // the ends acknowledged last had not appeared when the wait was over
}

// Mismatch is a difference between what was sent and what is stored.
type Mismatch struct {
	CallRef
	What   string `json:"what"` // number of end records, result or talk
	Stored string `json:"stored"`
	Want   string `json:"want"`
}

// mismatched returns the number of calls with a mismatch.
func (p *ProbeResult) mismatched() int {
	calls := map[string]bool{}
	for i := range p.Mismatches {
		calls[p.Mismatches[i].ID] = true
	}
	return len(calls)
}

// Summary describes the result in a few sentences.
func (p *ProbeResult) Summary() string {
	if p.Asked == 0 {
		return "No call had an end that was acknowledged in the window, so nothing was looked up."
	}
	told := p.Asked - p.Errors
	s := fmt.Sprintf("Of %s whose end was acknowledged, %s looked up: ", counted(int(p.Ended), "call"), were(p.Asked))
	switch {
	case told == 0:
		return s + "no question had a usable answer."
	case len(p.Mismatches) > 0:
		s += fmt.Sprintf("%d of %s stored otherwise than sent", p.mismatched(), counted(told, "call"))
	case told < p.Asked:
		s += fmt.Sprintf("%d have one end record each, as it was sent", told)
	default:
		s += "each has one end record, as it was sent"
	}
	s += fmt.Sprintf(". The result could be compared in %d, the talk in %d.", p.Results, p.Durations)
	if p.Errors > 0 {
		s += fmt.Sprintf(" %s had no usable answer.", counted(p.Errors, "question"))
	}
	if p.Behind {
		s += " Not even the ends that were acknowledged last had appeared after --probe-wait: if it was still storing, let it have longer."
	}
	return s
}

func were(n int) string {
	if n == 1 {
		return "1 was"
	}
	return grouped(float64(n)) + " were"
}

// Compare compares what a receiver stored with what it was sent. Results and
// durations that it does not show are not compared.
func (e *EndedCall) Compare(s probe.Stored) (wrong []Mismatch) {
	if s.Count != 1 {
		wrong = append(wrong, Mismatch{e.CallRef, "number of end records", fmt.Sprint(s.Count), "1"})
	}
	if s.Count == 0 {
		return wrong
	}
	if e.comparesResult(s.Result) && !s.ResultIs(e.Result) {
		wrong = append(wrong, Mismatch{e.CallRef, "result", text.Short(*s.Result, 80), e.Result})
	}
	if e.Duration != nil && s.Duration != nil && math.Abs(*s.Duration-*e.Duration) >= 1 {
		wrong = append(wrong, Mismatch{e.CallRef, "talk", fmt.Sprintf("%gs", *s.Duration), fmt.Sprintf("%gs", *e.Duration)})
	}
	return wrong
}

func (e *EndedCall) comparesResult(result *string) bool { return e.Result != "" && result != nil }

// maxProbes is the maximum number of concurrent lookups.
const maxProbes = 8

// latest returns the CallIds of the ends that were acknowledged last, one of each
// shard.
func (l *Load) latest() (ids []string) {
	for _, p := range l.shards {
		p.loop.Look(func() {
			s := p.counters.reservoir
			if e, ok := readEnd(s.latestWord, s.latest); ok {
				ids = append(ids, e.ID)
			}
		})
	}
	return ids
}

// Probe looks up what the receiver stored of a sample of at most n calls, once the
// load is over. Since a receiver may acknowledge first and store later, it waits for
// what is missing until nothing has changed for the duration within, and then until the
// ends appear that were acknowledged last. The error is the context's.
func (l *Load) Probe(ctx context.Context, p *probe.Probe, n int, within time.Duration) (*ProbeResult, error) {
	calls, of := l.Sample(n)
	out := &ProbeResult{Ended: of, Asked: len(calls), Mismatches: []Mismatch{}}
	wait := p.Wait(within).Behind(func(ctx context.Context) { out.Behind = !p.CatchUp(ctx, l.latest()...) })
	type answer struct {
		stored probe.Stored
		err    error
	}
	answers := make([]answer, len(calls))
	var group sync.WaitGroup
	next := make(chan int)
	for range min(maxProbes, len(calls)) {
		group.Go(func() {
			for i := range next {
				a, e := &answers[i], &calls[i]
				a.stored, _, a.err = wait.Until(ctx, e.ID, func(s probe.Stored) bool {
					return s.Count > 1 || s.Count == 1 && len(e.Compare(s)) == 0
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
			out.Mismatches = append(out.Mismatches, e.Compare(a.stored)...)
			if a.stored.Count > 0 && e.comparesResult(a.stored.Result) {
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
