package tui_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/golden"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
	"ringback/tui"
	"ringback/tui/draw"
)

// sizes are those of a plain terminal, a large one, and a whole screen.
var sizes = [][2]int{{80, 24}, {120, 36}, {200, 50}}

// scenes are the states in which a person sees the screen. At 80x24 one pane is
// there: the one that the scene ends in.
var scenes = map[string]func(*stage){
	"empty":  func(*stage) {},
	"form":   func(s *stage) { s.press("n", "down", "type , carol", "down", "right") },
	"help":   func(s *stage) { s.press("?") },
	"calls":  func(s *stage) { busy(s); s.press("1") },
	"phones": func(s *stage) { busy(s); s.press("2") },
	"filter": func(s *stage) { busy(s); s.press("/", "type reject", "enter", "!") },
	"nobody": func(s *stage) { busy(s); s.press("/", "type nobody-has-this", "enter") },
	"prompt": func(s *stage) { busy(s); s.press("/", "type re") },
	"trouble": func(s *stage) {
		failing(s)
		s.answer = ok
		s.place(wire.V4, call.NoResult, "erin", "frank")
		s.pass(time.Second)
		s.press("1", "s")
	},
	"deliveries": func(s *stage) { failing(s); s.press("3") },
	"inspector":  func(s *stage) { failing(s); s.press("4") },
	"difference": func(s *stage) { failing(s); s.press("4", "=") },
	"gave_up":    func(s *stage) { failing(s); s.pass(20 * time.Second); s.press("3") },
	"faults":     func(s *stage) { mistreated(s); s.press("5") },
	"mistreated": func(s *stage) { mistreated(s); s.press("3") },
	"hanging": func(s *stage) {
		s.answer = nil
		s.clock.Wall = time.Unix(1000, 0)
		s.place(wire.V1, call.NoResult, "alice", "bob")
		s.clock.Wall = s.clock.Wall.Add(1300 * time.Millisecond)
		s.pass(13 * time.Second)
		s.press("3")
	},
	"dead":       func(s *stage) { dead(s); s.press("3") },
	"back_again": func(s *stage) { dead(s); s.answer = ok; s.pass(3 * time.Second); s.press("3") },
	"rejected": func(s *stage) {
		s.answer = answers(200, `{"ErrorCode": 7}`)
		s.place(wire.V1, call.NoResult, "alice", "bob")
		s.pass(2 * time.Second)
		s.press("3")
	},
	"odd_answer":  func(s *stage) { odd(s); s.press("4") },
	"long_answer": func(s *stage) { long(s); s.press("4") },
	"scrolled":    func(s *stage) { long(s); s.press("4", "down", "down", "down", "down", "down", "down") },
	"long_text": func(s *stage) {
		s.answer = answers(502, "<html>"+strings.Repeat(" oops", 2000))
		s.place(wire.V1, call.NoResult, "alice", "bob")
		s.pass(time.Millisecond)
		s.press("4")
	},
	"foreign":   func(s *stage) { foreign(s); s.press("4") },
	"dialect":   func(s *stage) { s.press("L", "down", "down", "right") },
	"paused":    func(s *stage) { busy(s); s.press("space", "1") },
	"ended":     func(s *stage) { s.over = errors.New("journal calls.ndjson: no space left on device"); s.look() },
	"battery":   func(s *stage) { busy(s); s.press("2", "z"); s.pass(4 * time.Second) },
	"forbidden": func(s *stage) { busy(s); s.press("2", "a") },
	"v4": func(s *stage) {
		s.answer = answers(503, "")
		s.place(wire.V4, call.Reject, "alice", "bob")
		s.pass(5 * time.Second)
		s.press("3")
	},
	"group_phones": func(s *stage) {
		s.place(wire.V4, call.NoResult, "alice", "bob", "carol", "dave")
		s.act("bob")
		s.press("2")
	},
}

// act lets a phone of the first call answer.
func (s *stage) act(who string) {
	s.pass(2 * time.Second)
	s.do(sim.Act{Call: callID(1), Action: call.Action{Do: call.DoAccept, By: who}})
	s.pass(time.Second)
}

// busy is a run with calls of several kinds, all acknowledged.
func busy(s *stage) {
	for i, r := range []call.Result{call.Reject, call.NormalEnd, call.CallBusy, call.Interrupt} {
		s.place([]wire.Generation{wire.V1, wire.V4}[i%2], r, fmt.Sprintf("caller%d", i), fmt.Sprintf("callee%d", i))
		s.pass(20 * time.Second)
	}
	s.place(wire.V1, call.NoResult, "heidi", "ivan", "judy")
	s.pass(2 * time.Second)
	s.place(wire.V4, call.NormalEnd, "alice", "bob")
	s.pass(5 * time.Second)
}

// failing is a call whose first callback fails again and again.
func failing(s *stage) {
	s.place(wire.V1, call.NormalEnd, "carol", "dave")
	s.pass(15 * time.Second)
	n := 0
	s.answer = func(send *sim.Send) delivery.Answer {
		if !strings.Contains(string(send.Request.Target()), "caller_start_call") {
			return ok(send)
		}
		n++
		if n == 1 {
			return answers(503, "<html>\n<b>Service Unavailable</b>\n</html>")(send)
		}
		return answers(500, fmt.Sprintf(`{"ErrorCode": %d, "ErrorMessage": "deadlock detected", "trace": "a1"}`, n))(send)
	}
	s.place(wire.V1, call.NormalEnd, "alice", "bob")
	s.pass(2600 * time.Millisecond)
}

// mistreated is a call with faults of all kinds, some of them in this call
// alone.
func mistreated(s *stage) {
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.press("5", "enter", "right", "enter", "down", "t", "t", "enter", "down", "enter", "%", "%", "enter")
	s.do(sim.SetFaults{On: []string{"duplicate=2", "late=10s@callee_accept_call", "drop@caller_call_accepted#1", "unknown_field@callee_call_end"}})
	s.act("bob")
	s.do(sim.Act{Call: callID(1), Action: call.Action{Do: call.DoHangUp, By: "alice"}})
	s.pass(2 * time.Second)
}

// dead is a receiver that dies after its first call.
func dead(s *stage) {
	s.place(wire.V1, call.Reject, "carol", "dave")
	s.pass(5 * time.Second)
	s.answer = fails(delivery.Refused)
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.pass(2500 * time.Millisecond)
}

// long is a receiver whose answers are longer than what is kept of them.
func long(s *stage) {
	var words []string
	for i := range 900 {
		words = append(words, fmt.Sprintf("w%d", i))
	}
	s.answer = answers(200, fmt.Sprintf(`{"ErrorCode": 0, "trace": %q, "ErrorMessage": "ok"}`, strings.Join(words, " ")))
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.pass(100 * time.Millisecond)
}

// foreign is a call of people from all over the world, and some who mean no good.
func foreign(s *stage) {
	s.answer = answers(200, `{"ErrorCode": 0, "ErrorMessage": "成功 👩\u200d👧 \u202e", "好": "é e\u0301 \ufe0f 🇨🇳 ﷽ \u200b"}`)
	s.do(sim.SetFaults{On: []string{"late=10s@callee_accept_call"}})
	s.do(sim.Place{Generation: wire.V1, Setup: call.Setup{
		App: app, Kind: call.Group, Caller: "张伟", Callees: []string{"👩\u200d👩\u200d👧\u200d👦", "e\u0301va", "\u200bевгений", "\x1b[31m\u202eevil\xff", "👍🏽❤\ufe0f"},
		Device: device, AnyIDs: true, Room: "房间\t1\n", RoomTag: call.StringRoom,
	}})
	s.pass(100 * time.Millisecond)
}

// odd is an answer with everything wrong that a field can be.
func odd(s *stage) {
	s.answer = answers(200, `{"ErrorCode": "0", "message": "ok", "data": [{"a": null}, 1.5], "note": "\u001b[31mred\u202e"}`)
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.pass(100 * time.Millisecond)
}

// What a person sees in each state, at each size.
// laidOut are the scenes that show how panes and windows are laid out, in all sizes.
// The others are about what stands in them, for which one will do.
var laidOut = []string{"empty", "form", "help", "calls", "phones", "deliveries", "inspector", "faults", "dialect"}

func TestScreens(t *testing.T) {
	if testing.Short() {
		t.Skip("a screen alone starts no goroutines")
	}
	for name, play := range scenes {
		for _, size := range sizes {
			if !slices.Contains(laidOut, name) && size != sizes[1] {
				continue
			}
			file := fmt.Sprintf("screens/%s_%dx%d.txt", name, size[0], size[1])
			t.Run(file, func(t *testing.T) {
				s := newStage(t)
				s.size(size[0], size[1])
				play(s)
				golden.Compare(t, file, s.screen())
			})
		}
	}
}

// Nothing beyond ASCII is on the screen, whatever it shows: what others wrote is
// spelled out.
func TestASCII(t *testing.T) {
	if testing.Short() {
		t.Skip("a screen alone starts no goroutines")
	}
	for name, play := range scenes {
		for _, size := range sizes {
			s := newStage(t, func(c *tui.Config) {
				c.ASCII, c.Target = true, map[bool]string{true: "例え.jp/cb?token=…", false: "127.0.0.1:3000/cb"}[name == "foreign"]
			})
			s.size(size[0], size[1])
			play(s)
			switch name {
			case "deliveries", "calls", "foreign":
				if size == sizes[1] {
					golden.Compare(t, "screens/"+name+"_ascii.txt", s.screen())
				}
			}
			for pane := draw.Calls; pane <= draw.Faults; pane++ {
				s.press(fmt.Sprint(int(pane)))
				screen := s.model.View().Content
				for i := range len(screen) {
					if c := screen[i]; c > '~' || c < ' ' && c != '\n' {
						t.Fatalf("%s: %q is not ASCII:\n%s", name, c, screen)
					}
				}
			}
		}
	}
}

// What someone types or pastes, and what comes of it, is spelled out, too.
func TestTypedASCII(t *testing.T) {
	for _, keys := range [][]string{
		{"/", "type 张é👩", "left"},
		{"/", "type 张é👩", "enter"},
		{"n", "ctrl+u", "type 张é👩", "down", "ctrl+u", "type Ж", "enter"},
		{"n", "ctrl+u", "type 张 é", "enter"},
		{"2", "i", "ctrl+u", "type 张é👩", "enter"},
		{"2", "i", "type 张é👩"},
		{"2", "e"},
		{"S"},
		{"c"},
		{"["},
		{"L"},
	} {
		s := newStage(t, func(c *tui.Config) {
			c.ASCII, c.AnyIDs, c.Recording = true, true, map[bool]string{true: "月曜日.ndjson"}[len(keys) == 1]
		})
		foreign(s)
		for _, size := range sizes {
			s.size(size[0], size[1])
			s.press(keys...)
			if screen := s.model.View().Content; strings.ContainsFunc(screen, func(r rune) bool { return r > '~' }) {
				t.Errorf("%v: not ASCII:\n%s", keys, screen)
			}
			s.press("esc", "esc")
		}
	}
}

// Of an answer that is longer than what is kept, it says how much that is, and
// knows it for JSON; each word of it can be read, at any size, in the comparison
// with the attempt before, and where it is copied.
func TestLongAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("a screen alone starts no goroutines")
	}
	for _, size := range append([][2]int{{60, 15}}, sizes...) {
		s := newStage(t)
		s.size(size[0], size[1])
		long(s)
		s.press("4")
		s.shows("the first 4096 of 4", "acknowledged")
		seen, before := "", ""
		for screen := s.screen(); screen != before; before, screen = screen, s.screen() {
			if strings.Contains(screen, "not JSON") || strings.Contains(screen, "missing") {
				t.Fatalf("it is not taken for JSON that goes on:\n%s", screen)
			}
			for _, l := range strings.Split(screen, "\n") { // of the answer alone
				if at := strings.Index(l, "┃"); at >= 0 {
					l = l[at:strings.LastIndex(l, "┃")]
					seen += l[strings.LastIndex(l, "│")+1:]
				}
			}
			s.press("down")
		}
		seen = regexp.MustCompile(`[^w0-9]+`).ReplaceAllString(seen, "")
		for i := range 800 {
			if !strings.Contains(seen, fmt.Sprintf("w%dw%d", i, i+1)) {
				t.Fatalf("w%d cannot be read at %v", i, size)
			}
		}
		s.press("y")
		s.shows("last-answer.txt: the first 4096")
	}
}

// A comparison says of how much of two long answers it is none.
func TestLongComparison(t *testing.T) {
	s := newStage(t)
	s.size(80, 24)
	n := 0
	s.answer = func(send *sim.Send) delivery.Answer {
		n++
		return answers(500, strings.Repeat("x\n", 400+n))(send)
	}
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.pass(time.Second)
	s.press("4", "=", "down", "end")
	s.shows("more lines not compared")
}

// A terminal that is too small says so, and how the run goes.
func TestTooSmall(t *testing.T) {
	s := newStage(t)
	dead(s)
	s.size(40, 10)
	s.shows("needs 60x15, has 40x10", "? keys  q quit", "live 1  retrying 2", "refused")
	s.size(40, 1)
	s.shows("needs 60x15, has 40x1")
	s.size(120, 36)
	s.shows("1 Calls", "5 Faults")
}

// What no one sees no key changes: on a terminal that is too small only the help
// opens and closes, and the window that was open before waits. All else that can
// be pressed, clicked or pasted does nothing.
func TestTooSmallForKeys(t *testing.T) {
	for _, open := range [][]string{{}, {"n"}, {"/"}, {"L"}, {"?"}, {"2", "i"}} {
		s := newStage(t)
		failing(s)
		s.place(wire.V1, call.NoResult, "erin", "frank", "grace")
		s.press(open...)
		before := s.screen()
		s.size(59, 14)
		if len(open) > 0 && open[0] == "?" {
			s.shows("esc closes")
		} else {
			s.shows("needs 60x15, has 59x14")
			s.press("?")
			s.shows("esc closes")
			s.press("down", "esc")
			s.shows("needs 60x15, has 59x14")
			for _, b := range tui.Bindings() {
				for _, k := range b.Keys() {
					if k != "q" && k != "ctrl+c" && k != "?" {
						s.press(k)
					}
				}
			}
			s.press("type bob", "enter", "esc", "click 3,3")
			s.model.Update(tea.PasteMsg{Content: "dave"})
			if len(s.orders) > 0 {
				t.Errorf("%v: %+v were asked for", open, s.orders)
			}
		}
		s.size(120, 32)
		if diff := cmp.Diff(before, s.screen()); diff != "" {
			t.Errorf("%v (-before +after):\n%s", open, diff)
		}
		s.size(59, 14)
		for _, k := range []string{"q", "ctrl+c"} {
			if quits := tui.Quits(s.model, k); !quits && (k != "q" || len(open) == 0) {
				t.Errorf("%v: %s does not quit", open, k)
			}
		}
	}
}

// Without colors, too, it shows which pane has the focus, and that a window has it
// instead.
func TestFocusWithoutColors(t *testing.T) {
	for _, ascii := range []bool{false, true} {
		mark := map[bool]string{false: "┏━ ", true: "#= "}[ascii]
		s := newStage(t, func(c *tui.Config) { c.ASCII = ascii })
		busy(s)
		for _, size := range sizes {
			s.size(size[0], size[1])
			for p := draw.Calls; p <= draw.Faults; p++ {
				s.press(fmt.Sprint(int(p)))
				if s.shows(fmt.Sprintf("%s%d %s ", mark, p, p)); strings.Count(s.screen(), mark) != 1 {
					t.Errorf("not one pane has the mark:\n%s", s.screen())
				}
			}
		}
		s.press("?")
		if s.shows(mark + "Keys "); strings.Count(s.screen(), mark) != 1 {
			t.Errorf("not the window alone has the mark:\n%s", s.screen())
		}
	}
}

// A text that is too long for a line is refused, and not a part of it taken: in
// prompts, filters and forms, typed or pasted.
func TestLongTexts(t *testing.T) {
	s := newStage(t)
	s.press("/")
	s.model.Update(tea.PasteMsg{Content: strings.Repeat("0123456789", 100) + "END"})
	s.shows("6789END")
	var callees []string
	for i := range 40 {
		callees = append(callees, fmt.Sprintf("callee-number-%d", i))
	}
	s.press("esc", "n", "down", "ctrl+u")
	s.model.Update(tea.PasteMsg{Content: strings.Join(callees, ", ")})
	s.press("enter")
	if c := s.engine.State().Call(callID(1)); c == nil || len(c.Members) != 41 || c.Members[40].ID != callees[39] {
		t.Errorf("not all callees are called: %+v\n%s", c, s.screen())
	}
	for _, open := range []string{"/", "n"} {
		s.press("esc", open, "ctrl+u", "type x")
		s.model.Update(tea.PasteMsg{Content: strings.Repeat("y", 70_000)})
		s.shows("not inserted")
		s.press("z")
		s.shows("xz")
	}
}

// Colors tell states apart where a terminal has them; one without gets none.
func TestColors(t *testing.T) {
	draw := func(p colorprofile.Profile) string {
		s := newStage(t)
		s.model.Update(tea.ColorProfileMsg{Profile: p})
		failing(s)
		s.press("3")
		return s.model.View().Content
	}
	golden.Compare(t, "screens/colors.txt", strings.ReplaceAll(draw(colorprofile.ANSI), "\x1b", "ESC"))
	for _, p := range []colorprofile.Profile{colorprofile.NoTTY, colorprofile.ASCII} {
		if got := draw(p); strings.Contains(got, "\x1b") {
			t.Errorf("%s: there are escape sequences:\n%q", p, got)
		}
	}
}

// At every width from 72 on, the words of callbacks and the times of events
// stand whole.
func TestWordsStandWhole(t *testing.T) {
	s := newStage(t)
	s.place(wire.V1, call.NoResult, "alice-in-chains", "bob-the-builder")
	s.answer = answers(500, "")
	s.act("bob-the-builder")
	s.do(sim.Act{Call: callID(1), Action: call.Action{Do: call.DoMic, By: "alice-in-chains"}})
	s.do(sim.Act{Call: callID(1), Action: call.Action{Do: call.DoMic, By: "bob-the-builder"}})
	s.look()
	step := 1
	if testing.Short() {
		step = 5
	}
	for w := 72; w < 260; w += step {
		s.size(w, 40)
		s.press("3")
		s.shows("caller_call_accepted ", "in 1.0s")
		s.press("2")
		s.shows(" 00:00:03 ")
	}
}

// A receiver that answers 200 and does not acknowledge does not look like one
// that does, colors or not.
func TestRejected200(t *testing.T) {
	s := newStage(t)
	s.answer = answers(200, `{"ErrorCode": "0"}`)
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.pass(2 * time.Second)
	s.press("3")
	s.shows("● 200 ✗ string code", "200 ✗    4ms", "2 +0.0s 200 ✗")
	s.size(72, 24)
	s.shows("● 200 ✗")
}

// A journal that no one asked for shows when it has become large.
func TestLargeJournal(t *testing.T) {
	s := newStage(t)
	s.bytes = 99_000_000
	s.look()
	if strings.Contains(s.screen(), "journal ") {
		t.Errorf("a small journal shows:\n%s", s.screen())
	}
	s.bytes = 1_240_000_000
	s.look()
	s.shows("journal 1.2 GB")
}

// Ages stand whole.
func TestLongAge(t *testing.T) {
	s := newStage(t)
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.act("bob")
	s.pass(42*time.Minute + 7*time.Second)
	s.shows(" 42m10s ")
}

// On the whole screen a pane shows all that it shows beside the others, and more.
func TestFullScreenShowsMore(t *testing.T) {
	word := regexp.MustCompile(`[\p{L}\p{N}_.:"+-]{3,}`)
	for _, name := range []string{"calls", "phones", "deliveries", "gave_up", "inspector", "odd_answer", "faults", "group_phones"} {
		for _, size := range [][2]int{{80, 24}, {100, 50}, {120, 36}, {200, 50}} {
			for p := draw.Calls; p <= draw.Faults; p++ {
				s := newStage(t)
				s.size(size[0], size[1])
				scenes[name](s)
				s.press(fmt.Sprint(int(p)))
				var words []string
				r := draw.Arrange(size[0], size[1], p, false).Panes[p]
				lines := strings.Split(s.screen(), "\n")[r.Y+1 : r.Y+r.H-1]
				for _, line := range lines {
					cells := []rune(line + strings.Repeat(" ", size[0]))[r.X+1 : r.X+r.W-1]
					if text := string(cells); !strings.ContainsAny(text, "…&") && !strings.Contains(text, "x reject") && !strings.Contains(text, "% share") {
						words = append(words, word.FindAllString(text, -1)...)
					}
				}
				s.press("f")
				full := s.screen()
				for _, w := range words {
					if !strings.Contains(full, w) {
						t.Fatalf("%s at %v: %s shows %q, but not in full:\n%s", name, size, p, w, full)
					}
				}
			}
		}
	}
}

// All headers of an answer are there on the whole screen, and once one scrolls; with
// little room their number is.
func TestHeaders(t *testing.T) {
	s := newStage(t)
	head := "Content-Type: application/json\nX-Request-Id: 7f3a\nSet-Cookie: a=b; Path=/\nServer: nginx\n"
	s.answer = func(*sim.Send) delivery.Answer {
		return delivery.Answer{Status: 503, Connected: true, Body: []byte("{}"), Head: []byte(head)}
	}
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.pass(time.Second)
	lines := strings.Split(strings.TrimSpace(head), "\n")
	s.size(80, 24)
	s.press("4")
	s.shows("4 headers, on the whole screen (f)")
	s.press("f", "end")
	s.shows(lines[3])
	for _, size := range [][2]int{{80, 40}, {120, 36}, {200, 50}} {
		s.size(size[0], size[1])
		s.shows(lines...)
	}
}

// A phone's events are there in full on the whole screen, however long, and can be taken.
func TestEventsInFull(t *testing.T) {
	s := newStage(t)
	s.place(wire.V4, call.NoResult, "alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi")
	s.act("bob")
	for range 12 {
		s.do(sim.Act{Call: callID(1), Action: call.Action{Do: call.DoMic, By: "bob"}})
	}
	s.look()
	s.size(80, 24)
	s.press("2", "down", "f")
	var seen strings.Builder
	for range 40 {
		seen.WriteString(strings.Join(strings.Fields(s.screen()), ""))
		s.press("down")
	}
	s.press("f", "home", "down", "c", "e")
	events := s.orders[0].(tui.Copy).Text
	if n := strings.Count(events, "\n"); n != 2 {
		t.Fatalf("%d events of bob's:\n%s", n, events)
	}
	for _, name := range []string{"onCallReceived", "onCallBegin"} {
		if !strings.Contains(events, " bob "+name+" {") {
			t.Errorf("no %s of bob's:\n%s", name, events)
		}
		if !strings.Contains(seen.String(), name) {
			t.Errorf("no %s on the screen", name)
		}
	}
	if all := strings.NewReplacer("│", "", "┃", "").Replace(seen.String()); !strings.Contains(all, `"calleeIdList":["bob","carol","dave","erin","frank","grace","heidi"]`) {
		t.Errorf("the event is not shown in full:\n%s", s.screen())
	}
}

// The caller's phone says what it does, and a silent one when it is missed.
func TestPhoneStates(t *testing.T) {
	s := newStage(t)
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.press("2")
	s.shows("caller iOS calling", "no event yet")
	s.press("z")
	s.pass(9 * time.Second)
	s.shows("expires in 21s")
	s.do(sim.Place{Generation: wire.V1, Setup: call.Setup{App: app, Caller: "carol", Callees: []string{"dave"}, Device: &call.Device{Platform: "Android", IP: "127.0.0.1"}}})
	s.look()
	s.press("home", "1", "home", "2")
	s.shows("caller And calling")
}

// An attempt that is under way counts as long as it has been in wall time, as its
// timeout does, whatever the pace; and a retry under way still counts as one.
func TestHangingReceiver(t *testing.T) {
	s := newStage(t)
	s.size(120, 36)
	s.clock.Wall = time.Unix(1000, 0)
	wait := func(wall time.Duration) {
		s.clock.Wall = s.clock.Wall.Add(wall)
		s.pass(10 * wall)
	}
	s.answer = nil
	s.place(wire.V1, call.NoResult, "alice", "bob")
	s.press("3")
	wait(1800 * time.Millisecond)
	s.shows("retrying 0", "1.8s  in flight ", "no answer yet  since 00:00:00.0, for 1.8s of wall time")
	hung := s.sends
	s.sends, s.answer = nil, fails(delivery.TimedOut)
	for _, send := range hung {
		a := s.answer(&send)
		s.do(sim.Answered{Delivery: send.Delivery, Attempt: send.Attempt, Answer: &a})
	}
	s.answer = nil
	s.look()
	wait(700 * time.Millisecond)
	s.shows("retrying 2", "2/7 timeout   0.7s  in flight", "no answer yet  since 00:00:18.0, for 0.7s of wall time")
	s.answer = ok
	wait(10 * time.Millisecond)
	s.shows("retrying 0", "2/7  200    1ms  acked")
}

// The events of the chosen phone show however many phones there are, and the way
// through all phones is the same.
func TestPhonesBeyondTheRows(t *testing.T) {
	var callees []string
	for i := range 60 {
		callees = append(callees, fmt.Sprintf("u%02d", i))
	}
	for _, size := range sizes {
		s := newStage(t)
		s.size(size[0], size[1])
		s.place(wire.V4, call.NoResult, "alice", callees...)
		s.act("u00")
		s.press("2", "home")
		for i := -1; i < len(callees); i++ {
			user, event := "alice", "onUserJoin {"
			if i >= 0 {
				user, event = callees[i], "onCallReceived {"
			}
			lines := strings.Split(s.screen(), "\n")
			at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "▸ "+user+" ") })
			if at < 0 || !strings.Contains(lines[at+1], event) && !strings.Contains(lines[at+2], event) {
				t.Fatalf("%v: no event of %s:\n%s", size, user, s.screen())
			}
			s.press("down")
		}
	}
}
