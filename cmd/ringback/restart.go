package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"ringback/cmd/cli"
	"ringback/features"
	"ringback/sim/delivery"
	"ringback/sim/text"
)

// How long a restart may take, in wall time: the command itself, and then the
// receiver until it takes a connection.
const (
	maxRestart = time.Minute
	maxReturn  = 30 * time.Second
)

// restarter returns the function that restarts the receiver of a suite: it runs
// --restart-cmd, and waits until each address takes a connection. If nothing shows that
// it was restarted, it warns once, and the scenario is skipped.
func (c *verifyFlags) restarter(w cli.Env, s *cli.Config, suite *features.Suite) func(context.Context) error {
	if c.restart == "" {
		return nil
	}
	var once sync.Once
	return func(ctx context.Context) error {
		signs := watchRestart(ctx, s, suite)
		defer signs.close()
		if err := runCommand(ctx, c.restart, maxRestart); err != nil {
			return fmt.Errorf("--restart-cmd: the receiver was not restarted: %w", err)
		}
		if err := signs.await(ctx, w); err != nil {
			return err
		}
		why := signs.missing(ctx)
		if why == "" || ctx.Err() != nil {
			return ctx.Err()
		}
		err := fmt.Errorf("%w by --restart-cmd: %s", features.ErrNotRestarted, why)
		once.Do(func() { text.Fprintf(w.Stderr, "ringback: warning: %v\n", err) })
		return err
	}
}

// await waits until each receiver takes a connection.
func (r *restartSigns) await(ctx context.Context, w cli.Env) error {
	waiting, cancel := context.WithTimeout(ctx, maxReturn)
	defer cancel()
	sender := r.setup.Connecting()
	defer sender.Close()
	for _, e := range receivers(r.suite) {
		var a delivery.Answer
		connect := func(into *delivery.Answer) {
			sender.Connect(e, into)
			a = *into
			r.saw(into)
		}
		if err := cli.AwaitConnection(waiting, w.Stderr, e.Shown(), maxReturn, connect); err != nil {
			return err
		}
		if ctx.Err() == nil && a.Failure != delivery.NoFailure {
			return fmt.Errorf("--restart-cmd: %s took no connection within %s after it: %s", e.Shown(), maxReturn, delivery.Judge(delivery.V1, &a).Reason())
		}
	}
	return ctx.Err()
}

// runCommand runs a shell command. Its output goes to a file, not to a pipe: background
// processes that it starts inherit that, and may write to it for as long as they live.
func runCommand(ctx context.Context, command string, within time.Duration) error {
	out, err := os.CreateTemp("", "ringback-restart-*")
	if err != nil {
		return &delivery.OwnFaultError{Detail: err.Error()}
	}
	defer os.Remove(out.Name())
	defer out.Close()
	shell := []string{"sh", "-c"}
	if runtime.GOOS == "windows" {
		shell = []string{"cmd", "/C"}
	}
	bounded, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	cmd := exec.CommandContext(bounded, shell[0], shell[1], command)
	cmd.Stdout, cmd.Stderr = out, out
	switch err := cmd.Run(); {
	case ctx.Err() != nil:
		return ctx.Err()
	case bounded.Err() != nil:
		return fmt.Errorf("the command %s took longer than %s; let it return once the receiver is started, in the background", text.Quote(command, 80), within)
	case err != nil:
		return fmt.Errorf("the command %s: %w%s", text.Quote(command, 80), err, lastLine(out))
	}
	return nil
}

// lastLine is the last line of a short file, with ": " before it; "" if there is none.
func lastLine(f *os.File) string {
	const most = 64 << 10
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return ""
	}
	b, err := io.ReadAll(io.LimitReader(f, most))
	lines := strings.Split(string(bytes.TrimSpace(b)), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	if err != nil && !errors.Is(err, io.EOF) || last == "" {
		return ""
	}
	return ": " + text.Short(last, 200)
}
