package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	xterm "github.com/charmbracelet/x/term"
	"github.com/mattn/go-isatty"

	"ringback/cmd/cli"
	"ringback/sim/call"
	"ringback/tui"
	"ringback/tui/draw"
)

// screen is where a model is shown: a terminal, or a script that plays it.
type screen interface {
	show(context.Context, *tui.Model) error
}

// screenOf checks the flags of the screen before anything is started.
func (c *tuiFlags) screenOf(w cli.Env) (screen, error) {
	var err error
	if c.keymap, err = tui.ParseKeys(c.keys); err != nil {
		return nil, cli.Usage(fmt.Errorf("--keys: %w", err), "ringback tui --keys give-up=ctrl+d")
	}
	if c.scheme, err = draw.ParseScheme(c.theme); err != nil {
		return nil, cli.Usage(fmt.Errorf("--theme: %w", err), "ringback tui --theme high-contrast --theme good=bright-green")
	}
	if c.script != "" {
		return c.headless(w)
	}
	for _, name := range []string{"dump", "size", "wait"} {
		if c.given[name] {
			return nil, cli.Usage(fmt.Errorf("--%s: is for --script", name), "ringback tui --script keys.txt --size 120x32 --dump screen.txt")
		}
	}
	if c.spoken {
		return &spokenScreen{in: w.Stdin, out: w.Stdout}, nil
	}
	out, ok := cli.FileOf(w.Stdout)
	if !ok || !isatty.IsTerminal(out.Fd()) {
		return nil, cli.Usage(errors.New("stdout is not a terminal; serve prints the same calls as lines, and its API plays them"), tuiHint)
	}
	env := os.Environ()
	if w.Getenv("NO_COLOR") != "" { // any value will do; Bubble Tea only takes those that are true
		env = append(env, "NO_COLOR=1")
	}
	return &terminal{out, env}, nil
}

func (c *tuiFlags) headless(w cli.Env) (screen, error) {
	keys, err := cli.ReadText(c.script)
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("--script: %w", err), "ringback tui --script keys.txt --size 120x32 --dump screen.txt")
	}
	width, height, err := tui.ParseSize(c.size)
	if err != nil {
		return nil, cli.Usage(fmt.Errorf("--size: %w", err), "ringback tui --script keys.txt --size 120x32")
	}
	return &scriptedScreen{keys: string(keys), w: width, h: height, dump: c.dump, out: w.Stdout, hide: w.Secrets.Hide, limit: c.wait}, nil
}

// terminal is the user's terminal.
type terminal struct {
	out *os.File
	env []string
}

func (t *terminal) show(ctx context.Context, m *tui.Model) error {
	p := t.program(m)
	defer context.AfterFunc(ctx, p.Quit)()
	_, err := p.Run()
	if errors.Is(err, syscall.EIO) { // nohup may have taken the signal away
		return cli.Fail(cli.ExitHungUp, errors.New("the terminal is gone"), "")
	}
	return err
}

func (t *terminal) program(m tea.Model, more ...tea.ProgramOption) *tea.Program {
	return tea.NewProgram(m, append(more, tea.WithOutput(clipping{t.out}), tea.WithEnvironment(t.env), tea.WithoutSignalHandler())...)
}

// clipping is a terminal with automatic wrapping off while the alternate screen is on.
// Otherwise a line that the terminal draws wider than the screen counted, as terminals
// disagree on some characters, would wrap, and scroll the screen at the last line. Bubble
// Tea turns wrapping off only around a few characters.
type clipping struct{ xterm.File }

// modes changes what Bubble Tea writes; each write is a whole frame.
var modes = strings.NewReplacer(
	ansi.SetModeAltScreenSaveCursor, ansi.SetModeAltScreenSaveCursor+ansi.ResetModeAutoWrap,
	ansi.ResetModeAltScreenSaveCursor, ansi.ResetModeAltScreenSaveCursor+ansi.SetModeAutoWrap,
	ansi.ResetModeAutoWrap, "",
	ansi.SetModeAutoWrap, "",
)

// Write writes. Wrapping is switched with the alternate screen, so that whatever leaves
// that (the end, a panic or a suspension) restores the terminal.
func (c clipping) Write(b []byte) (int, error) {
	if _, err := io.WriteString(c.File, modes.Replace(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// scriptedScreen plays keys and prints the screen.
type scriptedScreen struct {
	keys  string
	w, h  int
	dump  string
	out   io.Writer
	hide  func(string) string // what out hides, too
	limit time.Duration
}

func (s *scriptedScreen) show(ctx context.Context, m *tui.Model) error {
	m.Update(tea.WindowSizeMsg{Width: s.w, Height: s.h})
	text, err := tui.Play(ctx, m, s.keys, s.limit)
	switch {
	case ctx.Err() != nil: // ending the screen ends the script
	case err != nil:
		return cli.Usage(fmt.Errorf("--script: %w", err), "")
	}
	if s.dump == "" || s.dump == "-" {
		_, err = io.WriteString(s.out, text)
		return err
	}
	return cli.Unwritten("--dump", os.WriteFile(s.dump, []byte(s.hide(text)), 0o644))
}

// config returns the configuration of the screen.
func (c *tuiFlags) config(s screen, w cli.Env) tui.Config {
	cfg := tui.Config{Keys: c.keymap, Theme: c.scheme, Secrets: w.Secrets.All(), ASCII: c.ascii, App: c.App, AnyIDs: c.AnyIDs, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}}
	_, cfg.Clipboard = s.(*terminal)
	return cfg
}
