package tui_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/tui"
)

// film is a tape of which so much can be read as a test says.
type film struct {
	events []*journal.Event
	there  int   // so many of them
	err    error // behind these; nil: there is an end, which may grow
	opened int
}

func (f *film) Open() tui.TapeReader {
	f.opened++
	return &filmReader{film: f}
}

type filmReader struct {
	film *film
	at   int
}

func (r *filmReader) Next() ([]*journal.Event, error) {
	if r.at < r.film.there {
		r.at++
		return r.film.events[r.at-1 : r.at], nil
	}
	if r.film.err != nil {
		return nil, r.film.err
	}
	return nil, io.EOF
}

func (r *filmReader) Progress() (read, of int64) { return int64(r.at), int64(len(r.film.events)) }
func (r *filmReader) Note() string               { return "" }
func (r *filmReader) Close()                     {}

// lengthy is a journal with more events than a screen gets at once.
func lengthy(t *testing.T) (events []*journal.Event) {
	s := newStage(t)
	for len(s.history) < 12_000 {
		s.next()
	}
	return s.history
}

// A long recording shows what was read of it, says how much that is, and takes keys
// meanwhile.
func TestLongRecording(t *testing.T) {
	events := lengthy(t)
	m := tui.New(tui.NewRecording(&film{events: events, there: len(events)}, time.Now), tui.Config{Recording: "long.ndjson", Keep: 1 << 60})
	look := func() string {
		m.Update(m.Init()())
		return m.View().Content
	}
	if got := look(); !strings.Contains(got, "reading 4") || !strings.Contains(got, "#283") {
		t.Fatalf("after the first look:\n%s", got)
	}
	if tui.Quits(m, "down") || tui.Quits(m, "3") || !tui.Quits(m, "q") {
		t.Error("keys do not work while it reads")
	}
	looks := 0
	for ; strings.Contains(look(), "reading"); looks++ {
	}
	if last := events[len(events)-1]; looks > 3 || !strings.Contains(m.View().Content, fmt.Sprintf("%02d:%02d", last.At.Time().Hour(), last.At.Time().Minute())) {
		t.Errorf("after %d looks:\n%s", looks, m.View().Content)
	}
}

// What is added to a tape is shown while the screen stands at its end, and a tape that was
// replaced is shown from its beginning, with the same call chosen.
func TestGrowingRecording(t *testing.T) {
	events := recorded(t)
	f := &film{events: events, there: len(events) / 2}
	m := tui.New(tui.NewRecording(f, time.Now), tui.Config{Recording: "growing.ndjson"})
	var calls int
	look := func() { m.Update(m.Init()()); calls++ }
	look()
	look()
	before := m.View().Content
	f.there = len(events)
	look()
	look()
	if after := m.View().Content; after == before || !strings.Contains(after, "gave up 1") {
		t.Fatalf("what was added does not show:\n%s", after)
	}
	chosen := tui.Chosen(m)
	f.err = tui.ErrReplaced
	look()
	f.err = nil
	look()
	look()
	if got := tui.Chosen(m); f.opened != 2 || got != chosen {
		t.Errorf("opened %d times, and call %s is chosen, want %s", f.opened, got, chosen)
	}
}

// A tape that cannot be read on shows what was read, and says why.
func TestUnreadableRecording(t *testing.T) {
	events := recorded(t)
	f := &film{events: events, there: len(events) / 2, err: fmt.Errorf("line 77: %w", io.ErrUnexpectedEOF)}
	m := tui.New(tui.NewRecording(f, time.Now), tui.Config{Recording: "bad.ndjson"})
	m.Update(m.Init()())
	if got := m.View().Content; !strings.Contains(got, "what follows cannot be read: line 77") || !strings.Contains(got, "#1") || m.Err() == nil {
		t.Errorf("%v:\n%s", m.Err(), got)
	}
}

// watched is a recording at which a test looks itself.
type watched struct {
	*tui.Recording
	seen []*journal.Event
	last tui.Changes
}

func (w *watched) look() {
	c := w.Watch()
	if c.Anew {
		w.seen = nil
	}
	w.seen, w.last = append(w.seen, c.Events...), c
}

// A recording goes to any time, forward and backward, and shows what had happened by then.
func TestSeek(t *testing.T) {
	events := lengthy(t)
	wall := time.Unix(0, 0)
	w := &watched{Recording: tui.NewRecording(&film{events: events, there: len(events)}, func() time.Time { return wall })}
	settle := func() {
		for range 5 {
			w.look()
		}
	}
	settle()
	last := events[len(events)-1].At
	for _, to := range []call.Instant{epoch + 5000, last - 5000, epoch, call.Latest, epoch + 60_000, last + 60_000, epoch - 60_000} {
		if d := w.Do(tui.Seek{To: to}); d.Err != nil {
			t.Fatal(d.Err)
		}
		settle()
		at := min(max(to, epoch), last)
		want := slices.DeleteFunc(slices.Clone(events), func(e *journal.Event) bool { return e.At > at })
		if len(w.seen) != len(want) || w.last.Clock.Now != at || !w.last.Clock.Paused || w.last.Tape.From != epoch || w.last.Tape.To != last {
			t.Fatalf("to %s: %d events, want %d; %+v %+v", to, len(w.seen), len(want), w.last.Clock, w.last.Tape)
		}
		if ended := to >= last; w.last.Tape.Ended != ended {
			t.Errorf("to %s: ended %t", to, w.last.Tape.Ended)
		}
	}
	w.Do(tui.Seek{To: epoch + 60_000})
	settle()
	w.Do(tui.SetClock{Do: tui.Resume})
	w.Do(tui.Seek{To: epoch + 30_000}) // and plays on from there
	settle()
	wall = wall.Add(time.Second)
	settle()
	if w.last.Clock.Now != epoch+40_000 || w.last.Clock.Paused {
		t.Errorf("it does not play on: %+v", w.last.Clock)
	}
}
