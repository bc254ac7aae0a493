package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ringback/tui"
)

const tapeHeader = `{"v":1,"kind":"run","version":"0.1.0","seed":1,"epoch":"2026-01-01T00:00:00.000Z","run":"test","dialect":{},"flags":{}}` + "\n"

// tapeLine is the n-th line of a journal in which nothing happens.
func tapeLine(n int) string {
	return `{"seq":` + string(rune('0'+n)) + `,"t":"2026-01-01T00:00:00.000Z","kind":"clock","pace":"real","paused":false}` + "\n"
}

// awaited reads on until there are so many events, or the end if that is asked for.
func awaited(t *testing.T, r tui.TapeReader, n int) error {
	t.Helper()
	for got := 0; ; {
		events, err := r.Next()
		if got += len(events); got >= n && n > 0 {
			return nil
		}
		if err != nil && (n == 0 || !errors.Is(err, io.EOF)) {
			return err
		}
		if t.Context().Err() != nil {
			t.Fatal("no more comes")
		}
	}
}

// A tape reads what is added to its file, and notices when the file is replaced or cut.
func TestTapeFollows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.ndjson")
	write := func(to, text string, flag int) {
		t.Helper()
		f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|flag, 0o600)
		if err == nil {
			_, err = f.WriteString(text)
		}
		if err = errors.Join(err, f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	write(path, tapeHeader+tapeLine(1), 0)
	tp, err := openTape(t.Context(), path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer tp.Close()
	r := tp.Open()
	if err := errors.Join(awaited(t, r, 2), awaited(t, r, 0)); !errors.Is(err, io.EOF) {
		t.Fatalf("at the end: %v", err)
	}
	write(path, tapeLine(2)[:20], os.O_APPEND)
	write(path, tapeLine(2)[20:], os.O_APPEND)
	if err := awaited(t, r, 1); err != nil {
		t.Fatal(err)
	}
	write(path+".new", tapeHeader+tapeLine(1)+tapeLine(2)+tapeLine(3), 0)
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
	if err := awaited(t, r, 1); !errors.Is(err, tui.ErrReplaced) {
		t.Fatalf("a file that was replaced: %v", err)
	}
	r.Close()
	r = tp.Open()
	if err := awaited(t, r, 4); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 10); err != nil {
		t.Fatal(err)
	}
	if err := awaited(t, r, 1); !errors.Is(err, tui.ErrReplaced) {
		t.Fatalf("a file that was cut: %v", err)
	}
	r.Close()
}

// A pipe can be read again from its beginning, and left while nothing comes through it.
func TestTapeOfPipe(t *testing.T) {
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	if _, err := to.WriteString(tapeHeader + tapeLine(1) + tapeLine(2)); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s, err := newSpool(ctx, from)
	if err != nil {
		t.Fatal(err)
	}
	tp := &tape{ctx: ctx, path: "pipe", file: s}
	defer tp.Close()
	for range 2 {
		r := tp.Open()
		if err := awaited(t, r, 3); err != nil {
			t.Fatal(err)
		}
		r.Close()
	}
	r := tp.Open()
	cancel()
	if err := awaited(t, r, 9); !errors.Is(err, context.Canceled) {
		t.Errorf("left while nothing comes: %v", err)
	}
}

// What the beginning of a file shows is said before there is a screen.
func TestTapeOfNoJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.txt")
	if err := os.WriteFile(path, []byte("n\nenter\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := openTape(t.Context(), path, false); err == nil || !strings.Contains(err.Error(), "the first line is no journal's header, nor a recording's") {
		t.Error(err)
	}
}
