package tui_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/tui"
	"ringback/tui/pane"
)

// resending is a recording whose callbacks can be sent to a receiver.
type resending struct {
	*tui.Recording
	orders []tui.Command
	resent *tui.Resent
}

func (r *resending) Watch() tui.Changes {
	c := r.Recording.Watch()
	c.Resent, r.resent = r.resent, nil
	return c
}

func (r *resending) Do(o tui.Command) tui.Done {
	if _, ok := o.(tui.Resend); ok {
		r.orders = append(r.orders, o)
		return tui.Done{}
	}
	return r.Recording.Do(o)
}

// The callbacks of a recording can be sent to a receiver: R sends those of the marked calls,
// and what came of it is said, and shown at each callback.
func TestResend(t *testing.T) {
	r := &resending{Recording: tui.NewRecording(tui.Events(recorded(t)), time.Now)}
	s := &stage{t: t, model: tui.New(r, tui.Config{Recording: "monday.ndjson", Resends: "127.0.0.1:3000/cb"})}
	s.size(120, 36)
	s.look()
	s.look()
	s.press("g", "m", "m", "R")
	marked := r.orders
	s.press("esc", "g", "R")
	if len(r.orders) != 2 || len(marked) != 1 || len(marked[0].(tui.Resend).Calls) != 2 {
		t.Fatalf("%+v", r.orders)
	}
	one := r.orders[1].(tui.Resend).Calls
	if diff := cmp.Diff([]string{tui.Chosen(s.model)}, one); diff != "" {
		t.Error(diff)
	}
	s.press("3", "g")
	id := tui.ChosenDelivery(s.model)
	for _, test := range []struct {
		again     pane.Again
		foot, why string
	}{
		{pane.Again{Then: "acked", Now: "acked", Compared: true}, "1 callback sent to 127.0.0.1:3000/cb, answered as recorded", "sent again: acked, as recorded"},
		{pane.Again{Then: "acked", Now: "HTTP 500", Compared: true, Changed: true}, "1 answered otherwise: ", "sent again: HTTP 500; recorded: acked"},
		{pane.Again{Then: "no answer", Now: "acked"}, "there is no answer to compare", "sent again: acked"},
	} {
		r.resent = &tui.Resent{Callbacks: []tui.ResentCallback{{Delivery: id, Again: test.again}}}
		s.look()
		s.shows(test.foot, test.why)
	}
}

// Without a receiver R says how to name one.
func TestResendWithoutReceiver(t *testing.T) {
	s := &stage{t: t, model: tui.New(tui.NewRecording(tui.Events(recorded(t)), time.Now), tui.Config{Recording: "monday.ndjson"})}
	s.size(120, 36)
	s.look()
	s.press("R")
	s.shows("this is a recording: ringback tui FILE --target URL sends its callbacks to a receiver")
}

// The key of pause plays a recording from its beginning, and stops it.
func TestPlayAndStop(t *testing.T) {
	wall := time.Unix(0, 0)
	s := &stage{t: t, model: tui.New(tui.NewRecording(tui.Events(recorded(t)), func() time.Time { return wall }), tui.Config{Recording: "monday.ndjson"})}
	s.size(120, 36)
	s.look()
	s.look()
	s.shows("the end, space plays it again")
	s.press("0", "space")
	s.look()
	wall = wall.Add(10 * time.Second) // the messages are over
	s.look()
	s.shows("space stops")
	s.press("space")
	s.look()
	wall = wall.Add(10 * time.Second)
	s.look()
	s.shows("space plays")
}
