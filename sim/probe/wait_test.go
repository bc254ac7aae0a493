package probe_test

import (
	"fmt"
	"net/http"
	"path"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/probe"
)

// What must appear is waited for while what is stored grows, be it of another call,
// for a second behind that, and never longer than Options.Wait.
func TestWait(t *testing.T) {
	const still = time.Second
	for name, test := range map[string]struct {
		most    time.Duration
		also    []string
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
		_, ok, err := p.Until(t.Context(), "x", still, func(s probe.Stored) bool { return s.Count > 0 }, test.also...)
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
		"talked": `{"count":1,"result":"normal_end","duration":9}`, "none": `{}`, "null": `{"count":1,"result":null,"duration":null,"members":null}`,
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
	p.Learning(false)
	if diff := cmp.Diff([]string{"count", "members", "result"}, p.LeftOut()); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	for name, want := range map[string]probe.Stored{
		"rings":  {Result: ptr(""), Caller: ptr("alice"), Members: []string{"alice", "bob"}},
		"talked": {Count: 1, Result: ptr("normal_end"), Duration: ptr(9.0), Members: []string{}},
		"ended":  {Count: 1, Result: ptr("reject"), Caller: ptr("alice"), Members: []string{}}, // no duration was shown while it learned
		"none":   {Result: ptr(""), Members: []string{}},
		"null":   {Count: 1}, // it says that it does not tell
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
