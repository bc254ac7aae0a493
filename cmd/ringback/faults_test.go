package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"ringback/cmd/cli"
	"ringback/sim/fault"
)

// Each fault is listed, with its usual amount, what it does and what is good.
func TestFaultsAreListed(t *testing.T) {
	list := func(args ...string) string {
		var out, errs bytes.Buffer
		cmd := newFaults(cli.Env{Stdout: &out, Stderr: &errs})
		cmd.SetArgs(append([]string{}, args...)) // nil would be the test's own
		if err := cmd.Execute(); err != nil || errs.Len() > 0 {
			t.Fatalf("%v: %v, %s", args, err, errs.String())
		}
		return out.String()
	}
	var rows []map[string]string
	if err := json.Unmarshal([]byte(list("--json")), &rows); err != nil || len(rows) != len(fault.List()) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	lines := strings.Split(list(), "\n")
	for i, f := range fault.List() {
		about, good := lines[2*i], lines[2*i+1]
		if !strings.HasPrefix(about, f.Name) || !strings.Contains(about, f.Usual) || !strings.HasSuffix(about, f.About) || !strings.HasSuffix(good, f.Expect) {
			t.Errorf("%s is listed as\n%s\n%s", f.Name, about, good)
		}
		if r := rows[i]; r["name"] != f.Name || r["usual_amount"] != f.Usual || r["good_receiver"] != f.Expect || r["example"] != f.Example {
			t.Errorf("%s: %v", f.Name, r)
		}
	}
}
