package calibrate_test

import (
	"testing"

	"ringback/sim/calibrate"
	"ringback/sim/wire"
)

// BenchmarkAdd is an exchange of a covering plan.
func BenchmarkAdd(b *testing.B) {
	got := play(b, traffic{dialect: wire.Default(), seed: 1, app: 1400000001, from: epoch, every: 60e9}, cover(1, 200))
	b.ReportAllocs()
	for n := 0; n < b.N; {
		c := calibrate.New(calibrate.Options{})
		c.Begin(&calibrate.File{Name: "test.ndjson", Kind: calibrate.Recording, Numbered: true, Exact: true})
		for _, e := range got.exchanges {
			if n++; n > b.N {
				break
			}
			c.Add(e)
		}
		c.End()
	}
}
