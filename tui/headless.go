package tui

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// Play drives a screen without a terminal, from a script with a line for each
// step, and returns the screens that it dumps, without colors; if it asks for
// none, the last one. A step is
//
//	a key: n, enter, tab, ctrl+c, space
//	type TEXT      each letter of it is a key
//	size 80x24     the terminal changes its size
//	click 10,4     the left button, at a column and a row from 0
//	wait TEXT      until the screen shows it
//	wait idle      until no call goes on and no callback is on its way
//	dump           the screen as it is
//
// and # begins a comment. A wait that takes longer than the limit is an error, and
// so is a context that ends: it is returned with what was dumped by then.
func Play(ctx context.Context, m *Model, steps string, limit time.Duration) (string, error) {
	p := player{ctx: ctx, model: m, watch: m.Init(), limit: limit}
	p.look()
	for i, line := range strings.Split(steps, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "# ") || line == "#" {
			continue
		}
		if err := p.step(line); ctx.Err() != nil {
			return p.out.String(), ctx.Err()
		} else if err != nil {
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

// player drives a model as Bubble Tea's program does.
type player struct {
	ctx   context.Context
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
			p.send(letter(r))
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
		p.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
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

// send passes a message to the model, and then those of the commands that it returns.
func (p *player) send(msg tea.Msg) {
	for msg != nil && !p.quit {
		_, cmd := p.model.Update(msg)
		if _, ok := msg.(done); ok { // the effects of the command have arrived
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

// look passes the model what happened in the simulation.
func (p *player) look() {
	_, p.watch = p.model.Update(p.watch())
}

func (p *player) wait(text string) error {
	for end := time.Now().Add(p.limit); ; p.look() {
		if text == "idle" && p.model.idle() || text != "idle" && strings.Contains(p.screen(), text) {
			return nil
		}
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("not shown within %s; the screen was:\n%s", p.limit, p.screen())
		}
	}
}

// idle reports whether all that was begun is over.
func (m *Model) idle() bool {
	return m.history.State.Live == 0 && m.history.State.Totals.Open() == 0 && m.calls.Await == "" && len(m.due) == 0
}

// screen is the screen as plain text.
func (p *player) screen() string {
	lines := strings.Split(ansi.Strip(p.model.View().Content), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

func (p *player) dump() {
	p.look()
	p.out.WriteString(p.screen())
}
