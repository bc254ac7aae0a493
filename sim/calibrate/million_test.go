package calibrate_test

import (
	"bufio"
	"io"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"ringback/sim/calibrate"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

// A long recording takes no more memory than a short one: what is over is forgotten.
func TestLongRecording(t *testing.T) {
	attempts := int64(soak(30_000, 1_000_000))
	r, w := io.Pipe()
	go func() { w.CloseWithError(writeMany(t, w, attempts)) }()
	c := calibrate.New(calibrate.Options{})
	s, err := calibrate.Open("many.ndjson", r)
	if err != nil {
		t.Fatal(err)
	}
	most := uint64(0)
	n := int64(0)
	if err := c.Read(s, func(*calibrate.Source, *recording.Exchange) error {
		if n++; n%(attempts/20) == 0 {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	report := c.Report()
	if n < attempts || report.Files[0].Callbacks != n || len(report.Doubts) > 0 {
		t.Errorf("%d of %d callbacks, doubts %v", report.Files[0].Callbacks, n, report.Doubts)
	}
	if most > 100<<20 {
		t.Errorf("%d MiB, want less than 100", most>>20)
	}
	wantNoneWrong(t, report, wire.Default())
}

// writeMany writes a recording of so many attempts of callbacks, and more up to the end
// of a plan.
func writeMany(t testing.TB, to io.Writer, attempts int64) error {
	w := bufio.NewWriterSize(to, 1<<20)
	b := recording.AppendHeader(nil, recording.Header{Target: "http://127.0.0.1:3000/callback?token=hush&Zone=1"})
	r := rand.New(rand.NewPCG(1, 2))
	from, n := epoch, int64(0)
	for n < attempts {
		tr := traffic{dialect: wire.Default(), seed: r.Uint64(), app: 1400000001, from: from, every: time.Second}
		base := n
		for _, e := range play(t, tr, cover(r.Uint64(), 500)).exchanges {
			e.N += base
			if e.Delivery != 0 {
				e.Delivery += base
			}
			for _, at := range []*time.Time{&e.At, &e.Answer.At, &e.Answer.Ended} {
				*at = at.Add(from.Sub(epoch))
			}
			n = max(n, e.N)
			b = recording.Append(b, e)
		}
		if _, err := w.Write(b); err != nil {
			return err
		}
		b = b[:0]
		from = from.Add(15 * time.Minute)
	}
	return w.Flush()
}
