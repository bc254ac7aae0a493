package traffic_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// inputs returns what a generator's calls are to an engine, by number and start.
func inputs(t *testing.T, m *traffic.Model, o traffic.Options, most int) (list []string) {
	t.Helper()
	s := traffic.NewSource(makeWorld(t, m, o), traffic.Feed{App: 7, Generation: wire.Both, Alternate: true, Numbered: true, Reuse: true})
	for at, ok := s.Next(); ok && len(list) < most; at, ok = s.Next() {
		in := s.Take().(*sim.Place)
		in.Plan = append([]call.Step{}, in.Plan...) // not nil
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprintf("%012d at %s: %s", in.Setup.Number, at, text))
	}
	return list
}

// The segments of any number have the calls of the whole, to their numbers, each once. To
// soak, there are as few and as many as can be, too.
func TestSegments(t *testing.T) {
	load := traffic.Options{Seed: 5, Epoch: monday, Until: monday.Add(30 * time.Second), Rate: 40, Compress: 60, Ramp: 5 * time.Second}
	short, poisson, warm := days(5, 1), load, load
	short.Until = monday.Add(9 * time.Hour)
	poisson.Poisson = true
	warm.ObservedFrom = monday.Add(20 * time.Second)
	for name, o := range map[string]traffic.Options{"part of a day": short, "at a rate": load, "at random": poisson, "under way": warm} {
		for _, name2 := range fixtures.Presets() {
			m := preset(t, name2)
			if m.Center != nil && o.Rate == 0 {
				o.Users = 14_000 // seven centers
			}
			whole := inputs(t, m, o, 1e6)
			seen := map[string]bool{}
			for _, line := range whole {
				number, _, _ := strings.Cut(line, " ")
				if seen[number] {
					t.Fatalf("%s, %s: two calls have the number %s", name, name2, number)
				}
				seen[number] = true
			}
			if len(whole) < 100 {
				t.Errorf("%s, %s: only %d calls", name, name2, len(whole))
			}
			slices.Sort(whole)
			numbers := []int{7} // some have more partitions than others
			if os.Getenv("RINGBACK_SOAK") != "" {
				numbers = []int{1, 2, 7, makeWorld(t, m, o).Of}
			}
			for _, of := range numbers {
				var parts []string
				for i := range of {
					o.Segment = traffic.Segment{Index: i + 1, Of: of}
					parts = append(parts, inputs(t, m, o, 1e6)...)
				}
				o.Segment = traffic.Segment{}
				slices.Sort(parts)
				if diff := cmp.Diff(whole, parts); diff != "" {
					t.Fatalf("%s, %s: the whole (-) and %d segments (+):\n%s", name, name2, of, diff)
				}
			}
		}
	}
}

// A population has the partitions that it is large enough for: people find contacts
// outside their neighborhoods, and no call center or team is divided.
func TestPopulated(t *testing.T) {
	for _, test := range []struct {
		preset     string
		users      int
		rate       float64
		partitions int
	}{
		{"consumer", 2000, 0, 8},
		{"consumer", 249, 0, 1},
		{"consumer", 100_000, 0, 64},
		{"consumer", 2000, 1, 64},
		{"callcentre", 2000, 0, 1},
		{"callcentre", 14_100, 0, 7},
		{"callcentre", 2000, .1, 3}, // what a center has in its peak hour is 0.031 calls a second
		{"callcentre", 2000, 100, 64},
		{"meeting", 1800, 0, 64},
		{"meeting", 90, 0, 10},
	} {
		o := days(1, 1)
		o.Users, o.Rate = test.users, test.rate
		if got := makeWorld(t, preset(t, test.preset), o).Of; got != test.partitions {
			t.Errorf("%+v: %d partitions", test, got)
		}
	}
}

func TestParseSegment(t *testing.T) {
	for text, want := range map[string]string{
		"1/1": "", "2/4": "", "64/64": "",
		"": "like 2/4", "2": "like 2/4", "2/": "like 2/4", "/4": "like 2/4", "a/4": "like 2/4", "02/4": "like 2/4", "+2/4": "like 2/4", "1/2/3": "like 2/4",
		"0/4": "from 1/4 to 4/4", "5/4": "from 1/4 to 4/4", "-1/4": "from 1/4 to 4/4", "1/0": "at most 1024", "1/2000": "at most 1024",
	} {
		s, err := traffic.ParseSegment(text)
		switch {
		case want == "" && (err != nil || s.String() != text):
			t.Errorf("%q: %v, %v", text, s, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Shares of all segments are the whole, and there are no more segments than partitions.
func TestShares(t *testing.T) {
	for n := range 50 {
		sum := 0
		for i := range 7 {
			sum += traffic.Segment{Index: i + 1, Of: 7}.Share(n)
		}
		if sum != n || (traffic.Segment{}).Share(n) != n {
			t.Errorf("the shares of %d are %d", n, sum)
		}
	}
	o := days(1, 1)
	o.Segment = traffic.Segment{Index: 9, Of: 9}
	if _, err := traffic.New(preset(t, "consumer"), o); err == nil || !strings.Contains(err.Error(), "9/9: 2000 users are in 8 partitions: want at most 8 segments, or more users") {
		t.Error(err)
	}
}
