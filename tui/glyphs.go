package tui

import (
	"strings"
	"unicode/utf8"

	"ringback/sim/delivery"
)

// glyphs are all characters beyond ASCII that the screen draws. Many of them
// are of ambiguous width: a terminal set up for Chinese or Japanese may give
// them two cells, so each has a twin in ASCII.
type glyphs struct {
	acked, flying, waiting, failed, gaveUp, queued, lost, withdrawn string

	here, more, arrow, dot, pause, play, audio, video, heart, times, ellipsis string
	on, off, check, left, right_, up, down, sep, dash, note                   string
	bars                                                                      []string // from low to high
	full, empty, barLeft, barRight                                            string
	frame, heavy                                                              frame // of a pane, and of the one with the focus
}

// frame are the eight pieces of a frame, and the rule inside it.
type frame struct{ h, v, tl, tr, bl, br, rule string }

var fancy = glyphs{
	acked: "✓", flying: "◐", waiting: "◷", failed: "✗", gaveUp: "†", queued: "·", lost: "∅", withdrawn: "–",
	here: "▸", more: "…", arrow: "→", dot: "●", pause: "‖", play: "▶", audio: "♪", video: "▣", heart: "♥", times: "×", ellipsis: "…",
	on: "[x]", off: "[ ]", check: "✓", left: "←", right_: "→", up: "↑", down: "↓", sep: "│", dash: "–", note: "·",
	bars: strings.Split("▁▂▃▄▅▆▇█", ""),
	full: "█", empty: "░", barLeft: "▕", barRight: "▏",
	frame: frame{"─", "│", "╭", "╮", "╰", "╯", "─"}, heavy: frame{"━", "┃", "┏", "┓", "┗", "┛", "─"},
}

var ascii = glyphs{
	acked: "+", flying: "o", waiting: "w", failed: "x", gaveUp: "!", queued: ".", lost: "0", withdrawn: "-",
	here: ">", more: "~", arrow: "->", dot: "*", pause: "||", play: ">", audio: "a", video: "v", heart: "hb", times: "x", ellipsis: "..",
	on: "[x]", off: "[ ]", check: "ok", left: "<-", right_: "->", up: "^", down: "v", sep: "|", dash: "-", note: "-",
	bars: strings.Split("_.:-=+*#", ""),
	full: "#", empty: ".", barLeft: "[", barRight: "]",
	frame: frame{"-", "|", "+", "+", "+", "+", "-"}, heavy: frame{"=", "#", "#", "#", "#", "#", "-"},
}

// of is the glyph of a callback, by what became of it so far.
func (g *glyphs) of(d *delivery.Delivery) string {
	switch d.State {
	case delivery.Done:
		return g.acked
	case delivery.Flying:
		return g.flying
	case delivery.Waiting:
		if d.Attempts > 0 {
			return g.failed
		}
		return g.waiting
	case delivery.Abandoned:
		return g.gaveUp
	case delivery.Dropped:
		return g.lost
	case delivery.Withdrawn:
		return g.withdrawn
	}
	if d.Hold != delivery.NoHold {
		return g.waiting
	}
	return g.queued
}

// sides are the keys left and right.
func (g *glyphs) sides() string {
	if len(g.left) > 1 && g.left[0] < utf8.RuneSelf {
		return g.left + " " + g.right_
	}
	return g.left + g.right_
}

// bar shows how much of something is over, 0 to 1.
func (g *glyphs) bar(part float64, w int) string {
	n := int(max(0, min(1, part))*float64(w) + 0.5)
	return g.barLeft + strings.Repeat(g.full, n) + strings.Repeat(g.empty, w-n) + g.barRight
}
