package traffic_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ringback/fixtures"
	"ringback/sim/traffic"
)

// Every value of a preset says where it comes from and how sure it is.
func TestPresetSources(t *testing.T) {
	value := regexp.MustCompile(`^ *[a-z_]+: +[^ #]`)
	source := regexp.MustCompile(`# +(V|Va|N|A) `)
	for _, name := range fixtures.Presets() {
		text, _ := fixtures.Preset(name)
		comment := "" // above the value
		n := 0
		for i, line := range strings.Split(string(text), "\n") {
			switch {
			case strings.HasPrefix(strings.TrimSpace(line), "#"):
				comment += line
				continue
			case value.MatchString(line):
				n++
				if !source.MatchString(line+" ") && !regexp.MustCompile(`\b(V|Va|N|A)[:,]`).MatchString(comment) {
					t.Errorf("%s, line %d: %q has no source", name, i+1, line)
				}
			}
			comment = ""
		}
		if n < 20 {
			t.Errorf("%s: found %d values", name, n)
		}
	}
}

func TestParseErrors(t *testing.T) {
	good, _ := fixtures.Preset("consumer")
	meeting, _ := fixtures.Preset("meeting")
	centre, _ := fixtures.Preset("callcentre")
	for _, c := range []struct{ name, text, from, to, want string }{
		{"unknown key", string(good), "timeout:", "timeot:", `unknown field "timeot"`},
		{"wrong type", string(good), "users: 2000", "users: many", "line"},
		{"share", string(good), "answer: .82", "answer: 1.82", "ring.answer: 1.82: want 0 to 1"},
		{"shares together", string(good), "reject: .06 ", "reject: .26 ", "ring.answer + reject: 1.08: want 0 to 1"},
		{"law", string(good), `"LN(7.9s, 0.55)"`, `"LN(7.9s)"`, `want like "LN(30s, 0.9)"`},
		{"law without unit", string(good), `"LN(7.9s, 0.55)"`, `"LN(7.9, 0.55)"`, `"7.9" is no duration`},
		{"weights", string(good), "0.60 LN(30s", "0.50 LN(30s", "the weights add up to 0.9, want 1"},
		{"hours", string(good), ".25, .14, ", "", "arrivals.profile: want flat, or a list of the 24 hours' weights"},
		{"week", string(good), "[1, 1, 1, 1, 1, .9, .85]", "[1, 1]", "arrivals.week: has 2 weights, want 7"},
		{"two kinds", string(good), "video: .35", "video: .35\ncentre: {customers: 5, agents: 2, calls_per_peak_hour: 9}", "people, centre, team: want exactly one of the three, got 2"},
		{"platforms", string(good), "iOS: .40", "iOS: .50", "platforms: the shares add up to 1.1, want 1"},
		{"redial without a law", string(good), `after: "LN(120s, 1.0)", `, "", "retry.call_busy.after: is missing"},
		{"agents call back", string(centre), `{redial: .70, `, "{back: .5, redial: .70, ", "retry.call_busy.back: 0.5: want 0; only people"},
		{"sizes", string(meeting), "9: .05", "10: .05", "team.sizes: 10: want 3 to 9"},
		{"no YAML", "a: [", "", "", "line"},
		{"nothing", "", "", "", "users: 0: want 2 to 4000000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(c.text, c.from) {
				t.Fatalf("the preset has no %q", c.from)
			}
			_, err := traffic.Parse([]byte(strings.Replace(c.text, c.from, c.to, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// A law that is written is the law that was read.
func TestLawText(t *testing.T) {
	for _, text := range []string{"0.3s", "LN(30s, 0.9)", "Exp(3s)", "0.6 LN(30s, 0.9) + 0.4 LN(264s, 1.1)", "0.03 Exp(3s) + 0.97 LN(30s, 0.5)"} {
		l, err := traffic.ParseLaw(text)
		if err != nil || l.String() != text {
			t.Errorf("%s became %s, %v", text, l, err)
		}
	}
	for text, want := range map[string]string{
		"LN(30s, 0.9":            "", // a missing bracket is forgiven
		"Exp(0s)":                "a median or mean of 0",
		"Norm(3s)":               "want like",
		"LN(-3s, 1)":             "is not from 0s",
		"LN(3s, 9)":              "sigma 9, want 0 to 5",
		"2 LN(3s, 1) + 1 Exp(1)": "has no weight from 0 to 1",
		"":                       "want like",
	} {
		if _, err := traffic.ParseLaw(text); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestLawBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, err := traffic.ParseLaw("0.1 Exp(400h) + 0.2 3s + 0.7 LN(300h, 4)")
		if err != nil {
			t.Fatal(err)
		}
		s := l.Seconds(rapid.Float64Range(0, 0.9999999999999999).Draw(t, "pick"), rapid.Float64Range(0, 0.9999999999999999).Draw(t, "u"))
		if !(s >= 0 && s <= 30*24*3600) {
			t.Fatalf("%g seconds", s)
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, name := range fixtures.Presets() {
		text, _ := fixtures.Preset(name)
		f.Add(string(text))
	}
	f.Add("users: 3\nring: {patience: \"Exp(1s)\"}\narrivals: {profile: flat}")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := traffic.Parse([]byte(text))
		if err != nil || m.Users > 10_000 {
			return
		}
		w, err := traffic.New(m, traffic.Options{Epoch: monday, Until: monday + 60_000})
		if err != nil {
			t.Fatalf("a model that was read has an error: %v", err)
		}
		n := 0
		for range w.Calls() {
			if n++; n == 100 {
				return
			}
		}
	})
}
