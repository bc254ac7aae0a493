package tui_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/wire"
	"ringback/tui"
	"ringback/tui/draw"
)

// strangeIDs are ids as they may be in journals and on backends of one's own, one for each
// way in which a terminal may draw them in other cells than were counted.
var strangeIDs = map[string]string{
	"Devanagari":      "क्षत्रिय_नमस्ते",
	"Arabic":          "مُحَمَّد_ﷺ",
	"Hebrew":          "שָׁלוֹם",
	"Thai":            "ที่นี่_ภาษาไทย",
	"emoji":           "👩\u200d👩\u200d👧\u200d👦👍🏽🇨🇳❤\ufe0f",
	"wide":            "張偉＿ＡＢＣ한국어",
	"combining marks": "z\u0334\u0321\u0322a\u0308\u0301\u20dde\u0301",
	"bidi controls":   "a\u202eb\u2066c\u2069\u200f\u061cd",
	"no width":        "a\u200bb\ufeffc\u00add",
	"escapes":         "a\x1b[31mb\x07\x08\r\n\tc\u009b1m",
	"not UTF-8":       "a\xff\xfeb",
	"long":            strings.Repeat("非常長", 40),
}

// Nothing that stands in an id breaks a frame, wherever it shows: in each pane, also alone
// on the screen, in forms, prompts, questions, menus and lists, in the header and in
// messages, at each size. In ASCII, in which each of them is spelled out, three will do,
// but to soak.
func TestStrangeIDs(t *testing.T) {
	if testing.Short() {
		t.Skip("a screen alone starts no goroutines")
	}
	soak := os.Getenv("RINGBACK_SOAK") != ""
	places := [][]string{
		{"1"},
		{"2"},
		{"3"},
		{"4"},
		{"5"},
		{"1", "f"},
		{"2", "f"},
		{"3", "f"},
		{"4", "f"},
		{"n"},
		{"E"},
		{"E", "down"},
		{"2", "i"},
		{"2", "J"},
		{"1", "/"},
		{"4", "/"},
		{"c"},
		{":"},
		{"?"},
		{"L"},
		{"1", "X"},
		{"3", "d"},
		{"2", "down", "a"},
		{"2", "down", "x"},
		{"2", "i", "enter"},
		{"R"},
		{"D"},
		{"4", "="},
	}
	for name, id := range strangeIDs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, ascii := range []bool{false, true} {
				if ascii && !soak && name != "wide" && name != "not UTF-8" && name != "long" {
					continue
				}
				s := newStage(t, func(c *tui.Config) { c.AnyIDs, c.ASCII, c.Probe, c.Target = true, ascii, true, "host/"+id })
				s.answer = answers(200, `{"ErrorCode": 0, "ErrorMessage": "`+id+`", "`+id+`": "`+id+`"}`)
				s.do(sim.Place{Generation: wire.V1, Setup: call.Setup{
					App: app, Kind: call.Group, Caller: id, Callees: []string{id + "1", "bob", id + "2"}, Device: &call.Device{Platform: id, IP: id},
					AnyIDs: true, Room: id, RoomTag: call.StringRoom, Extra: &call.Extra{UserData: id},
				}})
				s.pass(100 * time.Millisecond)
				sizes := [][2]int{{80, 24}, {120, 36}}
				switch {
				case ascii:
					sizes = sizes[:1]
				case name == "wide":
					sizes = append(sizes, [2]int{60, 15}, [2]int{100, 50}, [2]int{200, 50})
				}
				for _, size := range sizes {
					s.size(size[0], size[1])
					for _, keys := range places {
						s.press(keys...)
						typed := tui.Typing(s.model, id)
						unbroken(t, s, keys)
						if typed {
							s.press("home", "right")
							unbroken(t, s, append(keys, "typed"))
						}
						leave(t, s, keys)
						if keys[len(keys)-1] == "f" {
							s.press("f", "f", "esc")
						}
					}
				}
			}
		})
	}
}

// leave presses Esc until no window is open, and fails the test if that takes more than
// a prompt in a form in a window would.
func leave(t *testing.T, s *stage, after []string) {
	t.Helper()
	for range 4 {
		if s.press("esc"); !tui.HasWindow(s.model) {
			return
		}
	}
	t.Fatalf("after %v: Esc does not close the window:\n%s", after, s.screen())
}

// unbroken fails the test if a frame on the screen has a gap, or a line is longer than the
// screen. Below a window only its own frame is whole.
func unbroken(t *testing.T, s *stage, after []string) {
	t.Helper()
	view := checkSize(t, s)
	w, _ := tui.Size(s.model)
	corners, sides := map[string]bool{"╭": true, "┏": true}, map[string]bool{"│": true, "┃": true, "╰": true, "┗": true, "╭": true, "┏": true}
	if tui.HasWindow(s.model) {
		corners, sides = map[string]bool{"┏": true}, map[string]bool{"┃": true, "┗": true}
	}
	var rows [][]string // a text for each cell
	for _, l := range strings.Split(strings.TrimSuffix(ansi.Strip(view), "\n"), "\n") {
		cells := make([]string, 0, w)
		for _, r := range l {
			for i := range draw.Width(string(r)) {
				cells = append(cells, map[bool]string{true: string(r)}[i == 0])
			}
		}
		rows = append(rows, cells)
	}
	at := func(x, y int) string {
		if y < len(rows) && x < len(rows[y]) {
			return rows[y][x]
		}
		return ""
	}
	for y := range rows {
		for x, c := range rows[y] {
			if !corners[c] {
				continue
			}
			for below := y + 1; ; below++ {
				side := at(x, below)
				if !sides[side] {
					t.Fatalf("after %v: the frame at %d,%d has %q in row %d:\n%s", after, x, y, side, below, s.screen())
				}
				if side == "╰" || side == "┗" {
					break
				}
			}
		}
	}
}
