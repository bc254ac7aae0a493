package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/lipgloss"
	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/store"
	"ringback/sim/traffic"
	"ringback/tui"
)

type tuiFlags struct {
	common
	ascii  bool
	script string
	size   string
	dump   string
	wait   time.Duration
	people string
}

func newTUI(w world) *cobra.Command {
	c := new(tuiFlags)
	cmd := &cobra.Command{
		Use: "tui [FILE]", Args: cobra.MaximumNArgs(1),
		Short: "Watch and play calls at a screen: see each callback, act as any phone",
		Long: `Shows a run at a screen: its calls, their phones with the TUICallEvents that these
see, each callback with its attempts, answers and retries, and why. Place calls,
act as any phone, retry or give up, break things on purpose; ? lists all keys.

Without --target it starts the reference receiver, so that n and Enter already
show something. With FILE it shows a journal, which it does not change.`,
		Example: `  ringback tui
  ringback tui --target http://127.0.0.1:3000/callback
  ringback tui monday.ndjson
  ringback tui --script keys.txt --size 120x32 --dump screen.txt`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return c.replay(cmd.Context(), w, args[0])
			}
			return c.live(cmd.Context(), w)
		},
	}
	c.register(cmd, "10x")
	f := cmd.Flags()
	f.Lookup("target").Usage = "`URL` of the receiver under test (default: a reference receiver of its own)"
	f.Lookup("journal").Usage = "write all events to this `file` (default: a temporary one, named at the end)"
	f.StringVar(&c.people, "traffic", "consumer", "who calls while T has background calls on: a `preset`, or a file like those that ringback presets prints")
	f.BoolVar(&c.ascii, "ascii", false, "draw nothing beyond ASCII, for terminals that give other signs two cells")
	f.StringVar(&c.script, "script", "", "no terminal: play the keys in this `file`, one a line, and print the screen")
	f.StringVar(&c.size, "size", "120x32", "with --script: `columns and rows` of the screen")
	f.StringVar(&c.dump, "dump", "", "with --script: print the screen into this `file`")
	f.DurationVar(&c.wait, "wait", 10*time.Second, "with --script: how long a line wait may take")
	return cmd
}

const tuiHint = "ringback serve --callback http://127.0.0.1:3000/callback"

// screen is where a model is shown: a terminal, or a script that plays it.
type screen interface {
	show(context.Context, *tui.Model) error
}

// screenOf checks what the flags say of the screen before anything is started.
func (c *tuiFlags) screenOf(w world) (screen, error) {
	if c.script != "" {
		return c.headless(w)
	}
	if c.dump != "" {
		return nil, usage(errors.New("--dump: is for --script"), "ringback tui --script keys.txt --dump screen.txt")
	}
	out, ok := w.stdout.(*os.File)
	if !ok || !isatty.IsTerminal(out.Fd()) {
		return nil, usage(errors.New("stdout is not a terminal; serve prints the same calls as lines, and its API plays them"), tuiHint)
	}
	return &terminal{out: out}, nil
}

func (c *tuiFlags) headless(w world) (screen, error) {
	keys, err := readFile(c.script)
	if err != nil {
		return nil, usage(fmt.Errorf("--script: %w", err), "ringback tui --script keys.txt --size 120x32 --dump screen.txt")
	}
	width, height, err := tui.ParseSize(c.size)
	if err != nil {
		return nil, usage(fmt.Errorf("--size: %w", err), "ringback tui --script keys.txt --size 120x32")
	}
	return &scriptedScreen{keys: string(keys), w: width, h: height, dump: c.dump, out: w.stdout, limit: c.wait}, nil
}

// terminal is the one that somebody sits at.
type terminal struct{ out *os.File }

func (t *terminal) show(ctx context.Context, m *tui.Model) error {
	p := tea.NewProgram(m, tea.WithAltScreen(), tea.WithMouseCellMotion(), tea.WithOutput(t.out), tea.WithoutSignalHandler())
	defer context.AfterFunc(ctx, p.Quit)()
	_, err := p.Run()
	return err
}

// scriptedScreen plays keys and prints what is seen.
type scriptedScreen struct {
	keys  string
	w, h  int
	dump  string
	out   io.Writer
	limit time.Duration
}

func (s *scriptedScreen) show(_ context.Context, m *tui.Model) error {
	m.Update(tea.WindowSizeMsg{Width: s.w, Height: s.h})
	text, err := tui.Play(m, s.keys, s.limit)
	if err != nil {
		return usage(fmt.Errorf("--script: %w", err), "")
	}
	if s.dump == "" {
		_, err = io.WriteString(s.out, text)
		return err
	}
	return os.WriteFile(s.dump, []byte(text), 0o644)
}

// config is what the screen is told.
func (c *tuiFlags) config(w world, s screen) tui.Config {
	cfg := tui.Config{ASCII: c.ascii || asciiOnly(w), App: c.app, AnyIDs: c.anyIDs, Device: &call.Device{Platform: "iOS", IP: "127.0.0.1"}}
	if t, ok := s.(*terminal); ok {
		cfg.Renderer = lipgloss.NewRenderer(t.out) // no colours under NO_COLOR
	}
	return cfg
}

// asciiOnly tells whether the terminal is one that has nothing beyond ASCII, or
// that may give such signs two cells, as many in East Asia do.
func asciiOnly(w world) bool {
	if w.env("TERM") == "dumb" || w.env("RUNEWIDTH_EASTASIAN") == "1" {
		return true
	}
	locale := strings.ToLower(cmp.Or(w.env("LC_ALL"), w.env("LC_CTYPE"), w.env("LANG")))
	_, charset, named := strings.Cut(locale, ".")
	return named && !strings.HasPrefix(strings.ReplaceAll(charset, "-", ""), "utf8")
}

// replay shows a journal that somebody wrote.
func (c *tuiFlags) replay(ctx context.Context, w world, path string) error {
	s, err := c.screenOf(w)
	if err != nil {
		return err
	}
	events, err := readJournal(path)
	if err != nil {
		return usage(err, "ringback tui monday.ndjson")
	}
	cfg := c.config(w, s)
	cfg.Recording, cfg.Keep = filepath.Base(path), forever
	return s.show(ctx, tui.New(&archive{Recording: tui.NewRecording(events, time.Now), shelf: shelf{out: outOf(s)}}, cfg))
}

// forever keeps all calls of a journal.
const forever = 1 << 60

// readJournal reads all events of a journal, and checks that they are a
// history.
func readJournal(path string) (events []*journal.Event, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st := journal.NewState(0)
	_, err = store.Read(f, func(e *journal.Event) error {
		if err := st.Apply(e); err != nil {
			return err
		}
		if cb, ok := e.Data.(*journal.Callback); ok { // the bytes are there once
			if d := st.Deliveries[cb.Delivery]; d != nil {
				cb.Request = d.Request
				cb.URL, cb.Body = d.Request.Target(), d.Request.Body()
			}
		}
		events = append(events, e)
		return nil
	})
	return events, err
}

// live plays a run against a receiver.
func (c *tuiFlags) live(ctx context.Context, w world) error {
	screen, err := c.screenOf(w)
	if err != nil {
		return err
	}
	var closeReceiver func()
	own := c.target == ""
	if own {
		if c.target, closeReceiver, err = ownReceiver(c.app, w); err != nil {
			return err
		}
		defer closeReceiver()
	}
	s, err := c.resolve()
	if err != nil {
		return err
	}
	file, err := c.journalFile(screen)
	if err != nil {
		return err
	}
	if file != nil {
		defer file.Close()
	}
	if c.insecure {
		fmt.Fprintln(w.stderr, insecureWarning)
	}
	people, err := background("traffic", c.people, traffic.Feed{App: c.app, Generation: s.generation, Alternate: true}, s.heartbeat)
	if err != nil {
		return err
	}
	cfg := c.config(w, screen)
	cfg.Generation, cfg.Target, cfg.Heartbeat = s.generation, shownTarget(s, own), s.heartbeat
	run := newLiveRun(s, file, screen, people)
	cfg.Keep = run.keep
	if err := run.start(); err != nil {
		return err
	}
	err = screen.show(ctx, tui.New(run, cfg))
	err = errors.Join(err, run.stop(s.timeout+time.Second))
	if _, sitting := screen.(*terminal); sitting {
		run.farewell(w)
	}
	return err
}

// shownTarget is the receiver's address without secrets and what is the same
// for all.
func shownTarget(s *setup, own bool) string {
	if own {
		return "own receiver :" + s.endpoint.Port
	}
	scheme := "http://"
	if s.endpoint.TLS {
		return s.endpoint.Shown()
	}
	return s.endpoint.Shown()[len(scheme):]
}

// ownReceiver starts the reference receiver on a free port.
func ownReceiver(app uint32, w world) (target string, closer func(), err error) {
	r, err := newReferenceReceiver(app, "", w, false)
	if err != nil {
		return "", nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.Close()
		return "", nil, err
	}
	server := &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // ends with the Close below
	return "http://" + l.Addr().String() + "/callback", func() { server.Close(); r.Close() }, nil
}

// journalFile is the one of --journal, or for somebody at a terminal a
// temporary one: what was seen can be looked at again.
func (c *tuiFlags) journalFile(s screen) (*journalFile, error) {
	path, temporary := c.journal, false
	if _, sitting := s.(*terminal); path == "" && sitting {
		temporary = true
		f, err := os.CreateTemp("", "ringback-*.ndjson")
		if err != nil {
			return nil, err
		}
		path = f.Name()
		f.Close()
	}
	f, err := createJournal(path)
	if f == nil || err != nil {
		return nil, err
	}
	return &journalFile{File: f, path: path, temporary: temporary}, nil
}

// journalFile is a journal and where it is.
type journalFile struct {
	*store.File
	path      string
	temporary bool // nobody asked for it: one without calls is thrown away
}
