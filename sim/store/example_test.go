package store_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ringback/sim/journal"
	"ringback/sim/store"
)

// A run writes its journal step by step, ends in the middle of one, and goes on
// from the last whole step.
func Example() {
	dir, err := os.MkdirTemp("", "ringback")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "run.ndjson")

	f, err := store.Create(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	const (
		header = `{"v":1,"kind":"run","version":"0.1.0","seed":1,"epoch":"2026-01-01T00:00:00.000Z","run":"test","dialect":{},"flags":{}}` + "\n"
		on     = `{"seq":1,"t":"2026-01-01T00:00:05.000Z","kind":"faults","on":["drop"]}` + "\n"
		off    = `{"seq":2,"t":"2026-01-01T00:00:09.000Z","kind":"faults","more":true,"on":[]}` + "\n" // and its step is not over
	)
	for _, step := range []string{header, on, off} {
		if err := f.Append([]byte(step)); err != nil {
			fmt.Println(err)
		}
	}
	f.Close()

	state := journal.NewState(journal.Keep)
	f, err = store.Open(path, state.Apply)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(state.Now, state.Faults, f.Tail().Cut == int64(len(off)))

	// One event can say what many said: a shorter journal takes its place.
	err = f.Compact(func(w io.Writer) error {
		_, err := io.WriteString(w, header+on)
		return err
	})
	fmt.Println(f.Size() == int64(len(header+on)), err, f.Close())
	// Output:
	// 2026-01-01T00:00:05.000Z [drop] true
	// true <nil> <nil>
}
