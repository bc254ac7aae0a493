package main

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/cmd/cli"
	"ringback/fixtures"
)

// A byte order mark, as editors put it before a text, is skipped in every file
// of text that a flag names: it means the same with it and without.
func TestByteOrderMark(t *testing.T) {
	t.Chdir(t.TempDir())
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, `{"ErrorCode":0}`)
	}))
	defer s.Close()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	preset, _ := fixtures.Preset("meeting")
	const key = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n"
	plain := acknowledging(t)
	played := []string{"--generation", "v1", "--pace", "instant", "--seed", "1", "--epoch", "2026-01-01T00:00:00Z", "--run", "bom"}
	for name, row := range map[string]struct {
		text string
		args []string // the file is f.txt
		said string
	}{
		"config":      {"call:\n  caller: carol\n", append([]string{"call", "--config", "f.txt", "--json", "--target", plain}, played...), `"carol"`},
		"user-map":    {"alice=10001\n", append([]string{"call", "--user-map", "f.txt", "--json", "--target", plain}, played...), "10001"},
		"cacert":      {string(authority), append([]string{"call", "--cacert", "f.txt", "--json", "--target", s.URL}, played...), "200"},
		"call script": {"- do: call\n  who: carol\n  whom: [bob]\n", append([]string{"call", "--script", "f.txt", "--json", "--target", plain}, played...), `"carol"`},
		"key":         {key, []string{"usersig", "sign", "--key", "@f.txt", "--user", "alice", "--at", "2026-01-01T00:00:00Z"}, "eA"},
		"preset":      {string(preset), []string{"simulate", "--preset", "./f.txt", "--count", "3", "--seed", "1", "--epoch", "2026-01-01T00:00:00Z", "--run", "bom"}, `"call_id"`},
		"known failures": {
			"@a-status-callback-of-cancel-is-acknowledged\n",
			[]string{"verify", "--known-failures", "f.txt", "--list", "--tags", "@clause-v1-result-cancel-acknowledged"},
			"A status callback of cancel",
		},
		"tui keys": {"space\n", []string{"tui", "--script", "f.txt", "--size", "100x30", "--seed", "1", "--epoch", "2026-01-01T00:00:00Z", "--run", "bom", "--pace", "instant", "--target", plain}, "no calls yet"},
	} {
		var outs [2]string
		for i, mark := range []string{"", "\ufeff"} {
			if err := os.WriteFile("f.txt", []byte(mark+row.text), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, errs bytes.Buffer
			if code := Main(row.args, cli.Env{Stdout: &out, Stderr: &errs, Lookup: patiently}); code != cli.ExitOK {
				t.Errorf("%s, mark %q: exit code %d\n%s", name, mark, code, errs.String())
			}
			outs[i] = out.String()
		}
		if !strings.Contains(outs[0], row.said) {
			t.Errorf("%s: does not say %s\n%s", name, row.said, outs[0])
		}
		if diff := cmp.Diff(outs[0], outs[1]); diff != "" {
			t.Errorf("%s with a byte order mark (-without +with):\n%s", name, diff)
		}
	}

	for _, mark := range []string{"", "\ufeff"} {
		if err := os.WriteFile("f.txt", []byte(mark+key), 0o600); err != nil {
			t.Fatal(err)
		}
		if a, err := parseApp("1400000001:@f.txt"); err != nil || a.Key != strings.TrimSpace(key) {
			t.Errorf("app, mark %q: key %q, %v", mark, a.Key, err)
		}
	}
}
