package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ringback/fixtures/harness"
	"ringback/sim/recording"
)

// Killed again and again under load, record loses no exchange that was answered: each
// is in the file, request and answer, and the file goes on.
func TestRecordKilled(t *testing.T) {
	t.Parallel()
	receiver := harness.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, `{"ErrorCode":0,"got":%q,"pad":%q}`, body, strings.Repeat("x", len(body)*37%5000))
	}))
	path := filepath.Join(t.TempDir(), "real.ndjson")
	kills := 10
	switch {
	case testing.Short():
		kills = 5
	case os.Getenv("RINGBACK_SOAK") != "":
		kills = 50
	}
	answered := map[string]string{} // answers by body
	for round := range kills {
		s := startProcess(t, "record", "--listen", "127.0.0.1:0", "--quiet", "--target", receiver.URL+"/cb", "--out", path)
		killUnderLoad(t, s, round, 1+rand.IntN(400), answered)
	}
	recorded := map[string]string{}
	for _, e := range exchangesIn(t, path) {
		if e.Answer.Outcome == recording.Answered {
			recorded[string(e.Body)] = string(e.Answer.Body)
		}
	}
	lost := 0
	for body, answer := range answered {
		if recorded[body] != answer {
			lost++
		}
	}
	t.Logf("%d kills, %d answered, %d recorded with their answers", kills, len(answered), len(recorded))
	if lost > 0 || len(answered) < kills {
		t.Errorf("%d of %d answered exchanges are not in the recording", lost, len(answered))
	}
}

// killUnderLoad sends over many connections, kills the process some answers later, and notes all
// answers that came.
func killUnderLoad(t *testing.T, s *serving, round, after int, answered map[string]string) {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	killed := false
	for sender := range 16 {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for n := 0; ; n++ {
				body := fmt.Sprintf(`{"CallId":"%d-%d-%d"}`, round, sender, n)
				resp, err := client.Post(s.url+"/cb?command=call_end", "application/json", strings.NewReader(body))
				if err != nil {
					return // it is dead
				}
				got, err := io.ReadAll(resp.Body)
				resp.Body.Close()
				if err != nil {
					return
				}
				mu.Lock()
				answered[body] = string(got)
				if after--; after == 0 && !killed {
					killed = true
					if err := s.cmd.Process.Kill(); err != nil {
						t.Error(err)
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	_ = s.cmd.Wait()
}

func exchangesIn(t *testing.T, path string) (list []*recording.Exchange) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := recording.NewReader(f)
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			if flaws := r.Flaws(); flaws.Missing+int64(flaws.Orphans+flaws.Repeated+flaws.Joined+flaws.Unknown) > 0 {
				t.Errorf("%+v", flaws)
			}
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
}
