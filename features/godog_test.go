package features_test

import (
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/cucumber/godog"

	"ringback/features"
	"ringback/fixtures/harness"
	"ringback/sim/wire"
)

// The flags of godog: go test ./features -godog.tags=@v4 -godog.format=pretty -v
var godogOptions = godog.Options{Format: "progress", FS: features.Files(), Paths: []string{"."}, Strict: true, Randomize: -1, Concurrency: 8}

func init() { godog.BindFlags("godog.", flag.CommandLine, &godogOptions) }

// The suite runs under godog as any other does.
func TestFeatures(t *testing.T) {
	s := against(t, reference(t))
	o := godogOptions
	o.TestingT = t
	if testing.Short() && o.Tags == "" { // TestReferencePasses plays those of v1
		o.Tags = "@v4"
	}
	suite := godog.TestSuite{
		Name: "ringback", Options: &o,
		ScenarioInitializer: func(sc *godog.ScenarioContext) { features.Register(sc, &s.Options) },
	}
	if code := suite.Run(); code != 0 {
		t.Errorf("godog ended with %d", code)
	}
}

// guests are suites of somebody else with our steps: what their options lack,
// and what is said of it.
var guests = map[string]struct {
	steps   []string
	options func(o *features.Options)
	passes  bool
	says    string
}{
	"judged":          {[]string{"When alice calls bob", "Then every callback is acknowledged"}, nil, true, ""},
	"no probe":        {[]string{"When an audio call ends as reject", "Then one end is stored"}, nil, false, "not judged: it takes a look at what the receiver stored: features.Options.Probe"},
	"no probe, skips": {[]string{"When an audio call ends as reject", "Then one end is stored"}, skipUnjudged, true, "skipped: it takes a look at what the receiver stored: features.Options.Probe"},
	"v4 alone":        {[]string{"Given the callbacks are v1", "When alice calls bob", "Then every callback is acknowledged"}, onlyV4, true, "skipped: the receiver takes v4 callbacks only"},
	"no group calls":  {[]string{"When alice calls bob and carol", "Then every callback is acknowledged"}, func(o *features.Options) { o.CallTypes = "single" }, true, "skipped: it has calls of another type: features.Options.CallTypes is single"},
	"call types":      {[]string{"When alice calls bob", "Then every callback is acknowledged"}, func(o *features.Options) { o.CallTypes = "one" }, false, `features.Options.CallTypes is "one": want single, group, all`},
	"ours within":     {[]string{"When alice calls bob", "Then the sun is dark"}, nil, false, "want a refusal"},
	"no Then":         {[]string{"Given the callbacks are v1", "When alice calls bob"}, nil, false, "the scenario is at fault, not the receiver, before scenario hook failed: the scenario has no Then that judges the receiver"},
	"own Then":        {[]string{"When alice calls bob", "Then the moon is full"}, nil, true, ""},
	"dropped":         {[]string{`Given the faults are "drop"`, "When alice calls bob", "Then every callback is acknowledged"}, nil, false, "the scenario is at fault, not the receiver, there was nothing to look at: no callback was sent"},
	"refused":         {[]string{"When alice calls bob", "And at 3s bob declines", "And at 5s bob answers", "Then every callback is acknowledged"}, nil, false, "the scenario is at fault, not the receiver, bob cannot accept: the call is over"},
	"refused at all":  {[]string{"When alice calls bob", "Then every callback is refused"}, nil, false, "want a refusal"},
	"no target":       {[]string{"When alice calls bob", "Then every callback is acknowledged"}, noTarget, false, "before scenario hook failed: features.Options.Target is missing"},
	"no registration": {[]string{"When alice calls bob", "Then every callback is acknowledged"}, func(o *features.Options) { o.Targets = []features.Target{} }, false, "features.Options.Targets is empty"},
	"no endpoint":     {[]string{"When alice calls bob", "Then every callback is acknowledged"}, func(o *features.Options) { o.Targets = []features.Target{{}} }, false, "features.Options.Targets[0].Endpoint is missing"},
}

func skipUnjudged(o *features.Options) { o.SkipUnjudged = true }
func onlyV4(o *features.Options)       { o.Generation = wire.V4 }
func noTarget(o *features.Options)     { o.Target = nil }

// guest runs one of them, in a process that TestGuests started.
func guest(t *testing.T, name string, under *testing.T) {
	server := harness.Serve(t, reference(t))
	target := harness.Endpoint(t, server.URL+"/callback")
	o := &features.Options{Target: target, Timeout: longest} // the sender is the one there is
	g := guests[name]
	if g.options != nil {
		g.options(o)
	}
	code := godog.TestSuite{
		Name: name,
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			features.Register(sc, o)
			sc.Step("^the moon is full$", func() {})
			sc.Step("^the sun is dark$", func() godog.Steps { return godog.Steps{"every callback is refused"} })
		},
		Options: &godog.Options{
			Format: "pretty", NoColors: true, Strict: true, TestingT: under,
			FeatureContents: []godog.Feature{{Name: "guest.feature", Contents: []byte("Feature: A guest\n  Scenario: a scenario\n    " + strings.Join(g.steps, "\n    ") + "\n")}},
		},
	}.Run()
	if code != 0 {
		t.Errorf("godog ended with %d", code)
	}
}

// A scenario in somebody else's suite that could not be judged is not silently
// green, under go test and without: it fails, or the reason is printed. Failed
// scenarios would fail this test, so that they are those of another process.
func TestGuests(t *testing.T) {
	const variable = "RINGBACK_TEST_GUEST"
	if by, name, ok := strings.Cut(os.Getenv(variable), ": "); ok {
		guest(t, name, map[string]*testing.T{"go test": t}[by])
		return
	}
	for name, g := range guests {
		for _, by := range []string{"go test", "godog"} {
			t.Run(name+" by "+by, func(t *testing.T) {
				t.Parallel()
				cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestGuests$", "-test.v")
				cmd.Env = append(os.Environ(), variable+"="+by+": "+name)
				out, err := cmd.CombinedOutput()
				const atFault = "the scenario is at fault"
				if blamed, want := strings.Contains(string(out), atFault), strings.Contains(g.says, atFault); blamed != want {
					t.Errorf("the scenario is blamed: %t, want %t:\n%s", blamed, want, out)
				}
				if passes := err == nil; passes != g.passes || !strings.Contains(string(out), g.says) || strings.Contains(string(out), "goroutine ") {
					t.Errorf("passes: %t, want %t, and to read %q:\n%s", passes, g.passes, g.says, out)
				}
			})
		}
	}
}
