package term

import (
	"bytes"
	"testing"

	"ringback/sim/journal"
	"ringback/sim/text"
)

// A warning that concerns no call has a line of its own.
func TestTimelineWarns(t *testing.T) {
	var out bytes.Buffer
	e := &journal.Event{Data: &journal.Warned{About: "random", Text: "app 1 sends\na random\x1b"}}
	if err := NewTimeline(&out, text.Style{}, nil).Watch(journal.NewState(0), e); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "warning: app 1 sends\\x0aa random\\x1b\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
