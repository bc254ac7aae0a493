package main

import (
	"bufio"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"ringback/cmd/cli"
)

// The command serves what it was told to break, and ends well.
func TestReceiverBreak(t *testing.T) {
	for name, want := range map[string]int{"": http.StatusOK, "answers_204": http.StatusNoContent} {
		r, w := io.Pipe()
		signals, code := make(chan os.Signal, 1), make(chan int, 1)
		go func() {
			code <- Main([]string{"receiver", "--listen", "127.0.0.1:0", "--break", name}, cli.Env{
				Stdout: w, Stderr: w, Signals: signals, Lookup: patiently,
			})
			w.Close()
		}()
		lines := bufio.NewScanner(r)
		lines.Scan()
		url, _, ok := strings.Cut(strings.TrimPrefix(lines.Text(), "receiver at "), ",")
		if !ok {
			t.Fatalf("got %q", lines.Text())
		}
		resp, err := http.Post(url+"?sdkappid=1400000001&command=caller_start_call", "application/json",
			strings.NewReader(`{"CallId":"c1","UserId":"alice","Role":"caller","EventTime":1}`))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("--break %q: got %s, want %d", name, resp.Status, want)
		}
		signals <- os.Interrupt
		if lines.Scan() {
			t.Errorf("--break %q: said %q at its end", name, lines.Text())
		}
		if got := <-code; got != cli.ExitOK {
			t.Errorf("--break %q: exit code %d", name, got)
		}
	}
}
