package control_test

import (
	"fmt"
	"io"
	"testing"
)

// What a call costs whoever places it, from the request to its last
// acknowledgement, with readers that follow everything and one that takes
// nothing.
func BenchmarkCallsWithReaders(b *testing.B) {
	for _, with := range []struct {
		readers int
		stuck   bool
	}{{0, false}, {10, false}, {99, false}, {99, true}} {
		b.Run(fmt.Sprintf("%d,stuck=%t", with.readers, with.stuck), func(b *testing.B) {
			w := begin(b)
			for range with.readers {
				resp := w.follow("", "", "application/x-ndjson")
				go func() { _, _ = io.Copy(io.Discard, resp.Body) }()
			}
			if with.stuck {
				c := w.stuckReader()
				defer c.Close()
			}
			b.ResetTimer()
			for i := range b.N {
				w.place(fmt.Sprintf(`{"caller":"a%d","callees":["b%d"],"outcome":"call_busy"}`, i, i))
			}
			w.post("/sim/v1/wait", `{}`, 200, nil)
		})
	}
}
