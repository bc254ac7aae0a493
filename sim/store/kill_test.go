//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package store_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ringback/sim/journal"
	"ringback/sim/store"
)

// numbered is the n-th step of a journal whose steps can be told apart: its
// lines have the numbers n.0, n.1 and so on, and the last is longest, so that a
// kill may hit the middle of a write.
func numbered(n int) string {
	seq, count := lastOf(n-1), n%4+1
	var b strings.Builder
	for i := range count {
		more, pad := `"more":true,`, ""
		if i == count-1 {
			more, pad = "", strings.Repeat("x", n*n*7%80_000)
		}
		seq++
		fmt.Fprintf(&b, `{"seq":%d,"t":"2026-01-01T00:00:00.000Z","kind":"faults",%s"on":["%d.%d of %d","%s"]}`+"\n", seq, more, n, i, count, pad)
	}
	return b.String()
}

// lastOf is the number of the last line of the n-th step.
func lastOf(n int) (seq int) {
	for i := 1; i <= n; i++ {
		seq += i%4 + 1
	}
	return seq
}

// cutDown is a journal of n steps, cut down.
func cutDown(n int) string {
	return header + fmt.Sprintf(`{"seq":%d,"t":"2026-01-01T00:00:00.000Z","kind":"snapshot","placed":%d}`+"\n", lastOf(n), n)
}

// counter folds numbered steps, and refuses what is not the next line of one.
type counter struct{ step, line int }

func (c *counter) fold(e *journal.Event) error {
	if s, ok := e.Data.(*journal.Snapshot); ok {
		c.step = int(s.Placed)
	}
	d, ok := e.Data.(*journal.Faults)
	if !ok {
		return nil
	}
	n, i, count := 0, 0, 0
	if _, err := fmt.Sscanf(d.On[0], "%d.%d of %d", &n, &i, &count); err != nil {
		return err
	}
	if n != c.step+1 || i != c.line {
		return fmt.Errorf("line %d.%d follows line %d of step %d", n, i, c.line, c.step+1)
	}
	if c.line++; c.line == count {
		c.step, c.line = n, 0
	}
	return nil
}

// appendForever goes on with a journal and says what was acknowledged. Now and
// then it forgets all but the latest step.
func appendForever(path string) error {
	var c counter
	f, err := store.Open(path, c.fold)
	if err != nil {
		return err
	}
	if f.Size() == 0 {
		if err := f.Append([]byte(header)); err != nil {
			return err
		}
	}
	for n := c.step + 1; ; n++ {
		if err := f.Append([]byte(numbered(n))); err != nil {
			return err
		}
		fmt.Println(n)
		if n%29 == 0 {
			if err := f.Compact(func(w io.Writer) error {
				_, err := io.WriteString(w, cutDown(n))
				return err
			}); err != nil {
				return err
			}
		}
	}
}

// Whenever the process is killed, nothing that was acknowledged is lost.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run.ndjson")
	for range 20 {
		acked := kill(t, start(t, "append", path), 1+rand.IntN(150))
		var c counter
		f, err := store.Open(path, c.fold)
		if err != nil {
			t.Fatal(err)
		}
		if c.step < acked || c.step > acked+1 { // one may have been written and not yet acknowledged
			t.Errorf("killed after step %d was acknowledged, it ends with %d", acked, c.step)
		}
		t.Logf("step %d acknowledged, %d there, cut %d bytes off", acked, c.step, f.Tail().Cut)
		closed(t, f)
		alone(t, path)
	}
}

// kill kills a child some acknowledgements later, and returns its last one.
func kill(t *testing.T, c *child, after int) (acked int) {
	t.Helper()
	for n := 0; ; n++ {
		if n == after {
			if err := c.cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		line, err := c.out.ReadString('\n') // goes on with what it said until the kill came
		if err != nil && n >= after {
			_ = c.cmd.Wait() // it says that it was killed
			return acked
		}
		if acked, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
			t.Fatalf("the child says %q, %v", line, err)
		}
	}
}
