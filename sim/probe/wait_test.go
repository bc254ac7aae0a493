package probe_test

import (
	"context"
	"fmt"
	"net/http"
	"path"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/probe"
)

// What must appear is waited for while what is stored grows, be it of another call,
// for a second behind that, and never longer than Options.Wait; or for the whole of
// that.
func TestWait(t *testing.T) {
	const still = time.Second
	for name, test := range map[string]struct {
		most    time.Duration
		also    []string
		whole   bool
		grows   int // so many questions show more of the other call
		there   int // so many questions later the call is there; 0: never
		ok      bool
		atLeast time.Duration
		atMost  time.Duration
	}{
		"there":                  {there: 1, ok: true},
		"soon":                   {there: 5, ok: true, atMost: still},
		"never":                  {atLeast: still, atMost: still},
		"behind others":          {also: []string{"x", "other"}, grows: 200, there: 150, ok: true, atLeast: 2 * still, atMost: 30 * still},
		"others, not looked at":  {grows: 200, there: 150, atLeast: still, atMost: still},
		"lost behind others":     {also: []string{"other"}, grows: 60, atLeast: 3 * still, atMost: 30*still - 1},
		"lost, and others go on": {also: []string{"other"}, grows: 1 << 30, atLeast: 30 * still, atMost: 30 * still},
		"bounded":                {most: 3 * still, also: []string{"other"}, grows: 200, there: 150, atLeast: 3 * still, atMost: 3 * still},
		"whole, never":           {most: 5 * still, whole: true, atLeast: 5 * still, atMost: 5 * still},
		"whole, others go on":    {most: 5 * still, whole: true, also: []string{"other"}, grows: 1 << 30, atLeast: 5 * still, atMost: 5 * still},
		"whole, there":           {whole: true, there: 50, ok: true, atLeast: 2 * still, atMost: 30 * still},
		"bounded below":          {most: still / 4, atLeast: still / 4, atMost: still / 4},
	} {
		asked := 0
		p, err := probe.New(probe.Options{
			Wait: test.most,
			URL: serve(t, func(w http.ResponseWriter, r *http.Request) {
				asked++
				switch {
				case path.Base(r.URL.Path) == "other":
					fmt.Fprintf(w, `{"count":%d}`, min(asked, test.grows))
				case test.there == 0 || asked < test.there:
					http.NotFound(w, r)
				default:
					fmt.Fprint(w, `{"count":1}`)
				}
			}) + "/{CallId}",
		})
		if err != nil {
			t.Fatal(err)
		}
		passed := p.Timed()
		wait := p.Wait(still, test.also...)
		if test.whole {
			wait = wait.Whole()
		}
		_, ok, err := wait.Until(t.Context(), "x", func(s probe.Stored) bool { return s.Count > 0 })
		if took := passed(); ok != test.ok || err != nil || took < test.atLeast || took > test.atMost {
			t.Errorf("%s: %t, %v, after %s, want %t between %s and %s", name, ok, err, took, test.ok, test.atLeast, test.atMost)
		}
		p.Close()
	}
}

// What a receiver shows once and leaves out elsewhere is zero there, if it was shown
// while the probe learned.
func TestLearning(t *testing.T) {
	answers := map[string]string{
		"rings": `{"caller":"alice","members":["alice","bob"]}`, "ended": `{"count":1,"result":"reject","caller":"alice"}`,
		"talked": `{"count":1,"result":"normal_end","duration":9}`, "none": `{}`, "null": `{"count":1,"result":null,"duration":null,"members":null,"start":null}`,
		"empty": `{"count":1,"duration":null,"start":1767225600,"accept":null,"end":1767225612}`,
	}
	p, err := probe.New(probe.Options{
		URL: serve(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, answers[path.Base(r.URL.Path)]) }) + "/{CallId}",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, err := p.Ask(t.Context(), "none"); err == nil {
		t.Error("an answer without a count is none before one was shown")
	}
	p.Learning(true)
	if _, err := p.Ask(t.Context(), "rings"); err == nil {
		t.Error("an answer without a count is none before one was shown")
	}
	if names := p.LeftOut(); names != nil {
		t.Errorf("left out are %v before anything else was shown", names)
	}
	if _, err := p.Ask(t.Context(), "ended"); err != nil {
		t.Error(err)
	}
	if _, err := p.Ask(t.Context(), "empty"); err != nil {
		t.Error(err)
	}
	p.Learning(false)
	if diff := cmp.Diff([]string{"count", "end", "members", "result", "start"}, p.LeftOut()); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	zero := ptr(int64(0))
	for name, want := range map[string]probe.Stored{
		"rings":  {Result: ptr(""), Caller: ptr("alice"), Members: []string{"alice", "bob"}, Start: zero, End: zero},
		"talked": {Count: 1, Result: ptr("normal_end"), Duration: ptr(9.0), Members: []string{}, Start: zero, End: zero},
		// No duration and no accept was shown while it learned.
		"ended": {Count: 1, Result: ptr("reject"), Caller: ptr("alice"), Members: []string{}, Start: zero, End: zero},
		"none":  {Result: ptr(""), Members: []string{}, Start: zero, End: zero},
		"null":  {Count: 1, End: zero}, // it says that it does not tell the others
	} {
		got, err := p.Ask(t.Context(), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What is not as wanted when nothing grows any more is asked for once more when a call that
// was sent behind has appeared, or is lost; once for all questions.
func TestBehind(t *testing.T) {
	for name, test := range map[string]struct {
		stored string // once the one behind was asked for so often
		shows  bool   // the one behind
		after  time.Duration
	}{
		"stored then":   {`{"count":1}`, true, 20 * time.Second},
		"never stored":  {`{"count":0}`, true, 20 * time.Second},
		"none of them":  {`{"count":0}`, false, 50 * time.Second},
		"all but those": {`{"count":1}`, false, 50 * time.Second},
	} {
		asked, questions := 0, map[string]int{}
		p, err := probe.New(probe.Options{
			Wait: 49 * time.Second,
			URL: serve(t, func(w http.ResponseWriter, r *http.Request) {
				id := path.Base(r.URL.Path)
				questions[id]++
				switch {
				case id == "behind":
					if asked++; asked > 200 && test.shows {
						fmt.Fprint(w, `{"count":1}`)
						return
					}
				case asked > 200:
					fmt.Fprint(w, test.stored)
					return
				}
				http.NotFound(w, r)
			}) + "/{CallId}",
		})
		if err != nil {
			t.Fatal(err)
		}
		passed := p.Timed()
		caughtUp, behind := 0, false
		wait := p.Wait(time.Second).Behind(func(ctx context.Context) {
			caughtUp++
			behind = p.CatchUp(ctx, "behind")
		})
		for _, id := range []string{"x", "y", "z"} {
			s, ok, err := wait.Until(t.Context(), id, func(s probe.Stored) bool { return s.Count > 0 })
			if want := test.stored == `{"count":1}`; ok != want || (s.Count > 0) != want || err != nil {
				t.Errorf("%s: %s: %+v, %t, %v", name, id, s, ok, err)
			}
		}
		if took := passed(); caughtUp != 1 || behind != test.shows || took < test.after || took > 50*time.Second {
			t.Errorf("%s: waited %d times behind, which showed: %t, in all for %v", name, caughtUp, behind, took)
		}
		p.Close()
	}
}
