package tui_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
	"ringback/tui"
)

// n and Enter place a call, and the screen goes to it.
func TestFirstKeys(t *testing.T) {
	s := newStage(t)
	s.press("n", "enter")
	s.shows("#1", "ringing", "alice calls bob", "caller_start_call")
	s.pass(3 * time.Second)
	s.shows("talking")
	s.pass(9 * time.Second)
	s.shows("ended", "call_end normal_end")
	s.press("N")
	s.shows("#2 v4") // generations alternate
	s.press("n")
	s.shows("caller     carol", "callees    dave", "alternate, next v1") // alice and bob are in a call
}

// The form takes names, and says what is wrong with them without closing.
func TestForm(t *testing.T) {
	s := newStage(t)
	s.press("n", "ctrl+u", "type zoe", "down", "ctrl+u", "type yann,xena", "down", "right", "down", "left", "down", "down", "down", "down", "right", "enter")
	c := s.engine.State().Call(callID(1))
	if c == nil {
		t.Fatalf("no call:\n%s", s.screen())
	}
	if c.Caller() != "zoe" || len(c.Members) != 3 || c.Kind != call.Group || c.Media != call.Video || c.Generation != wire.V1 || len(c.Plan) != 0 {
		t.Errorf("got %+v of %s with plan %v", c.Call, c.Generation, c.Plan)
	}
	s.press("n", "ctrl+u", "type not an id!", "enter")
	s.shows("New call", `user id "not an id!" has ' '`)
	s.press("esc")
	if strings.Contains(s.screen(), "New call") {
		t.Error("esc did not close the form")
	}
}

// The form asks for nothing that a call like this has not.
func TestFormAsksWhatMatters(t *testing.T) {
	s := newStage(t)
	s.press("n")
	s.shows("ends as    normal end", "talks for  9s", "kind       between two")
	s.press("down", "type , zoe", "down", "down", "down", "down", "down")
	s.shows("▸ kind       group ")
	s.press("right")
	s.shows("kind       group ")
	s.press("up", "up", "up", "right")
	for range 10 {
		if strings.Contains(s.screen(), " reject") {
			break
		}
		s.press("right")
	}
	s.shows("← reject →", "talks for  – ", "rings for  3s")
}

// Each key of the phones does what it says, to the chosen phone.
func TestPhoneKeys(t *testing.T) {
	s := newStage(t)
	s.place(wire.V1, call.NoResult, "alice", "bob", "carol")
	s.press("2", "down")
	for _, step := range []struct{ key, shows string }{
		{"a", "bob answered"},
		{"m", "onUserAudioAvailable"},
		{"v", "onUserVideoAvailable"},
		{"up", "alice"},
		{"i", "Invite"},
		{"enter", "alice invited "},
		{"J", "Join"},
		{"enter", " joined"},
		{"down", "bob"},
		{"K", "onKickedOffline"},
		{"down", "carol"},
		{"x", "carol declined"},
		{"up", "bob"},
		{"up", "alice"},
		{"z", "expires in 30s"},
	} {
		s.press(step.key)
		s.look()
		s.shows(step.shows)
	}
	s.press("m")
	s.shows("alice cannot mic: the phone's battery is out (rule no-battery)")
	s.press("down", "m")
	s.shows("bob cannot mic: a second login has thrown the phone out")
	s.press("X", "enter")
	s.shows("the app's backend ended the call")
}

// o breaks the line of the chosen phone, in the call or while it rings.
func TestLineKey(t *testing.T) {
	for _, keys := range [][]string{{"down", "o"}, {"o"}, {"down", "a", "o"}, {"down", "a", "up", "o"}} {
		s := newStage(t)
		s.place(wire.V1, call.NoResult, "alice", "bob")
		s.press("2")
		s.press(keys...)
		s.look()
		if c := s.engine.State().Call(callID(1)); c.Result != call.Interrupt {
			t.Errorf("%v: ended as %q, want interrupt", keys, c.Result)
		}
		s.shows(" lost the line")
	}
}

// What is taken although the documents do not have it is said when it comes.
func TestWarnings(t *testing.T) {
	s := newStage(t)
	s.do(sim.Warn{About: "random", Text: "app 1 sends a random above 4294967295"})
	s.look()
	s.shows("app 1 sends a random above 4294967295")
}

// e gets the chosen phone out of a call, as the call stands.
func TestHangUpKey(t *testing.T) {
	for _, test := range []struct {
		keys   []string
		result call.Result
	}{
		{[]string{"e"}, call.Cancel}, {[]string{"down", "e"}, call.Reject}, {[]string{"down", "a", "e"}, call.NormalEnd}, {[]string{"X", "enter"}, call.Cancel},
	} {
		s := newStage(t)
		s.place(wire.V4, call.NoResult, "alice", "bob")
		s.press("2")
		s.press(test.keys...)
		if c := s.engine.State().Call(callID(1)); c.Result != test.result {
			t.Errorf("%v: ended as %q, want %q", test.keys, c.Result, test.result)
		}
	}
}

// Retries, duplicates and giving up are inputs, and what cannot be done says why.
func TestDeliveryKeys(t *testing.T) {
	s := newStage(t)
	s.size(120, 50)
	failing(s)
	s.answer = ok
	s.press("3", "r")
	s.shows("sent now instead of later", "5/7")
	s.settle()
	s.look()
	s.shows("acked")
	s.press("r")
	s.shows("it is acked already; D sends it again")
	s.press("D")
	s.pass(0)
	s.shows("+caller_start_call")
	s.press("R")
	s.pass(0)
	if n := strings.Count(s.screen(), "+callee_receive_call"); n != 1 {
		t.Errorf("%d copies after a replay", n)
	}
	s = newStage(t)
	failing(s)
	s.press("d", "x") // any key but enter
	s.shows("left as it is", "v1 retries after")
	s.press("d", "enter")
	s.shows("gave up", "given up by hand after 4 attempts")
}

// Faults are switched with amount, share and scope; the journal has them.
func TestFaultKeys(t *testing.T) {
	s := newStage(t)
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.press("5", "enter")
	want := func(faults ...string) {
		t.Helper()
		if diff := cmp.Diff(faults, s.engine.State().Faults); diff != "" {
			t.Fatalf("faults (-want +got):\n%s", diff)
		}
	}
	want("delay=5s")
	s.press("right", "%")
	want("delay=5s") // only enter sends it
	s.shows("5s → 20s:50% enter")
	s.press("enter")
	want("delay=20s:50%")
	s.press("t", "enter")
	want("delay=20s:50%#1")
	s.press("t", "enter")
	want("delay=20s:50%@callee_receive_call")
	s.press("t", "t", "enter", "down", "enter")
	want("delay=20s:50%", "drop")
	s.shows("faults 2", "2 on", "50%")
	s.press("right")
	s.shows("drop takes no amount")
	s.press("O", "esc")
	want("delay=20s:50%", "drop")
	s.press("O", "enter")
	if on := s.engine.State().Faults; len(on) > 0 {
		t.Errorf("on are %v", on)
	}
}

// Time stands still, goes on, goes faster and slower.
func TestTimeKeys(t *testing.T) {
	s := newStage(t)
	s.press("space", "space", "+", "+", "-", "0", "-", ".", "p")
	want := []tui.Command{
		tui.SetClock{Do: tui.Pause},
		tui.SetClock{Do: tui.Resume},
		tui.SetClock{Do: tui.SetPace, Pace: "20x"},
		tui.SetClock{Do: tui.SetPace, Pace: "50x"},
		tui.SetClock{Do: tui.SetPace, Pace: "20x"},
		tui.SetClock{Do: tui.SetPace, Pace: "real"},
		tui.SetClock{Do: tui.SetPace, Pace: "0.5x"},
		tui.SetClock{Do: tui.Step},
		tui.SetClock{Do: tui.Resume},
	}
	if diff := cmp.Diff(want, s.orders); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
	s.clock.Pace = "3x"
	s.look()
	s.press("+")
	s.shows("×5")
	s.clock.Pace = "3x"
	s.look()
	s.press("-")
	s.shows("×2")
}

// A text that is pasted does nothing, but for where one types.
func TestPaste(t *testing.T) {
	s := newStage(t)
	if _, cmd := s.model.Update(tea.PasteMsg{Content: "q"}); cmd != nil {
		t.Error("what was pasted was taken for keys")
	}
	s.press("/")
	s.model.Update(tea.PasteMsg{Content: "rej\r\nect\x1b[2J\u202e"})
	s.shows("> rej ect[2J")
	s.press("esc", "n")
	s.model.Update(tea.PasteMsg{Content: "tte"})
	s.shows("alicette")
	s.press("down", "down", "down")
	before := s.screen()
	s.model.Update(tea.PasteMsg{Content: "lll"})
	if after := s.screen(); after != before {
		t.Errorf("a choice took what was pasted:\n%s", after)
	}
}

// The list follows the newest call until someone moves, then holds still and
// counts what comes.
func TestFollow(t *testing.T) {
	s := newStage(t)
	for i := range 3 {
		s.place(wire.V1, call.NormalEnd, []string{"a", "b", "c"}[i], "callee"+[]string{"a", "b", "c"}[i])
	}
	s.shows("▸ #3")
	s.press("down")
	s.place(wire.V1, call.NormalEnd, "d", "e")
	s.shows("▸ #2", "1 new")
	s.press("F")
	s.shows("▸ #4")
	s.press("end")
	s.shows("▸ #1")
}

// Only calls that are new are counted as new, whatever the list shows.
func TestNewUnderFilter(t *testing.T) {
	s := newStage(t)
	busy(s)
	s.press("/", "type #3", "enter", "end")
	s.do(sim.Act{Call: callID(5), Action: call.Action{Do: call.DoAccept, By: "ivan"}})
	s.pass(time.Second)
	if regexp.MustCompile(`\d new`).MatchString(s.screen()) {
		t.Errorf("old calls are new:\n%s", s.screen())
	}
}

// Whoever acts in a call stays with it.
func TestActingStays(t *testing.T) {
	s := newStage(t)
	s.answer = answers(500, "")
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.pass(100 * time.Millisecond)
	s.press("r")
	s.place(wire.V1, call.NoResult, "carol", "dave")
	s.shows("▸ #1", "1 new")
}

// A list that goes on says which of its rows are to be seen.
func TestSpans(t *testing.T) {
	s := newStage(t)
	s.answer = answers(500, "")
	s.place(wire.V1, call.NoResult, "alice", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l")
	s.pass(time.Second)
	s.size(80, 15)
	s.press("3", "home")
	s.shows("  1-8 of 12 ")
	s.press("end")
	s.shows("-12 of 12 ")
	s.press("2", "end")
	s.shows("4-12 of 12 ")
	s.press("5")
	s.shows("1-8 of 21")
}

// Answers that differ in nothing but how long they took are the same.
func TestCompareWithoutTook(t *testing.T) {
	s := newStage(t)
	n := 0
	s.answer = func(*sim.Send) delivery.Answer {
		n++
		return delivery.Answer{Status: 500, Connected: true, Body: []byte(`{"ErrorCode":1}`), Took: time.Duration(n) * time.Millisecond}
	}
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.pass(2 * time.Second)
	s.press("4", "=")
	s.shows("  500 Internal Server Error")
	if strings.Contains(s.screen(), "+ 500") {
		t.Errorf("the time makes a difference:\n%s", s.screen())
	}
}

// A filter finds calls by what the screen says of them; it shows in the title.
func TestFilter(t *testing.T) {
	s := newStage(t)
	busy(s)
	for filter, want := range map[string]string{
		"reject": "1 of 6", "caller": "4 of 6", "^(" + callID(1) + "|" + callID(2)[:13] + ")": "2 of 6", "heidi": "1 of 6", "grp": "1 of 6", "V4": "3 of 6", "(": "0 of 6", "#1": "1 of 6", "#[12] ": "2 of 6", "3": "1 of 6", "0003": "1 of 6", callID(4)[:8]: "1 of 6", callID(4)[10:20]: "1 of 6", callID(4)[:4]: "0 of 6", "200": "0 of 6", "#2": "1 of 6", strings.ToUpper(callID(2)): "1 of 6",
	} {
		s.press("/", "ctrl+u", "type "+filter, "enter")
		s.shows("/"+filter[:min(len(filter), 10)], want)
	}
	s.press("/", "ctrl+u", "type reject", "enter", "!")
	s.shows("/!reject", "5 of 6")
	s.press("esc")
	s.shows("━━ 6 ┓")
	s.press("!")
	s.shows("there is no filter; / sets one")
	s.press("/", "type zzz", "esc") // as it was
	s.shows("━━ 6 ┓")
}

// Filters have five fields, which must hold together, of one callback; what is unknown is
// said, and tab completes.
func TestFilterFields(t *testing.T) {
	s := newStage(t)
	busy(s)
	s.answer = answers(500, "")
	s.place(wire.V1, call.NoResult, "erin", "frank")
	s.pass(20 * time.Second)
	for filter, want := range map[string]string{
		"code:500": "2 of 7", "code:5xx": "2 of 7", "code:200": "6 of 7", "word:call_end": "2 of 7", "word:Call.CallbackAfterEndCall": "3 of 7", "word:AfterEndCall": "3 of 7",
		"user:erin": "1 of 7", "user:eri": "0 of 7", "gen:v4": "3 of 7", "gen:v4 user:alice": "1 of 7", "state:gave_up": "2 of 7", "state:reject": "1 of 7",
		"state:talking": "0 of 7", "code:500 word:caller_start_call": "1 of 7", "code:500 word:call_end": "0 of 7", "gen:v1 caller": "3 of 7", "frank code:500": "1 of 7",
		"code:timeout": "0 of 7", "state:ringing #5": "1 of 7",
	} {
		s.press("/", "ctrl+u", "type "+filter)
		if s.press("enter"); !strings.Contains(s.screen(), want) {
			t.Errorf("%s: want %s:\n%s", filter, want, s.screen())
		}
		s.press("esc")
	}
	s.press("/", "ctrl+u", "type user:erin", "enter", "!")
	s.shows("/!user:erin", "6 of 7")
	s.press("esc")
	for filter, want := range map[string]string{
		"cod:500": "did you mean code?", "state:gave-up": "did you mean gave_up?", "gen:v3": "gen:v3 is never so", "code:999x": "is never so", "word:call_ended": "did you mean call_end?",
		"user:": "user: who is in the call", "http://x": "searched for as http", "code:": "the HTTP status",
	} {
		s.press("/", "ctrl+u", "type "+filter)
		if text := inWindow(s); !strings.Contains(text, want) {
			t.Errorf("%s: want %q:\n%s", filter, want, s.screen())
		}
		s.press("enter")
		s.shows("Filter calls") // it is not taken
		s.press("esc")
	}
	s.press("/", "ctrl+u", "type us", "tab", "type er", "tab", "enter")
	s.shows("/user:erin", "1 of 7")
	s.press("/", "ctrl+u", "type code:")
	s.shows("tab: code:200 code:500")
}

// / searches in the pane with the focus, ; and , go on, round the end; esc ends it.
func TestSearch(t *testing.T) {
	s := newStage(t)
	failing(s)
	s.press("3", "home", "/", "type receive", "enter")
	s.shows("▸ ✓ callee_receive_call")
	s.press(";")
	s.shows("▸ ✓ callee_receive_call")
	s.press("/", "ctrl+u", "type DEADLOCK", "enter") // in an answer
	s.shows("▸ ✗ caller_start_call")
	s.press("/", "ctrl+u", "type nowhere", "enter")
	s.shows("nowhere is not in Deliveries")
	s.press("4", "/", "ctrl+u", "type starttime", "enter")
	s.shows("starttime is not in Inspector")
	s.press("/", "ctrl+u", "type callid", "enter")
	s.shows("┃▸ \"CallId\": \"", "┏━ 4 Inspector")
	s.press("2", "/", "ctrl+u", "type onCallReceived", "enter")
	s.shows("▸ bob")
	s.press("5", "/", "ctrl+u", "type oversize", "enter")
	s.shows("▸ [ ] oversize")
	s.press("1", ",")
	s.shows("oversize is not in Calls")
	s.press("esc", ";")
	s.shows("nothing is searched for")
}

// inWindow is the text of the window on top.
func inWindow(s *stage) string {
	var parts []string
	for _, line := range regexp.MustCompile(`┃([^┃]*)┃`).FindAllStringSubmatch(s.screen(), -1) {
		parts = append(parts, strings.TrimSpace(line[1]))
	}
	return strings.Join(parts, " ")
}

// ] and [ go from callback to callback that failed, ) and ( from attempt to attempt.
func TestJump(t *testing.T) {
	s := newStage(t)
	failing(s)
	s.press("home", "end", ")")
	s.shows("try 1 of 7", "503 Service Unavailable")
	s.press(")")
	s.shows("try 2 of 7")
	s.press(")", ")")
	s.shows("try 4 of 7")
	s.press(")")
	s.shows("that was the last failure")
	s.press("(")
	s.shows("try 3 of 7")
	s.press("[") // one callback failed
	s.shows("that was the first failure")
	s.answer = answers(500, "")
	s.place(wire.V1, call.NoResult, "erin", "frank")
	s.pass(0)
	s.press("]")
	s.shows("#3 v1", "caller_start_call  try 2 of 7")
	s.press("[")
	s.shows("#2 v1", "try 4 of 7")
	s = newStage(t)
	s.press("]")
	s.shows("no attempt has failed")
}

// The mouse chooses panes and rows, and scrolls.
func TestMouse(t *testing.T) {
	s := newStage(t)
	busy(s)
	_ = s.screen() // one clicks on what one sees
	s.press("click 5,4")
	s.shows("▸ #5", "held")
	s.press("click 60,10")
	s.shows("▸ ✓ caller_start_call")
	s.press("click 5,24", "enter")
	s.shows("drop", "faults 1")
	s.model.Update(tea.MouseWheelMsg{X: 5, Y: 27, Button: tea.MouseWheelDown})
	s.shows("▸ [ ] race")
	s.size(80, 24)
	s.press("click 30,1")
	s.shows("[3 Deliveries]")
}

// Dialects can be switched while the run goes on.
func TestDialectKeys(t *testing.T) {
	s := newStage(t)
	s.press("L", "type v4 retry")
	s.shows("▸ v4_retry")
	s.press("right")
	s.shows("v4_retry=v1 from now on")
	s.press("esc")
	s.shows("+1 dialect")
	if got := s.engine.State().Dialect.V4Retry; got != "v1" {
		t.Errorf("v4_retry is %s", got)
	}
	s.press("L", "type nothing has this")
	s.shows("no key of the dialect has that")
	s.press("right", "enter", "down")
}

// What is taken away goes through the simulation: the screen writes nothing.
func TestTakeAway(t *testing.T) {
	s := newStage(t)
	failing(s)
	s.press("3", "c", "c", "y", "Y", "c", "w", "S", "W", "c", "h", "c", "r", "c", "i", "c", "j")
	var names []string
	for _, o := range s.orders {
		switch o := o.(type) {
		case tui.Copy:
			names = append(names, o.Name)
		case tui.Save:
			names = append(names, o.Name)
		case tui.SaveJournal:
			names = append(names, "journal")
		}
	}
	if diff := cmp.Diff([]string{"last-curl.sh", "last-answer.txt", "last-body.json", "call-2-caller_start_call.http", "call-2.feature", "journal", "last-httpie.sh", "last-request.txt", "last-callid.txt", "last-call.json"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if o := s.orders[0].(tui.Copy); !strings.Contains(o.Text, "token=hush-hush") {
		t.Errorf("the curl has not the exact URL: %s", o.Text)
	}
	if strings.Contains(s.screen(), "hush") {
		t.Errorf("a secret is on the screen:\n%s", s.screen())
	}
}

// A generation that was chosen in the form is kept once that was confirmed; else it is said
// why there is none to keep.
func TestKeepGeneration(t *testing.T) {
	settings := func(c *tui.Config) { c.Settings = "ours.yaml" }
	choose := func(s *stage, times int) {
		s.press("n", "down", "down", "down", "down", "down", "down", "down")
		for range times {
			s.press("right")
		}
		s.press("enter")
	}
	s := newStage(t, settings)
	s.press("ctrl+s")
	s.shows("no generation was chosen; n asks for one")
	choose(s, 2)
	s.press("ctrl+s")
	s.shows("Keep generation: v4 in ours.yaml?", "enter does it")
	s.press("y")
	s.shows("left as it is")
	if len(s.orders) > 0 {
		t.Fatalf("without enter: %v", s.orders)
	}
	s.press("ctrl+s", "enter")
	if diff := cmp.Diff([]tui.Command{tui.KeepGeneration{Generation: wire.V4}}, s.orders); diff != "" {
		t.Error(diff)
	}
	choose(s, 1)
	s.press("ctrl+s")
	s.shows("one can be kept: v1 or v4")
	for want, change := range map[string]func(*tui.Config){
		"this is a recording":               func(c *tui.Config) { c.Recording = "monday.ndjson" },
		"a server's backend chooses":        func(c *tui.Config) { c.Remote = "127.0.0.1:8080" },
		"the run has generation v1 already": func(c *tui.Config) { c.Generation = wire.V1 },
		"there is no settings file":         func(c *tui.Config) { c.Settings = "" },
	} {
		s := newStage(t, settings, change)
		s.press("ctrl+s")
		s.shows(want)
	}
}

// The menu of what can be taken has a letter for each item, and says why one can't be.
func TestTakeMenu(t *testing.T) {
	s := newStage(t)
	failing(s)
	s.press("3", "c")
	s.shows("━ Take ━", "c  copy as curl", "h  copy as HTTPie", "of call #2, caller_start_call")
	s.press("?")
	s.shows("no item has the letter ?")
	s.press("down", "enter")
	if o := s.orders[0].(tui.Copy); !strings.HasPrefix(o.Text, "http --path-as-is -v POST 'http://127.0.0.1:3000/cb?token=hush-hush&") {
		t.Errorf("copied is %q", o.Text)
	}
	s.press("w")
	s.shows("saving the request moved to c, then w")
	var whole struct {
		ID, Caller string
		Deliveries []struct{ URL, Body, State string }
	}
	s.press("c", "j")
	text := s.orders[1].(tui.Copy).Text
	if err := json.Unmarshal([]byte(text), &whole); err != nil || whole.ID != callID(2) || len(whole.Deliveries) != 2 || whole.Deliveries[0].State != "waiting" {
		t.Errorf("%v: %s", err, text)
	}
	if strings.Contains(text, "hush") {
		t.Errorf("a secret is in the JSON: %s", text)
	}
}

// Marked calls and callbacks are taken, sent and saved together.
func TestMarks(t *testing.T) {
	s := newStage(t)
	failing(s)
	s.press("1", "m", "m")
	s.shows("2 marked", "marked: 2 calls", "*▸ #1")
	s.press("S", "c", "i", "R")
	var names []string
	for _, o := range s.orders {
		switch o := o.(type) {
		case tui.Save:
			names = append(names, o.Name)
		case tui.Copy:
			names = append(names, o.Text)
		}
	}
	if diff := cmp.Diff([]string{"call-1.feature", "call-2.feature", callID(1) + "\n" + callID(2)}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(s.engine.State().Call(callID(1)).Deliveries); n != 14 {
		t.Errorf("call 1 has %d callbacks after a replay of both", n)
	}
	s.press("esc")
	s.shows("no marks")
	s.press("3", "home", "m", "m")
	s.shows("marked: 2 callbacks")
	s.press("D")
	if n := len(s.engine.State().Call(callID(1)).Deliveries); n != 16 {
		t.Errorf("call 1 has %d callbacks after two more duplicates", n)
	}
}

// All commands are in the palette, by name, with what keeps one from working; what is
// typed narrows the list, and enter runs one in a pane where it works.
func TestPalette(t *testing.T) {
	s := newStage(t)
	s.size(120, 140)
	s.press(":")
	for _, b := range tui.Bindings() {
		if b.Name != "palette" && !regexp.MustCompile(`(?m)┃ .{2}`+b.Name+` `).MatchString(s.screen()) {
			t.Errorf("%s is not listed", b.Name)
		}
	}
	s.shows("give-up", "not now: no callback is chosen")
	s.press("type retry now xyz")
	s.shows("no command has that")
	s.press("ctrl+u", "type dial", "enter")
	s.shows("━ Dialect ━")
	s.press("esc", "5", "ctrl+p", "type sort", "enter")
	s.shows("calls by trouble", "┏━ 1 Calls")
}

// Another receiver gets nothing before a call is placed, and its address shows without
// its secrets.
func TestTargetKey(t *testing.T) {
	s := newStage(t, func(c *tui.Config) { c.Own = true })
	s.shows("A        set your receiver's address")
	s.press("A", "ctrl+u", "type ftp://x", "enter")
	s.shows("want it to start with http")
	s.press("ctrl+u", "type http://127.0.0.1:4000/new?token=hush-hush", "enter")
	s.shows("127.0.0.1:4000/new?token=…", "N places a call")
	if len(s.sends) > 0 || strings.Contains(s.screen(), "hush-hush") || strings.Contains(s.screen(), "set your receiver") {
		t.Errorf("sent %v:\n%s", s.sends, s.screen())
	}
	s.press("N")
	if len(s.sends) == 0 || s.sends[0].Request.Endpoint.Port != "4000" {
		t.Errorf("sent %v", s.sends)
	}
}

// A run without background calls says why there are none; one that has some
// switches them.
func TestTrafficKey(t *testing.T) {
	s := newStage(t)
	s.press("T")
	s.shows("this run has no background calls")
	s = newStage(t, func(c *tui.Config) { c.Traffic = "" })
	s.press("T", "enter")
	s.shows("traffic", "background calls come")
	s.nextCall = s.now.Add(3 * time.Second)
	s.look()
	s.shows("traffic, next in 3s")
	s.press("T", "T", "type fast", "enter")
	s.shows(`"fast": want a number of calls per second`)
	s.press("ctrl+u", "type 0.5/s", "enter")
	if diff := cmp.Diff([]tui.Command{tui.SwitchTraffic{On: true}, tui.SwitchTraffic{}, tui.SwitchTraffic{On: true, Rate: 0.5}}, s.orders); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// q and ctrl+c quit, esc never does.
func TestQuit(t *testing.T) {
	for key, want := range map[string]bool{"q": true, "ctrl+c": true, "esc": false, "Q": false} {
		if got := tui.Quits(newStage(t).model, key); got != want {
			t.Errorf("%s quits: %t", key, got)
		}
	}
	s := newStage(t)
	s.press("n") // in the form q is a letter
	if tui.Quits(s.model, "q") {
		t.Error("q quit out of the form")
	}
	if _, cmd := s.model.Update(tea.KeyPressMsg{Code: 'c', Mod: tea.ModCtrl}); cmd == nil {
		t.Error("ctrl+c did not quit out of the form")
	}
}

// A message goes away after a while.
func TestToast(t *testing.T) {
	s := newStage(t)
	s.clock.Wall = time.Unix(1000, 0)
	s.look()
	s.press("N")
	s.shows("alice calls bob")
	s.clock.Wall = s.clock.Wall.Add(5 * time.Second)
	s.look()
	if strings.Contains(s.screen(), "alice calls bob") {
		t.Error("the message stays")
	}
}
