package replay_test

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/replay"
	"ringback/sim/wire"
)

// endless is a journal of one call after the other, each like the first, a
// minute apart. It is in no memory and in no file.
type endless struct {
	head  string
	block string // of the first call
	calls int
	lines int
}

var numbered = regexp.MustCompile(`"seq":\d+|"delivery":\d+|"number":\d+|rb-then-\d+|"t":"[^"]+"`)

func newEndless(t *testing.T, calls int) *endless {
	s := story{token: "then", epoch: epoch, target: "http://staging/cb"}
	s.place(0, wire.V1, call.NormalEnd, "bob")
	all := strings.SplitAfterN(string(record(t, s, newBackend(acknowledges))), "\n", 3)
	e := &endless{head: all[0] + all[1], block: all[2], calls: calls, lines: strings.Count(all[2], "\n")}
	e.block = e.of(0)
	return e
}

// of is the n-th block. All are equally long.
func (e *endless) of(n int) string {
	const from = 1_000_000_000
	line := 0
	return numbered.ReplaceAllStringFunc(e.block, func(s string) string {
		key, value, _ := strings.Cut(s, ":")
		id, _ := strconv.Atoi(value)
		id %= from
		switch key {
		case `"seq"`:
			line++
			return fmt.Sprintf(`"seq":%d`, from+n*e.lines+line)
		case `"delivery"`:
			return fmt.Sprintf(`"delivery":%d`, from+n*100+id%100)
		case `"number"`:
			return fmt.Sprintf(`"number":%d`, from+n)
		case `"t"`:
			var at call.Instant
			if err := at.UnmarshalText([]byte(strings.Trim(value, `"`))); err != nil {
				panic(err)
			}
			return `"t":"` + at.Add(time.Duration(n)*time.Minute).String() + `"`
		}
		return fmt.Sprintf("rb-then-%d", from+n)
	})
}

func (e *endless) size() int64 { return int64(len(e.head) + e.calls*len(e.block)) }

func (e *endless) ReadAt(b []byte, at int64) (n int, err error) {
	for n < len(b) {
		text, off := e.head, at
		if off >= int64(len(e.head)) {
			off -= int64(len(e.head))
			i := int(off / int64(len(e.block)))
			if i >= e.calls {
				return n, io.EOF
			}
			text, off = e.of(i), off%int64(len(e.block))
		}
		m := copy(b[n:], text[off:])
		n, at = n+m, at+int64(m)
	}
	return n, nil
}

// A long journal takes no more memory at its end than when the first calls were
// forgotten.
func TestLongJournal(t *testing.T) {
	if os.Getenv("RINGBACK_SOAK") == "" {
		t.Skip("sends 210,000 callbacks; RINGBACK_SOAK=1 does it")
	}
	const calls = 30_000
	e := newEndless(t, calls)
	rec, err := replay.Open(t.Context(), "endless", e, e.size(), replay.Pick{})
	if err != nil {
		t.Fatal(err)
	}
	var early, late float64
	n := 0
	b := newBackend(acknowledges)
	b.answer = func(body string, before int) delivery.Answer {
		b.got, b.seen = nil, map[string]int{}
		switch n++; n {
		case 7 * calls / 4:
			early = heap()
		case 7 * calls * 9 / 10:
			late = heap()
		}
		return acknowledges(body, before)
	}
	r := send(t, rec, b, func(c *replay.Config) { c.Journal = nil })
	if r.sum.Same != uint64(7*calls) || rec.Calls != uint64(calls) {
		t.Errorf("%+v", r.sum)
	}
	t.Logf("%d callbacks of a journal of %d MB; the heap was %.1f MB after a quarter and %.1f MB near the end", r.sum.Same, e.size()>>20, early, late)
	if late > 1.1*early+1 {
		t.Errorf("the heap grew from %.1f MB to %.1f MB", early, late)
	}
}

func heap() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}
