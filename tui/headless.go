package tui

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// Play drives a screen without a terminal, from a script with a line for each
// step, and returns the screens that it dumps, without colours; if it asks for
// none, the last one. A step is
//
//	a key, as Bubble Tea spells it: n, enter, tab, ctrl+c, space
//	type TEXT      each letter of it is a key
//	size 80x24     the terminal changes its size
//	click 10,4     the left button, at a column and a row from 0
//	wait TEXT      until the screen shows it
//	wait idle      until no call goes on and no callback is on its way
//	dump           the screen as it is
//
// and # begins a comment. A wait that takes longer than the limit is an error.
func Play(m *Model, steps string, limit time.Duration) (string, error) {
	p := player{model: m, watch: m.Init(), limit: limit}
	p.look()
	for i, line := range strings.Split(steps, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "# ") || line == "#" {
			continue
		}
		if err := p.step(line); err != nil {
			return p.out.String(), fmt.Errorf("line %d: %s: %w", i+1, line, err)
		}
		if p.quit {
			break
		}
	}
	if p.out.Len() == 0 {
		p.dump()
	}
	return p.out.String(), nil
}

// player is what Bubble Tea's program is otherwise.
type player struct {
	model *Model
	watch tea.Cmd
	limit time.Duration
	out   strings.Builder
	quit  bool
}

func (p *player) step(line string) error {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case word == "type":
		for _, r := range rest {
			p.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
		}
		return nil
	case word == "size" && rest != "":
		w, h, err := ParseSize(rest)
		if err == nil {
			p.send(tea.WindowSizeMsg{Width: w, Height: h})
		}
		return err
	case word == "click" && rest != "":
		var x, y int
		if _, err := fmt.Sscanf(rest, "%d,%d", &x, &y); err != nil {
			return fmt.Errorf("want a column and a row, like click 10,4")
		}
		p.send(tea.MouseMsg{X: x, Y: y, Button: tea.MouseButtonLeft, Action: tea.MouseActionPress})
		return nil
	case word == "wait" && rest != "":
		return p.wait(rest)
	case word == "dump" && rest == "":
		p.dump()
		return nil
	}
	msg, err := keyOf(line)
	if err != nil {
		return err
	}
	p.send(msg)
	return nil
}

// ParseSize reads a size like 120x32.
func ParseSize(s string) (w, h int, err error) {
	columns, rows, ok := strings.Cut(s, "x")
	w, err = strconv.Atoi(columns)
	h, err2 := strconv.Atoi(rows)
	if !ok || err != nil || err2 != nil || s != fmt.Sprintf("%dx%d", w, h) || min(w, h) < 1 || max(w, h) > 1000 {
		return 0, 0, fmt.Errorf("size %q: want columns and rows, like 120x32", s)
	}
	return w, h, nil
}

// keyOf reads a key as Bubble Tea spells it.
func keyOf(s string) (tea.KeyMsg, error) {
	if s == "space" {
		return tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}}, nil
	}
	if len([]rune(s)) == 1 {
		return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s)}, nil
	}
	for t := tea.KeyType(-128); t < 128; t++ {
		if k := (tea.KeyMsg{Type: t}); t != tea.KeyRunes && k.String() == s {
			return k, nil
		}
	}
	return tea.KeyMsg{}, fmt.Errorf("no such key; want a letter, or a name like enter, tab, esc, up, ctrl+c")
}

// send gives the model a message, and what comes of it.
func (p *player) send(msg tea.Msg) {
	for msg != nil && !p.quit {
		_, cmd := p.model.Update(msg)
		if _, ok := msg.(done); ok { // what follows from an order is there
			p.watch = p.model.Init()
			p.look()
		}
		if cmd == nil {
			return
		}
		switch msg = cmd(); msg.(type) {
		case tea.QuitMsg:
			p.quit = true
		case tea.SuspendMsg:
			return
		}
	}
}

// look takes in what happened in the simulation.
func (p *player) look() {
	_, p.watch = p.model.Update(p.watch())
}

func (p *player) wait(text string) error {
	for end := time.Now().Add(p.limit); ; p.look() {
		if text == "idle" && p.model.idle() || text != "idle" && strings.Contains(p.screen(), text) {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("it did not come within %s; the screen was:\n%s", p.limit, p.screen())
		}
	}
}

// idle tells whether all that was begun is over.
func (m *Model) idle() bool {
	return m.book.st.Live == 0 && m.book.st.Totals.Open() == 0 && m.calls.await == ""
}

// screen is the screen as plain text.
func (p *player) screen() string {
	lines := strings.Split(ansi.Strip(p.model.View()), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func (p *player) dump() {
	p.look()
	p.out.WriteString(p.screen())
}
