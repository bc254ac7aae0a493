package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"ringback/cmd/cli"

	"golang.org/x/sys/unix"
)

// pseudoTerminal is one to print to. The function that it returns ends it
// and is all that was printed.
func pseudoTerminal(t *testing.T) (*os.File, func() []byte) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	printed := make(chan []byte, 1)
	go func() {
		all, _ := io.ReadAll(master) // which ends with an error when nobody has the other end
		printed <- all
	}()
	return slave, func() []byte {
		slave.Close()
		all := <-printed
		master.Close()
		return all
	}
}

// On a terminal with colors, they are ours alone.
func TestPlantedInColor(t *testing.T) {
	if testing.Short() {
		t.Skip("commands that other tests run, with other texts")
	}
	t.Parallel()
	target, bad := acknowledging(t), plantedAnswers(t)
	own := regexp.MustCompile(`\x1b\[(0|1|2|31|32|33)m`)
	for _, args := range [][]string{
		{"call", "--target", target, "--caller", planted, "--callee", planted, "--room", planted, "--any-ids", "--phones"},
		{"call", "--target", bad, "--caller", planted, "--any-ids", "--dialect", "v4_retry=v1"},
		{"verify", "--target", bad, "--generation", "v4", "--all-failures"},
		{"explore", "--target", bad, "--budget", "3", "--seed", "1"},
		{"usersig", "check", sign(t, planted), "--sdkappid", "1400000001", "--key", defaultKey},
		{"call", "--target", planted},
	} {
		out, end := pseudoTerminal(t)
		Main(args, cli.Env{Stdout: out, Stderr: out, Lookup: func(name string) (string, bool) {
			v, ok := map[string]string{"TERM": "xterm-256color", "GITHUB_ACTIONS": "true"}[name]
			return v, ok
		}})
		printed := bytes.ReplaceAll(end(), []byte("\r\n"), []byte("\n")) // as the terminal makes of it
		if !strings.Contains(string(printed), "planted") {
			t.Errorf("%.60q prints nothing of what was planted:\n%s", args, printed)
		}
		if bytes.Contains(printed, []byte("\x1b[31m\\u009b")) {
			t.Errorf("%.60q: the color of what was planted is printed", args)
		}
		printed = own.ReplaceAll(printed, nil)
		if args[0] == "verify" || args[0] == "explore" { // their progress is drawn
			printed = regexp.MustCompile(`\r|\x1b\[K`).ReplaceAll(printed, nil)
		}
		actsOnNothing(t, fmt.Sprintf("%.60q", args), printed)
	}
}
