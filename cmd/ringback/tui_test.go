package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"ringback/cmd/cli"
	"ringback/tui"
)

// The screen draws ASCII where other signs are not to be trusted.
func TestASCIIOnly(t *testing.T) {
	for env, want := range map[string]bool{
		"": false, "LANG=en_US.UTF-8": false, "LANG=C": true, "LANG=C.UTF-8": false, "LC_ALL=POSIX LANG=en_US.UTF-8": true, "LANG=de_DE.ISO-8859-1": true,
		"LANG=zh_CN.UTF-8": true, "LC_CTYPE=ja_JP.utf8 LANG=en_US.UTF-8": true, "LC_ALL=en_US.UTF-8 LANG=ko_KR.UTF-8": false, "LANG=kok_IN.UTF-8": false,
		"LANG=ko": true, "TERM=dumb": true,
	} {
		vars := map[string]string{}
		for _, pair := range strings.Fields(env) {
			name, value, _ := strings.Cut(pair, "=")
			vars[name] = value
		}
		w := cli.Env{Lookup: func(name string) (string, bool) { v, ok := vars[name]; return v, ok }}
		if got := w.ASCIIOnly(); got != want {
			t.Errorf("%s: %t", env, got)
		}
	}
}

// A journal that is being read can be left.
func TestReadJournalEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "j.ndjson")
	if err := os.WriteFile(path, []byte(strings.Repeat("{}\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := new(tuiFlags).replayOn(ctx, &scriptedScreen{}, cli.Env{}, path); err != nil {
		t.Error(err)
	}
}

// What was sent is for nobody else to read.
func TestSavedSecret(t *testing.T) {
	t.Chdir(t.TempDir())
	if d := (exporter{}).Do(tui.Save{Name: "c.http", Data: []byte("POST"), Secret: true}); d.Err != nil {
		t.Fatal(d.Err)
	}
	info, err := os.Stat("c.http")
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		t.Errorf("its mode is %s", info.Mode())
	}
}
