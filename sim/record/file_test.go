package record_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/record"
	"ringback/sim/recording"
)

var ours = recording.Header{Version: "test", Target: "http://127.0.0.1:3000/cb?token=hush"}

func put(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rec.ndjson")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func holds(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// lines are a recording of three exchanges, the second without an end, the third without
// the end of its request.
func lines() string {
	b := recording.AppendHeader(nil, ours)
	e := recording.Exchange{N: 1, Head: []byte("POST / HTTP/1.1\r\n\r\n"), Body: []byte("hello"), Delivery: 1}
	b = recording.AppendRequest(b, &e, false)
	b = recording.AppendAnswer(b, 1, e.At, &recording.Answer{Head: []byte("HTTP/1.1 200 OK\r\n\r\n"), Outcome: recording.Answered}, false)
	e.N = 2
	b = recording.AppendRequest(b, &e, false)
	e.N = 3
	return string(recording.AppendRequest(b, &e, true))
}

// A recording goes on: its numbers and deliveries do, and what had no end is lost.
func TestGoesOn(t *testing.T) {
	header := string(recording.AppendHeader(nil, ours))
	for name, test := range map[string]struct {
		file           string
		before, torn   int64
		lost           []int64
		next, delivery int64
	}{
		"empty":           {"", 0, 0, nil, 1, 1},
		"a torn header":   {header[:20], 0, 20, nil, 1, 1},
		"the header":      {header, 0, 0, nil, 1, 1},
		"exchanges":       {lines(), 3, 0, []int64{2, 3}, 4, 1},
		"and a torn line": {lines() + `{"n":4`, 3, 6, []int64{2, 3}, 4, 1},
	} {
		path := put(t, test.file)
		p := startAt(t, path, ours, record.Config{Address: "127.0.0.1:1"})
		if before, torn := p.file.Before(); before != test.before || torn != test.torn {
			t.Errorf("%s: %d before, %d bytes torn", name, before, torn)
		}
		if _, err := record.Open(path, ours); err == nil || !strings.Contains(err.Error(), "in use by another ringback") && runtime.GOOS != "windows" {
			t.Errorf("%s: opened twice: %v", name, err)
		}
		c := &line{proxy: p}
		c.near = c.dial(t)
		if _, err := io.WriteString(c.near, "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, c.near)
		p.stop()
		list, flaws := readFile(t, path)
		if flaws.Lost != int64(len(test.lost)) || flaws.Torn+flaws.Missing+int64(flaws.Orphans+flaws.Joined+flaws.Repeated) > 0 {
			t.Errorf("%s: %+v", name, flaws)
		}
		var lost []int64
		for _, e := range list {
			if e.Answer.Outcome == recording.Lost {
				lost = append(lost, e.N)
			}
		}
		if diff := cmp.Diff(test.lost, lost); diff != "" {
			t.Errorf("%s: lost: %s", name, diff)
		}
		if last := list[len(list)-1]; last.N != test.next || last.Delivery != test.delivery || last.Answer.Outcome != "refused" {
			t.Errorf("%s: %+v", name, last)
		}
		if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 && runtime.GOOS != "windows" {
			t.Errorf("%s: mode %v, %v", name, st.Mode(), err)
		}
	}
}

// What is no recording of the same target stays as it is.
func TestStays(t *testing.T) {
	other := ours
	other.Target = "http://127.0.0.1:3001/"
	for name, text := range map[string]string{
		"a journal":      `{"v":1,"kind":"run","run":"x"}` + "\n",
		"text":           "hello",
		"another target": string(recording.AppendHeader(nil, other)),
		"damaged":        lines() + "{\n",
		"two in one":     lines() + lines(),
		"a later format": strings.Replace(lines(), `"v":1`, `"v":2`, 1),
	} {
		path := put(t, text)
		f, err := record.Open(path, ours)
		var no *record.NotRecordingError
		if f != nil || !errors.As(err, &no) || errors.Is(err, record.ErrOtherTarget) != (name == "another target") {
			t.Errorf("%s: %v", name, err)
		}
		holds(t, path, text)
	}
}

// What can't be written is passed on all the same, and what comes when it can be written
// again is recorded again.
func TestUnwritten(t *testing.T) {
	c := connect(t)
	c.asks(t, ask)
	c.answers(t, good)
	var failed []string
	c.file.Failing = func(err error) { failed = append(failed, err.Error()) }
	full, err := os.Open(c.path) // which can't be written to
	if err != nil {
		t.Fatal(err)
	}
	was := c.file.Swap(full)
	for range 2 {
		c.asks(t, ask)
		c.answers(t, good)
	}
	c.asks(t, ask)
	c.file.Swap(was)
	full.Close()
	c.answers(t, good)
	c.asks(t, ask)
	c.answers(t, good)
	if n, err := c.file.Failed(); n != 3 || err == nil {
		t.Errorf("%d lines failed, %v", n, err)
	}
	if len(failed) != 1 {
		t.Errorf("told of %q", failed)
	}
	c.mayFail = true
	c.stop()
	list, flaws := readFile(t, c.path)
	if len(list) != 2 || list[0].N != 1 || list[1].N != 5 || flaws.Missing != 3 || flaws.Orphans > 0 {
		t.Errorf("%d exchanges, %+v", len(list), flaws)
	}
}

// A device is only written to.
func TestDevice(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /dev/null and /dev/full")
	}
	f, err := record.Open(os.DevNull, ours)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if _, err := record.Open("/dev/full", ours); err == nil {
		t.Error("no error from a full disk")
	}
	if _, err := record.Open(filepath.Join(t.TempDir(), "none", "rec.ndjson"), ours); err == nil {
		t.Error("no error from a folder that is not there")
	}
}
