package main

import (
	"os/exec"
	"strings"
	"testing"

	"ringback/fixtures/hostile"
)

// A receiver that serves one connection at once is warned of, and judged all the same:
// Python's HTTPServer, or what stands for it where there is no Python. It is asked again,
// since a second without an answer is not always the receiver's. What comes before the
// warning may wait for its timeout.
func TestFewConnectionsAreWarnedOf(t *testing.T) {
	t.Parallel()
	target := ""
	if python, err := exec.LookPath("python3"); err == nil {
		target = startLiving(t, "testdata", []string{python, "few.py"})
	} else {
		r := hostile.Good()
		r.AtOnce = 1
		s, err := r.Start()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		target = s.URL
	}
	for _, args := range [][]string{
		{"verify", "--tags", "@clause-v1-result-cancel-acknowledged"},
		{"explore", "--budget", "2", "--seed", "1"},
	} {
		const words = "ringback: warning: the receiver serves only 1 connection at once: it answered nothing on one more while that was idle, and answered as soon as there was room.\n"
		text, err := "", error(nil)
		for try := 0; try < 3 && !strings.Contains(text, words); try++ {
			var said []byte
			said, err = exec.Command("ringback", append(args, "--generation", "v1", "--timeout", "5s", "--target", target+"/callback")...).CombinedOutput()
			text = string(said)
		}
		if err != nil || !strings.Contains(text, words) || !strings.Contains(text, "This run goes on over 1 connection;") || !strings.Contains(text, "PASS: ") {
			t.Errorf("%s: %v\n%s", args[0], err, text)
		}
	}
}
