package features_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing/fstest"
	"time"

	"github.com/cucumber/godog"

	"ringback/features"
	"ringback/fixtures/receiver"
)

// backend is an app backend to judge.
func backend() (url string, stop func(), err error) {
	r, err := receiver.New(receiver.Config{SDKAppID: "1400000001"})
	if err != nil {
		return "", nil, err
	}
	server := httptest.NewServer(r)
	return server.URL, func() { server.Close(); _ = r.Close() }, nil
}

// The suite judges a receiver from Go.
func Example() {
	url, stop, err := backend()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	o, err := features.ForURL(url+"/callback", features.Probe(url+"/calls/{CallId}"), features.Timeout(time.Minute))
	if err != nil {
		fmt.Println(err)
		return
	}
	rep, err := features.Run(context.Background(), features.Suite{Options: *o, Tags: "@clause-v1-result-cancel-acknowledged"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range rep.Scenarios {
		fmt.Println(s.Status, s.Name)
	}
	fmt.Println(rep.Verdict(), rep.ExitCode())
	// Output:
	// passed A status callback of cancel is acknowledged
	// pass 0
}

// Scenarios and steps of one's own are played in the same run, and are in its report.
func Example_ownSteps() {
	url, stop, err := backend()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	o, err := features.ForURL(url+"/callback", features.Generation("v1"), features.Timeout(time.Minute))
	if err != nil {
		fmt.Println(err)
		return
	}
	rep, err := features.Run(context.Background(), features.Suite{
		Options: *o,
		Folders: []features.Folder{{Path: "features", Files: fstest.MapFS{"mine.feature": {Data: []byte(`
Feature: Mine
  Scenario: A call that is declined
    When alice calls bob
    And at 3s bob declines
    Then my backend knows the call
`)}}}},
		Steps: func(sc *godog.ScenarioContext) {
			sc.Then(`^my backend knows the call$`, func(ctx context.Context) error {
				c := features.CallsOf(ctx)[0]
				answer, err := http.Get(url + "/calls/" + c.ID)
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, answer.Body)
				if answer.StatusCode != http.StatusOK {
					return fmt.Errorf("call %s, which ended as %s: HTTP %d", c.ID, c.Result, answer.StatusCode)
				}
				return err
			})
		},
		Tags: "@a-call-that-is-declined or @clause-v1-result-cancel-acknowledged",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range rep.Scenarios {
		fmt.Println(s.Status, s.Name)
	}
	// Output:
	// passed A call that is declined
	// passed A status callback of cancel is acknowledged
}

// The steps in a suite of godog's, with its own runner and formatters.
func ExampleRegister() {
	url, stop, err := backend()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stop()
	o, err := features.ForURL(url+"/callback", features.Probe(url+"/calls/{CallId}"), features.Timeout(time.Minute))
	if err != nil {
		fmt.Println(err)
		return
	}
	code := godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			features.Register(sc, o) // before hooks of your own, which see its calls then
		},
		Options: &godog.Options{Format: "progress", Output: io.Discard, FS: features.Files(), Paths: []string{"results.feature"}, Tags: "@clause-v1-result-stored", Strict: true},
	}.Run()
	fmt.Println(code)
	// Output:
	// 0
}
