package control_test

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/control/simapi"
	"ringback/sim/journal"
)

type journalState = journal.State

// fold folds lines into a state.
func fold(t *testing.T, st *journal.State, lines []byte) {
	t.Helper()
	for line := range bytes.Lines(lines) {
		e, err := journal.ParseLine(line)
		if err == nil && e != nil { // there are client events in a stream
			err = st.Apply(e)
		}
		if err != nil {
			t.Fatalf("%v: %s", err, line)
		}
	}
}

// compacted is a state as the lines that it is saved as.
func compacted(t *testing.T, st *journal.State) string {
	t.Helper()
	var b []byte
	for e := range st.Shown() {
		line, err := e.AppendLine(nil)
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, line...)
	}
	return string(b)
}

// The snapshot, and the stream behind its seq, fold into the state that the server
// has, whether it is the events themselves or what they add up to; nothing in them is
// secret, though the answers echo what is.
func TestSnapshot(t *testing.T) {
	for _, query := range []string{"", "?full=false", "?full=true"} {
		w := begin(t)
		w.got.answer = func(n int) (int, string) {
			if n%3 == 1 {
				return 500, `{"ErrorCode":7,"ErrorMessage":"no hush-hush here"}`
			}
			return 200, ok
		}
		w.place(`{"outcome":"normal_end","generation":"v1"}`)
		w.post("/sim/v1/calls", `{"caller":"erin","callees":["carol","dave"],"media":"video","user_data":"x"}`, 201, nil)
		w.ask("PUT", "/sim/v1/faults", `{"on":["delay=5s@call_end"]}`, 200, nil)
		w.advance("4s")
		resp := w.ndjson("/sim/v1/snapshot" + query)
		if resp.seq == "" || resp.seq == "0" {
			t.Fatalf("the header has the seq %q", resp.seq)
		}
		st := journal.NewReader(journal.Keep)
		fold(t, st, resp.lines)
		w.post("/sim/v1/calls/2/actions", `{"do":"accept","who":"carol"}`, 200, nil)
		w.advance("20s")
		w.post("/sim/v1/wait", `{"until":"quiet","call":"1"}`, 200, nil)
		later := w.ndjson("/sim/v1/events?follow=false&after=" + resp.seq)
		fold(t, st, later.lines)
		var want string
		w.backend.Read(func(s *journal.State) { want = compacted(t, s) })
		want, got := tookOf(want), tookOf(compacted(t, st))
		if diff := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s: the state (-server +client):\n%s", query, diff)
		}
		if all := string(resp.lines) + string(later.lines); strings.Contains(all, "hush-hush") {
			t.Errorf("%s: a secret is shown:\n%s", query, all)
		}
		if saved := bytes.Contains(resp.lines, []byte(`"kind":"saved_call"`)); saved == (query == "?full=true") {
			t.Errorf("%s: it is cut down: %t", query, saved)
		}
		if diff := cmp.Diff(resp.run, later.run); diff != "" || resp.run[1] != "test" || resp.run[3] != "0" {
			t.Errorf("the run by the headers of snapshot and stream (-snapshot +stream):\n%s\n%v", diff, resp.run)
		}
	}
}

var tookNS = regexp.MustCompile(`,"took_ns":\d+`)

// tookOf is a text without what differs between a state and one of lines: how exactly
// the time that attempts took is known.
func tookOf(lines string) string { return tookNS.ReplaceAllString(lines, "") }

// ndjson is an answer of lines.
type ndjson struct {
	lines []byte
	seq   string
	run   [4]string
}

func (w *world) ndjson(path string) (n ndjson) {
	w.t.Helper()
	req, err := http.NewRequest("GET", w.url+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/x-ndjson")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		w.t.Fatalf("%s: %s %v %s", path, resp.Status, err, &b)
	}
	conforms(w.t, "GET", path, resp, b.Bytes())
	h := resp.Header
	return ndjson{b.Bytes(), h.Get(simapi.HeaderSeq), [4]string{h.Get(simapi.HeaderVersion), h.Get(simapi.HeaderRun), h.Get(simapi.HeaderInstance), h.Get(simapi.HeaderResumed)}}
}

// Before anything happened there is the header alone.
func TestSnapshotOfNothing(t *testing.T) {
	w := start(t, config())
	st := journal.NewReader(journal.Keep)
	fold(t, st, w.ndjson("/sim/v1/snapshot?full=true").lines)
	fold(t, st, w.ndjson("/sim/v1/snapshot").lines)
	if st.Run.Token != "test" {
		t.Errorf("the run is %q", st.Run.Token)
	}
	w.get("/sim/v1/snapshot?full=no", 400, nil)
}
