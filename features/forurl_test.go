package features_test

import (
	"strings"
	"testing"
	"time"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures/harness"
	"ringback/fixtures/receiver"
	"ringback/sim/wire"
)

// A suite made from strings alone judges a receiver, and looks at what it stored.
func TestForURL(t *testing.T) {
	r, err := receiver.New(receiver.Config{SDKAppID: "1400000007"})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	server := harness.Serve(t, r)
	o, err := features.ForURL(server.URL+"/callback",
		features.Probe(server.URL+"/calls/{CallId}", "count=count"), features.ProbeHeaders("X-Token: hush-hush"), features.ProbeResults("FAILED=interrupt,offline"),
		features.Generation("v1"), features.CallTypes("single"), features.Subscribe("normal_end", "cancel"), features.SDKAppID(1400000007),
		features.Users(map[string]string{"alice": "10001", "bob": "10002"}), features.Dialect("v4_retry=v1"), features.Sign("token"), features.Timeout(longest))
	if err != nil {
		t.Fatal(err)
	}
	o.Poll = longest
	rep := wantPassed(t, features.Suite{Options: *o, Tags: "@clause-v1-result-cancel-acknowledged or @clause-duplicate-stored-once"}, func(*report.Result) bool { return true })
	if o.Generation != wire.V1 || !rep.Probe || rep.Count(report.Passed) == 0 {
		t.Errorf("generation %s, the probe is asked: %t, %d passed", o.Generation, rep.Probe, rep.Count(report.Passed))
	}
	// What is left out is said in the words of Go, which has no flags.
	o.Probe = nil
	rep, err = features.Run(t.Context(), features.Suite{Options: *o, Tags: "@clause-duplicate-stored-once"})
	if err != nil || len(rep.Scenarios) == 0 {
		t.Fatalf("%d scenarios, %v", len(rep.Scenarios), err)
	}
	for i := range rep.Scenarios {
		if s := &rep.Scenarios[i]; s.Status != report.Skipped || !strings.HasSuffix(s.Message, ": features.Options.Probe") {
			t.Errorf("%s: %s: %s", s.Name, s.Status, s.Message)
		}
	}
}

// The error of an option names it, what it got and what would be right.
func TestForURLNamesWhatIsWrong(t *testing.T) {
	const url = "http://127.0.0.1:3000/callback"
	for _, test := range []struct {
		target string
		option features.Option
		want   string
	}{
		{"127.0.0.1:3000", nil, `features.ForURL: URL "127.0.0.1:3000": want it to start with http:// or https://`},
		{url, features.Probe(""), `features.Probe: the URL is empty; want one like "http://127.0.0.1:3000/calls/{CallId}"`},
		{url, features.Probe("http://127.0.0.1:3000/calls"), "features.Probe: "},
		{url, features.Probe("http://127.0.0.1:3000/calls/{CallId}", "cont=rows"), "features.Probe: field "},
		{url, features.ProbeHeaders("X-Token: hush-hush"), "features.Probe is missing"},
		{url, features.Generation("v2"), `features.Generation: generation "v2": want v1, v4 or both`},
		{url, features.CallTypes("one"), `features.CallTypes: "one": want single, group, all`},
		{url, features.Subscribe("normal_ende"), `features.Subscribe: `},
		{url, features.Subscribe(), `features.Subscribe: no word is given`},
		{url, features.Users(map[string]string{"alice": ""}), "features.Users: the id of alice is empty"},
		{url, features.Dialect("v4_retri=v1"), "features.Dialect: "},
		{url + "?Sign=1", features.Sign("hush-hush"), "features.Sign: "},
		{url, features.Timeout(-time.Second), "features.Timeout: -1s: want more than 0"},
	} {
		options := []features.Option{test.option}
		if test.option == nil {
			options = nil
		}
		o, err := features.ForURL(test.target, options...)
		if o != nil || err == nil || !strings.HasPrefix(err.Error(), test.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}
