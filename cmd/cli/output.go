package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"syscall"

	"github.com/charmbracelet/x/term"
	"github.com/mattn/go-isatty"

	"ringback/sim/text"
)

// output is a command's only way to a terminal or a log: it neutralizes control
// sequences, and hides secrets. It keeps the first error of writing, so that commands
// need not check each write.
type output struct {
	to   io.Writer
	name string
	hide func(string) string // nil: nothing is hidden

	writing sync.Mutex
	text    text.Stream

	mu  sync.Mutex
	err error
}

// Write prints. A reader that closed the pipe is not an error.
func (o *output) Write(b []byte) (int, error) { return o.write(b, o.text.Clean) }

func (o *output) write(b []byte, clean func([]byte) []byte) (int, error) {
	shown := b
	if o.hide != nil {
		if hidden := o.hide(string(b)); hidden != string(b) {
			shown = []byte(hidden)
		}
	}
	return o.writeShown(b, shown, clean)
}

// writeShown writes shown in place of b.
func (o *output) writeShown(b, shown []byte, clean func([]byte) []byte) (int, error) {
	o.writing.Lock()
	_, err := o.to.Write(clean(shown))
	o.writing.Unlock()
	switch {
	case err == nil:
		return len(b), nil
	case errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
		return 0, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil {
		o.err = fmt.Errorf("%s: %w", o.name, err)
	}
	return 0, o.err
}

// failed is the first write that failed, or nil.
func (o *output) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// flush prints the beginning of a character whose rest did not come. It does not wait for
// a write that blocks.
func (o *output) flush() {
	if o.writing.TryLock() {
		defer o.writing.Unlock()
		if b := o.text.Flush(); len(b) > 0 {
			_, _ = o.to.Write(b)
		}
	}
}

// channel is an output for control sequences that this program makes.
type channel struct {
	*output
	clean func([]byte) []byte
}

func (c channel) Write(b []byte) (int, error) { return c.write(b, c.clean) }

// Drawing is an output on which cursor movements and erasing work, if it is a
// terminal.
func Drawing(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok && IsTerminal(w) {
		return channel{o, o.text.Draw}
	}
	return w
}

// Commanding is an output on which workflow commands of GitHub Actions work.
func Commanding(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return channel{o, o.text.Command}
	}
	return w
}

// FileOf is the file that a stream writes to, if it is one.
func FileOf(w io.Writer) (*os.File, bool) {
	switch o := w.(type) {
	case *output:
		w = o.to
	case channel:
		w = o.to
	}
	f, ok := w.(*os.File)
	return f, ok
}

// Plain is an output for a secret that the user asked for.
func Plain(w io.Writer) io.Writer {
	if o, ok := w.(*output); ok {
		return plainOutput{o}
	}
	return w
}

type plainOutput struct{ *output }

// IsTerminal reports whether a stream writes to a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := FileOf(w)
	return ok && isatty.IsTerminal(f.Fd())
}

func (o plainOutput) Write(b []byte) (int, error) { return o.writeShown(b, b, o.text.Clean) }

// WriteJSON writes a value as indented JSON.
func WriteJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// TerminalSize asks the terminal that a stream writes to for its size; nil if there is
// none.
func TerminalSize(w io.Writer) func() (width, height int) {
	if !IsTerminal(w) {
		return nil
	}
	return func() (width, height int) {
		if f, ok := FileOf(w); ok {
			if w, h, err := term.GetSize(f.Fd()); err == nil && w > 0 && h > 0 {
				return w, h
			}
		}
		return 80, 24
	}
}
