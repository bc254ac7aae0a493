package calibrate_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"ringback/sim/calibrate"
	"ringback/sim/fault"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

// damaged tries what becomes of a recording in random worlds: nothing that the report
// shows may be wrong.
func damaged(t *testing.T, harm func(r *rand.Rand, exchanges []*recording.Exchange) []*recording.Exchange) {
	t.Helper()
	for seed := range uint64(soak(10, 1000)) {
		r := rand.New(rand.NewPCG(seed, 77))
		d := randomDialect(r)
		got := play(t, randomTraffic(r, d), cover(seed, 60+r.IntN(60)))
		report := calibrated(calibrate.Options{Calls: got.deeds}, harm(r, got.exchanges)...)
		wantNoneWrong(t, report, d)
		if t.Failed() {
			t.Fatalf("seed %d: %d exchanges", seed, len(got.exchanges))
		}
	}
}

// without leaves out exchanges.
func without(exchanges []*recording.Exchange, out func(i int) bool) (left []*recording.Exchange) {
	for i, e := range exchanges {
		if !out(i) {
			left = append(left, e)
		}
	}
	return left
}

// Exchanges are missing: a few, most, or all but a few.
func TestMissingExchanges(t *testing.T) {
	damaged(t, func(r *rand.Rand, exchanges []*recording.Exchange) []*recording.Exchange {
		share := r.Float64()
		if r.IntN(2) == 0 {
			share = float64(1+r.IntN(4)) / float64(len(exchanges))
		}
		return without(exchanges, func(int) bool { return r.Float64() < share })
	})
}

// A log has no numbers that show what is missing.
func TestMissingInLog(t *testing.T) {
	for seed := range uint64(soak(10, 1000)) {
		r := rand.New(rand.NewPCG(seed, 7777))
		d := randomDialect(r)
		got := play(t, randomTraffic(r, d), cover(seed, 60))
		share := r.Float64()
		left := renumbered(without(got.exchanges, func(int) bool { return r.Float64() < share }))
		c := calibrate.New(calibrate.Options{Calls: got.deeds})
		c.Begin(&calibrate.File{Name: "test.ndjson", Kind: calibrate.Log})
		for _, e := range left {
			c.Add(e)
		}
		c.End()
		wantNoneWrong(t, c.Report(), d)
		if t.Failed() {
			t.Fatalf("seed %d: %d of %d exchanges", seed, len(left), len(got.exchanges))
		}
	}
}

// A recording that begins late or ends early is missing nothing in between. Where it is
// cut off at its end no number shows it.
func TestCutOff(t *testing.T) {
	damaged(t, func(r *rand.Rand, exchanges []*recording.Exchange) []*recording.Exchange {
		from, to := 0, r.IntN(len(exchanges))
		if r.IntN(2) == 0 {
			from, to = r.IntN(len(exchanges)), len(exchanges)
		}
		part := exchanges[from:to]
		if r.IntN(2) == 0 { // as of a recorder that began there
			part = renumbered(part)
		}
		return part
	})
}

// A short recording that ends anywhere, or begins anywhere, so that calls and retries are
// cut in two at each of their callbacks.
func TestCutAnywhere(t *testing.T) {
	for seed := range uint64(soak(6, 2000)) {
		r := rand.New(rand.NewPCG(seed, 78))
		d := randomDialect(r)
		tr := randomTraffic(r, d)
		tr.every /= time.Duration(1 + r.IntN(10))
		names := slices.Sorted(maps.Keys(kinds))
		var plan []planned
		for i := range 12 {
			g := wire.V1
			if r.IntN(2) == 0 {
				g = wire.V4
			}
			plan = append(plan, newCall(kinds[names[r.IntN(len(names))]], g, i, r))
		}
		got := play(t, tr, plan)
		for i := range got.exchanges {
			wantNoneWrong(t, calibrated(calibrate.Options{Calls: got.deeds}, got.exchanges[:i]...), d)
			wantNoneWrong(t, calibrated(calibrate.Options{Calls: got.deeds}, renumbered(got.exchanges[i:])...), d)
			if t.Failed() {
				t.Fatalf("seed %d: cut at %d of %d exchanges", seed, i, len(got.exchanges))
			}
		}
	}
}

// renumbered are exchanges as a recorder has them that saw no others.
func renumbered(exchanges []*recording.Exchange) (list []*recording.Exchange) {
	var known recording.Deliveries
	for i, e := range exchanges {
		e := *e
		e.N = int64(i + 1)
		e.Delivery = known.First(&e)
		list = append(list, &e)
	}
	return list
}

// One line was edited: a body, or an answer. Of those that keep their length no one could
// know it, but they contradict the others.
func TestEdited(t *testing.T) {
	damaged(t, func(r *rand.Rand, exchanges []*recording.Exchange) []*recording.Exchange {
		exchanges = slices.Clone(exchanges)
		for range 1 + r.IntN(3) {
			i := r.IntN(len(exchanges))
			e := *exchanges[i]
			switch r.IntN(5) {
			case 3: // without a length that shows it
				e.Answer = recording.Answer{Outcome: recording.Answered, Head: []byte("HTTP/1.1 500 Oh\r\n\r\n"), Latency: e.Answer.Latency}
			case 4:
				_, e.Answer = good.answer(e.Generation)
			case 0:
				e.Body = editBody(r, e.Body)
			case 1:
				e.Body = e.Body[:r.IntN(len(e.Body))]
			case 2:
				e.Answer.Body = append(slices.Clone(e.Answer.Body), "!"...)
				if len(e.Answer.Head) > 0 {
					e.Answer.Head = []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
				}
			}
			exchanges[i] = &e
		}
		return exchanges
	})
}

func editBody(r *rand.Rand, body []byte) []byte {
	values, _ := wire.Values(body)
	v := values[r.IntN(len(values))]
	other := [...]string{`"Hang Up"`, `"x"`, `12`, `""`, `null`, `"Offline"`, `"multi"`}[r.IntN(7)]
	edited := slices.Concat(body[:v.From], []byte(other), body[v.To:])
	if len(edited) == len(body) && !bytes.Equal(edited, body) {
		return append(edited, ' ')
	}
	return edited
}

// Two backends in one file, one after the other, or side by side: a key in which they
// differ is contradicted, or shows what one of them has alone shown.
func TestTwoBackends(t *testing.T) {
	for seed := range uint64(soak(10, 1000)) {
		r := rand.New(rand.NewPCG(seed, 777))
		a, b := randomDialect(r), randomDialect(r)
		first := play(t, randomTraffic(r, a), cover(seed, 70))
		tr := randomTraffic(r, b)
		tr.from = epoch.Add(time.Duration(r.IntN(100_000)) * time.Second)
		second := play(t, tr, cover(seed+1, 70))
		all := slices.Concat(first.exchanges, second.exchanges)
		interleaved := r.IntN(2) == 0
		if interleaved {
			order := make([]bool, len(all))
			for i := range first.exchanges {
				order[i] = true
			}
			r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			x, y := first.exchanges, second.exchanges
			for i, mine := range order {
				if mine {
					all[i], x = x[0], x[1:]
				} else {
					all[i], y = y[0], y[1:]
				}
			}
		}
		deeds := first.deeds
		maps.Copy(deeds, second.deeds)
		report := calibrated(calibrate.Options{Calls: deeds}, renumbered(all)...)
		wantNoneWrong(t, report, a, b)
		for _, key := range wire.Keys() {
			f := report.Find(key.Name)
			plain := !slices.Contains(byAbsence, key.Name) && !slices.Contains(untold, key.Name)
			if plain && key.Of(a) != key.Of(b) && f.State != calibrate.Contradicted {
				t.Errorf("%s: %s %s, want contradicted: %s and %s", key.Name, f.State, f.Value, key.Of(a), key.Of(b))
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d: interleaved %t, %d and %d exchanges", seed, interleaved, len(first.exchanges), len(second.exchanges))
		}
	}
}

// byAbsence are the keys of which one value shows by what is missing, or by what someone
// says who knows it.
var byAbsence = []string{
	"attempts", "status_per", "group_unanswered", "v4_retry", "v4_ack", "v4_busy_action", "v4_busy_start", "end_call_result",
	"heartbeat_result", "multi_call_type",
}

// A service that loses some callbacks of one word, all of which are subscribed.
func TestLossyService(t *testing.T) {
	for seed := range uint64(soak(10, 1000)) {
		r := rand.New(rand.NewPCG(seed, 71))
		d := randomDialect(r)
		tr := randomTraffic(r, d)
		words := []wire.Word{wire.AfterStartCall, wire.AfterMemberChanged, wire.AfterEndCall, wire.StatusNormalEnd, wire.CalleeAcceptCall, wire.CallerCallAccepted}
		for range 1 + r.IntN(2) {
			tr.faults = append(tr.faults, fmt.Sprintf("drop:%d%%@%s", 1+r.IntN(99), words[r.IntN(len(words))]))
		}
		got := play(t, tr, cover(seed, 60+r.IntN(60)))
		wantNoneWrong(t, calibrated(calibrate.Options{Calls: got.deeds}, got.exchanges...), d)
		if t.Failed() {
			t.Fatalf("seed %d: faults %q", seed, tr.faults)
		}
	}
}

// A service that loses, repeats, delays and damages callbacks, or of which the receiver
// subscribed to some words alone: what its callbacks show is so all the same.
func TestUnreliableService(t *testing.T) {
	for seed := range uint64(soak(10, 1000)) {
		r := rand.New(rand.NewPCG(seed, 70))
		d := randomDialect(r)
		tr := randomTraffic(r, d)
		kinds := slices.DeleteFunc(fault.List(), func(i fault.Info) bool { return strings.HasSuffix(i.Name, "_sign") })
		for range r.IntN(3) {
			f := kinds[r.IntN(len(kinds))].Name
			if r.IntN(3) > 0 {
				f += fmt.Sprintf(":%d%%", 1+r.IntN(60))
			}
			tr.faults = append(tr.faults, f)
		}
		if r.IntN(2) == 0 {
			share := r.Float64()
			for _, w := range wire.AllWords() {
				if r.Float64() < share {
					tr.words = append(tr.words, w)
				}
			}
		}
		got := play(t, tr, cover(seed, 100))
		report := calibrated(calibrate.Options{Calls: got.deeds}, got.exchanges...)
		for _, key := range []string{"attempts", "v4_retry"} { // of what is sent again by itself there are more
			if f := report.Find(key); f.State == calibrate.Other {
				f.State = calibrate.Unknown
			}
		}
		wantNoneWrong(t, report, d)
		if t.Failed() {
			t.Fatalf("seed %d: faults %q, words %v", seed, tr.faults, tr.words)
		}
	}
}
