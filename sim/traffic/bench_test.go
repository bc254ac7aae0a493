package traffic_test

import (
	"io"
	"testing"

	"ringback/sim"
)

// BenchmarkDay makes a day of a hundred thousand people, and writes their calls
// down as simulate does.
func BenchmarkDay(b *testing.B) {
	m := preset(b, "consumer")
	o := days(1, 1)
	o.Users = 100_000
	b.ReportAllocs()
	calls := 0
	for b.Loop() {
		calls = 0
		var line []byte
		for c := range makeWorld(b, m, o).Calls() {
			calls++
			line = c.AppendLine(line[:0], sim.ReadableID("t", uint64(calls)))
			_, _ = io.Discard.Write(line)
		}
	}
	b.ReportMetric(float64(calls), "calls/day")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(calls), "ns/call")
}
