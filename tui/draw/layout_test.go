package draw_test

import (
	"fmt"
	"strings"
	"testing"

	"ringback/fixtures/golden"
	"ringback/tui/draw"
)

// drawing shows a layout: the letter of what each cell belongs to, at a quarter
// of the width.
func drawing(w, h int, l draw.Layout) string {
	rows := make([][]byte, h)
	for y := range rows {
		rows[y] = []byte(strings.Repeat(".", w))
	}
	fill := func(r draw.Rect, letter byte) {
		for y := r.Y; y < r.Y+r.H; y++ {
			for x := r.X; x < r.X+r.W; x++ {
				if rows[y][x] != '.' {
					letter = '!' // two in one place
				}
				rows[y][x] = letter
			}
		}
	}
	fill(l.Header, 'H')
	fill(l.Tabs, 'T')
	for p := draw.Calls; p <= draw.Faults; p++ {
		fill(l.Panes[p], p.String()[0])
	}
	fill(l.Toast, '~')
	fill(l.Help, '?')
	var b strings.Builder
	for _, row := range rows {
		for x := 0; x < w; x += 4 {
			b.WriteByte(row[x])
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Anyone can review a change of the layout: C calls, P phones, D deliveries,
// I inspector, F faults.
func TestLayout(t *testing.T) {
	var b strings.Builder
	for _, size := range [][2]int{{40, 10}, {60, 15}, {79, 24}, {80, 24}, {100, 50}, {119, 28}, {120, 27}, {120, 28}, {120, 32}, {120, 36}, {160, 40}, {200, 50}, {300, 80}} {
		l := draw.Arrange(size[0], size[1], draw.Deliveries, false)
		fmt.Fprintf(&b, "%dx%d\n%s\n", size[0], size[1], drawing(size[0], size[1], l))
	}
	fmt.Fprintf(&b, "80x24, with the focus on phones\n%s\n", drawing(80, 24, draw.Arrange(80, 24, draw.Phones, false)))
	fmt.Fprintf(&b, "120x32, zoomed\n%s\n", drawing(120, 32, draw.Arrange(120, 32, draw.Inspector, true)))
	golden.Compare(t, "layout.txt", b.String())
}

// From the smallest size on each cell belongs to one thing, and each pane has
// room for a line.
func TestLayoutCovers(t *testing.T) {
	for w := 60; w < 260; w += 3 {
		for h := 15; h < 90; h++ {
			l := draw.Arrange(w, h, draw.Calls+draw.Pane((w+h)%int(draw.Panes)), false)
			if d := drawing(w, h, l); strings.ContainsAny(d, ".!") {
				t.Fatalf("%dx%d:\n%s", w, h, d)
			}
			for p, r := range l.Panes {
				if r.W > 0 && (r.H < 3 || r.W < 20) {
					t.Fatalf("%dx%d: pane %d has %dx%d", w, h, p, r.W, r.H)
				}
			}
		}
	}
	for w := range 60 {
		for h := range 15 {
			if l := draw.Arrange(w, h, draw.Calls, false); l.Form != draw.TooSmall {
				t.Fatalf("%dx%d is not too small", w, h)
			}
		}
	}
}
