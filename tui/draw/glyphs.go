package draw

import (
	"strings"
	"unicode/utf8"

	"ringback/sim/delivery"
)

// Glyphs are all characters beyond ASCII that the screen draws. Many of them are of
// ambiguous width: a terminal set up for Chinese or Japanese may give them two cells, so
// each has a counterpart in ASCII.
type Glyphs struct {
	Acked, InFlight, Waiting, Failed, GaveUp, queued, lost, withdrawn string

	Here, Marked, More, Arrow, Dot, Pause, Play, Audio, Video, Heart, Times, Ellipsis string
	On, Off, Check, ToLeft, ToRight, Up, Down, Sep, Dash, Note                        string
	Bars                                                                              []string // from low to high
	full, empty, barLeft, barRight                                                    string
	Frame, heavy                                                                      frame // of a pane, and of the one with the focus
}

// frame are the eight pieces of a frame, and the rule inside it.
type frame struct{ h, v, tl, tr, bl, br, Rule string }

// Fancy is for terminals that give each of them one cell.
var Fancy = Glyphs{
	Acked: "✓", InFlight: "◐", Waiting: "◷", Failed: "✗", GaveUp: "†", queued: "·", lost: "∅", withdrawn: "–",
	Here: "▸", Marked: "*", More: "…", Arrow: "→", Dot: "●", Pause: "‖", Play: "▶", Audio: "♪", Video: "▣", Heart: "♥", Times: "×", Ellipsis: "…",
	On: "[x]", Off: "[ ]", Check: "✓", ToLeft: "←", ToRight: "→", Up: "↑", Down: "↓", Sep: "│", Dash: "–", Note: "·",
	Bars: strings.Split("▁▂▃▄▅▆▇█", ""),
	full: "█", empty: "░", barLeft: "▕", barRight: "▏",
	Frame: frame{"─", "│", "╭", "╮", "╰", "╯", "─"}, heavy: frame{"━", "┃", "┏", "┓", "┗", "┛", "─"},
}

// ASCII has their counterparts.
var ASCII = Glyphs{
	Acked: "+", InFlight: "o", Waiting: "w", Failed: "x", GaveUp: "!", queued: ".", lost: "0", withdrawn: "-",
	Here: ">", Marked: "*", More: "~", Arrow: "->", Dot: "*", Pause: "||", Play: ">", Audio: "a", Video: "v", Heart: "hb", Times: "x", Ellipsis: "..",
	On: "[x]", Off: "[ ]", Check: "ok", ToLeft: "<-", ToRight: "->", Up: "^", Down: "v", Sep: "|", Dash: "-", Note: "-",
	Bars: strings.Split("_.:-=+*#", ""),
	full: "#", empty: ".", barLeft: "[", barRight: "]",
	Frame: frame{"-", "|", "+", "+", "+", "+", "-"}, heavy: frame{"=", "#", "#", "#", "#", "#", "-"},
}

// Of returns the glyph of a callback's state.
func (g *Glyphs) Of(d *delivery.Delivery) string {
	switch d.State {
	case delivery.Acked:
		return g.Acked
	case delivery.InFlight:
		return g.InFlight
	case delivery.Waiting:
		if d.Attempts > 0 {
			return g.Failed
		}
		return g.Waiting
	case delivery.Abandoned:
		return g.GaveUp
	case delivery.Dropped:
		return g.lost
	case delivery.Withdrawn:
		return g.withdrawn
	}
	if d.Hold != delivery.NoHold {
		return g.Waiting
	}
	return g.queued
}

// Sides shows the keys left and right.
func (g *Glyphs) Sides() string {
	if len(g.ToLeft) > 1 && g.ToLeft[0] < utf8.RuneSelf {
		return g.ToLeft + " " + g.ToRight
	}
	return g.ToLeft + g.ToRight
}

// Bar draws a progress bar of w cells for a part from 0 to 1.
func (g *Glyphs) Bar(part float64, w int) string {
	n := int(max(0, min(1, part))*float64(w) + 0.5)
	return g.barLeft + strings.Repeat(g.full, n) + strings.Repeat(g.empty, w-n) + g.barRight
}
