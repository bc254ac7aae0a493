package main

import (
	"bufio"
	"context"
	"fmt"
	"io"

	"ringback/cmd/cli"
	"ringback/tui"
)

// spokenScreen is no screen: lines of text say what happens, and take commands by name.
type spokenScreen struct {
	in  io.Reader // nil: nothing is typed
	out io.Writer
}

func (s *spokenScreen) show(ctx context.Context, m *tui.Model) error {
	lines := make(chan string)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // on a terminal it ends with the process
		defer close(lines)
		if s.in == nil {
			return
		}
		for in := bufio.NewScanner(s.in); in.Scan(); {
			select {
			case lines <- in.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	var failed error
	tui.Speak(ctx, m, lines, func(text string) {
		if _, err := fmt.Fprintln(s.out, text); err != nil && failed == nil {
			failed = err
			cancel()
		}
	})
	return cli.Unwritten("standard output", failed)
}
