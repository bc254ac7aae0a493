package traffic_test

import (
	"fmt"
	"regexp"
	"slices"
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

// presetText is the text of a preset.
func presetText(name string) string {
	text, _ := fixtures.Preset(name)
	return string(text)
}

const laws = `want like "LN(30s, 0.9)", "Exp(3s)", "0.3s", or "0.6 LN(30s, 0.9) + 0.4 LN(264s, 1.1)"`

// refused are presets with something in the place of something else, and why that is
// wrong.
var refused = []struct{ name, text, from, to, want string }{
	{"unknown key", presetText("consumer"), "timeout:", "timeot:", "ring.timeot: unknown key; want dial, fail, timeout, "},
	{"wrong type", presetText("consumer"), "users: 2000", "users: many", `users: "many": want a whole number`},
	{"part of one", presetText("consumer"), "users: 2000", "users: 20.5", "users: 20.5: want a whole number"},
	{"many more", presetText("consumer"), "users: 2000", "users: 99999999999999999999", `users: 99999999999999999999: want a whole number`},
	{"list for a number", presetText("consumer"), "zipf: 1.0", "zipf: [1]", "people.zipf: a list: want a number"},
	{"text for a number", presetText("consumer"), "zipf: 1.0", `zipf: "1.0"`, `people.zipf: "1.0": want a number`},
	{"no number", presetText("consumer"), "zipf: 1.0", "zipf: .nan", "people.zipf: .nan: want a number"},
	{"yes for a number", presetText("consumer"), "zipf: 1.0", "zipf: true", "people.zipf: true: want a number"},
	{"number for a map", presetText("consumer"), "session: {mean: 1.15, ", "session: 5 #", "arrivals.session: 5: want a map with mean, gap"},
	{"number for a word", presetText("callcentre"), "pinned: false", "pinned: 5", "centre.pinned: 5: want true or false"},
	{"anchor", presetText("consumer"), "zipf: 1.0", "zipf: *z", "has an alias without an anchor before it"},
	{"share", presetText("consumer"), "answer: .82", "answer: 1.82", "ring.answer: 1.82: want 0 to 1"},
	{"shares together", presetText("consumer"), "reject: .06 ", "reject: .26 ", "ring.answer + reject: 1.08: want 0 to 1"},
	{"law", presetText("consumer"), `"LN(7.9s, 0.55)"`, `"LN(7.9s)"`, `ring.answer_time: "LN(7.9s)" is not a distribution; ` + laws},
	{"law without unit", presetText("consumer"), `"LN(7.9s, 0.55)"`, `"LN(7.9, .55)"`, `ring.answer_time: "7.9" is not a duration; ` + laws},
	{"law of a number", presetText("consumer"), `"LN(7.9s, 0.55)"`, "8", `ring.answer_time: "8" is not a duration; ` + laws},
	{"empty law", presetText("consumer"), `"LN(7.9s, 0.55)"`, `""`, "ring.answer_time: is empty; " + laws},
	{"law of a map", presetText("consumer"), `"LN(7.9s, 0.55)"`, "{}", "ring.answer_time: a map: " + laws},
	{"no law", presetText("consumer"), `"LN(7.9s, 0.55)"`, "", "ring.answer_time: is missing; " + laws},
	{"weights", presetText("consumer"), "0.60 LN(30s", "0.50 LN(30s", "talk.audio: \"0.50 LN(30s, 0.9) + 0.40 LN(264s, 1.1)\": the weights add up to 0.9, want 1"},
	{"optional law", presetText("consumer"), `"0.03 Exp(3s) + 0.97 LN(30s, 0.5)"`, "[]", "ring.patience: a list: " + laws},
	{"duration without unit", presetText("consumer"), "timeout: 30s", "timeout: 30", "ring.timeout: 30: has no unit; want one like 30s"},
	{"no duration", presetText("consumer"), "timeout: 30s", `timeout: "+"`, `ring.timeout: "+" is not a duration; want one like 30s`},
	{"duration of a map", presetText("consumer"), "timeout: 30s", "timeout: {s: 30}", "ring.timeout: a map is not a duration; want one like 30s"},
	{"hours", presetText("consumer"), ".25, .14, ", "", "arrivals.profile: want flat, or a list of the 24 hours' weights"},
	{"hour", presetText("consumer"), ".25, .14, ", ".25, x, ", `arrivals.profile[1]: "x": want a number`},
	{"no hours", presetText("consumer"), "profile: [.25, .14, .08, .05, .05, .10, .25, .55, .90, 1.15, 1.30, 1.35,\n    1.25, 1.15, 1.15, 1.20, 1.30, 1.45, 1.65, 1.80, 1.75, 1.50, 1.05, .58]", "profile: round", "arrivals.profile: want flat, or a list of the 24 hours' weights"},
	{"week", presetText("consumer"), "[1, 1, 1, 1, 1, .9, .85]", "[1, 1]", "arrivals.week: has 2 weights, want 7"},
	{"no day", presetText("consumer"), "[1, 1, 1, 1, 1, .9, .85]", "[0, 0, 0, 0, 0, 0, 0]", "arrivals.week: all weights are 0"},
	{"two kinds", presetText("consumer"), "video: .35", "video: .35\ncentre: {customers: 5, agents: 2, calls_per_peak_hour: 9}", "people, centre, team: want exactly one of the three, got 2"},
	{"platforms", presetText("consumer"), "iOS: .40", "iOS: .50", "platforms: the shares add up to 1.1, want 1"},
	{"platform", presetText("consumer"), "iOS: .40", "Symbian: .40", "platforms.Symbian: is not a platform; want Android, iOS, iPad, Mac, macOS, miniProgram, Web, Windows"},
	{"redial without a law", presetText("consumer"), `after: "LN(120s, 1.0)", `, "", "retry.call_busy.after: is missing"},
	{"agents call back", presetText("callcentre"), `{redial: .70, `, "{back: .5, redial: .70, ", "retry.call_busy.back: 0.5: want 0; only in a model of people"},
	{"nobody calls", presetText("consumer"), "calls_per_day: 4", "calls_per_day: 0", "people.calls_per_day: 0: want more than 0"},
	{"no call starts", presetText("consumer"), "fail: .02", "fail: 1", "ring.fail: 1: want 0 to 0.99"},
	{"sessions", presetText("consumer"), "mean: 1.15", "mean: .5", "arrivals.session.mean: 0.5: want 1 to 20"},
	{"sessions without a law", presetText("consumer"), `, gap: "LN(90s, 1.0)"`, "", "arrivals.session.gap: is missing"},
	{"spike", presetText("consumer"), "habit: .5", "spikes: [{for: 1h, times: 2}]", "arrivals.spikes[0].at: is missing; want like"},
	{"spike at no time", presetText("consumer"), "habit: .5", "spikes: [{at: noon, for: 1h, times: 2}]", `arrivals.spikes[0].at: "noon" is not a time; want one like 2026-01-01T00:00:00Z`},
	{"sizes", presetText("meeting"), "9: .05", "10: .05", "team.sizes.10: want sizes from 3 to 9"},
	{"no sizes", presetText("meeting"), "9: .05", "few: .05", "team.sizes.few: want whole numbers as keys"},
	{"small team", presetText("meeting"), "members: 9", "members: 5", "team.sizes.6: want sizes from 3 to 5"},
	{"late", presetText("meeting"), "7: .51", "70: .51", "team.late.70: want sizes from 2 to 9"},
	{"late without a law", presetText("meeting"), "late_by:", "# late_by:", "team.late_by: is missing"},
	{"overrun without a law", presetText("meeting"), "overrun_by:", "# overrun_by:", "team.overrun_by: is missing"},
	{"rejoin without a law", presetText("meeting"), "rejoin_by:", "# rejoin_by:", "team.rejoin_by: is missing"},
	{"half a team", presetText("meeting"), "users: 1800", "users: 5", "users: 5: want at least team.members, 9"},
	{"no YAML", "a: [", "", "", "is not YAML: "},
	{"a key twice", presetText("consumer"), "users: 2000", "users: 2000\nusers: 2000", `has the key "users" for the second time in a map`},
	{"two documents", presetText("consumer") + "---\nusers: 3\n", "", "", "a second document begins"},
	{"a list", "[]", "", "", "a list: want a map with users, partitions, "},
	{"nothing", "", "", "", "users: 0: want 2 to 4000000"},
}

func TestParseErrors(t *testing.T) {
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(c.text, c.from) {
				t.Fatalf("the preset has no %q", c.from)
			}
			text := strings.Replace(c.text, c.from, c.to, 1)
			_, err := traffic.Parse([]byte(text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			key, _, _ := strings.Cut(c.want, ": ")
			line := 0
			if _, err := fmt.Sscanf(err.Error(), "line %d: "+key, &line); err != nil && c.name != "nothing" && c.name != "two kinds" {
				t.Fatalf("got %v, want a line and %s", err, key)
			}
			if parts := strings.FieldsFunc(key, func(r rune) bool { return strings.ContainsRune(".[ ", r) }); strings.Contains(key, ".") {
				there := strings.Split(text, "\n")[line-1] // has the key, or what it is missing in
				if !slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(there, part+":") }) {
					t.Errorf("%v: that line is %q", err, there)
				}
			}
			for _, word := range []string{"float64", "unmarshal", "traffic", "time.", "struct", "Go "} {
				if strings.Contains(err.Error(), word) {
					t.Errorf("%v: says %q", err, word)
				}
			}
		})
	}
	bounded := strings.NewReplacer("customers: 2000 ", "customers: 1 ", "agents: 20 ", "agents: 10000 ").Replace(presetText("callcentre"))
	if _, err := traffic.Parse([]byte(bounded)); err == nil || !strings.Contains(err.Error(), "centre.agents: 10000 in each of 2000 call centers: want at most 4000000") {
		t.Errorf("agents without end: %v", err)
	}
}

// A law that is written is the law that was read.
func TestLawText(t *testing.T) {
	for _, text := range []string{"0.3s", "LN(30s, 0.9)", "Exp(3s)", "0.6 LN(30s, 0.9) + 0.4 LN(264s, 1.1)", "0.03 Exp(3s) + 0.97 LN(30s, 0.5)"} {
		l, err := traffic.ParseDistribution(text)
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
		if _, err := traffic.ParseDistribution(text); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

func TestLawBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, err := traffic.ParseDistribution("0.1 Exp(400h) + 0.2 3s + 0.7 LN(300h, 4)")
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
