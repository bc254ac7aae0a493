// Package backend has the contract suite beside scenarios and steps of its own.
package backend

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/cucumber/godog"

	"ringback/features"
	"ringback/fixtures/receiver"
	"ringback/fixtures/receiver/broken"
)

// All scenarios, Ringback's and one's own: one verdict, one exit code, one JUnit file.
// TAGS='@smoke or @v4' selects some.
func TestContract(t *testing.T) {
	app := start(t)
	suite := features.Suite{
		Options: *app.options(t),
		Folders: []features.Folder{{Path: "."}},
		Steps:   app.steps,
		Tags:    os.Getenv("TAGS"),
		Rerun:   func(tags string) string { return fmt.Sprintf("TAGS='%s' go test -run TestContract .", tags) },
	}
	if code := features.Main(t.Context(), suite, "junit="+file(t, "ringback.xml"), "html="+file(t, "ringback.html")); code != 0 {
		t.Errorf("exit code %d: ringback help exit-codes", code)
	}
}

// One's own scenarios under godog itself: its formatters, its flags, a subtest each.
func TestGodog(t *testing.T) {
	app := start(t)
	o := app.options(t)
	code := godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			features.Register(sc, o)
			app.steps(sc)
		},
		Options: &godog.Options{
			Format: "pretty,junit:" + file(t, "godog.xml") + ",cucumber:" + file(t, "cucumber.json"),
			Paths:  []string{"."}, Concurrency: 4, Strict: true, TestingT: t,
		},
	}.Run()
	if code != 0 {
		t.Errorf("godog ended with %d", code)
	}
}

// Some of Ringback's scenarios under godog itself.
func TestSubset(t *testing.T) {
	o := start(t).options(t)
	code := godog.TestSuite{
		ScenarioInitializer: func(sc *godog.ScenarioContext) { features.Register(sc, o) },
		Options: &godog.Options{
			Format: "cucumber:" + file(t, "subset.json"), FS: features.Files(), Paths: []string{"results.feature"}, Tags: "@v1", Strict: true, TestingT: t,
		},
	}.Run()
	if code != 0 {
		t.Errorf("godog ended with %d", code)
	}
}

// file is where a report goes: in the folder REPORTS.
func file(t *testing.T, name string) string {
	dir := os.Getenv("REPORTS")
	if dir == "" {
		dir = t.TempDir()
	}
	return filepath.Join(dir, name)
}

// app is the backend under test. Yours would be started here, or be at a URL.
type app struct{ url string }

// start starts Ringback's reference receiver, or one with a defect: BROKEN=counts_duplicates.
func start(t *testing.T) *app {
	t.Helper()
	var handler http.Handler
	var closer io.Closer
	var err error
	config := receiver.Config{SDKAppID: "1400000001"}
	if name := os.Getenv("BROKEN"); name != "" {
		handler, closer, err = broken.New(name, config)
	} else {
		r, failed := receiver.New(config)
		handler, closer, err = r, r, failed
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = closer.Close() })
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &app{server.URL}
}

func (a *app) options(t *testing.T) *features.Options {
	t.Helper()
	const patience = 20 * time.Second // with a machine that is busy; the real sender waits for 2 s
	o, err := features.ForURL(a.url+"/callback", features.Probe(a.url+"/calls/{CallId}"), features.Timeout(patience))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// seen is what one scenario knows. It is in the context: scenarios play side by side.
type seen struct{ members []string }

type seenKey struct{}

// steps adds one's own steps and hooks, to Ringback's suite and to godog's.
func (a *app) steps(sc *godog.ScenarioContext) {
	sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
		return context.WithValue(ctx, seenKey{}, new(seen)), nil
	})
	sc.After(func(ctx context.Context, s *godog.Scenario, err error) (context.Context, error) {
		if err != nil && s.Uri == "rows.feature" { // hooks are called for Ringback's scenarios, too
			for _, c := range features.CallsOf(ctx) {
				godog.Logf(ctx, "%s: see the log of my backend for call %s", s.Name, c.ID)
			}
		}
		return ctx, nil
	})
	sc.Then(`^my database has one row of each call$`, a.oneRow)
	sc.Then(`^the row says (\w+)$`, a.theRowSays)
	sc.Then(`^each callback was sent twice$`, sentTwice)
	sc.When(`^my admin looks$`, a.adminLooks)
	sc.Then(`^the admin saw (\w+) and (\w+)$`, adminSaw)
}

// row is what the backend stored of a call.
type row struct {
	Count   int      `json:"count"`
	Result  string   `json:"result"`
	Members []string `json:"members"`
}

// row asks the backend. Yours may ask its database instead.
func (a *app) row(id string) (r row, err error) {
	answer, err := http.Get(a.url + "/calls/" + id)
	if err != nil {
		return r, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound {
		return r, nil
	}
	return r, json.NewDecoder(answer.Body).Decode(&r)
}

// At a Then all callbacks have been delivered: there is nothing to wait for.
func (a *app) oneRow(ctx context.Context) error {
	for _, c := range features.CallsOf(ctx) {
		r, err := a.row(c.ID)
		if err != nil {
			return err
		}
		if r.Count != 1 {
			return fmt.Errorf("call %s, which ended as %s, has %d rows in my database, want 1", c.ID, c.Result, r.Count)
		}
	}
	return nil
}

func (a *app) theRowSays(ctx context.Context, want string) error {
	r, err := a.row(features.CallsOf(ctx)[0].ID)
	if err == nil && r.Result != want {
		err = fmt.Errorf("the row says %q, want %q", r.Result, want)
	}
	return err
}

func sentTwice(ctx context.Context) {
	for _, c := range features.CallsOf(ctx) {
		for _, b := range c.Callbacks {
			if n := len(b.Attempts); n != 2 || !b.Acknowledged {
				godog.T(ctx).Errorf("%s was sent %d times, and is %s: %s", b.Word, n, b.State, b.Body)
			}
		}
	}
}

// Before a Then, what is due now has been delivered; Deliver also waits for retries.
func (a *app) adminLooks(ctx context.Context) error {
	if err := features.Deliver(ctx); err != nil {
		return err
	}
	r, err := a.row(features.CallsOf(ctx)[0].ID)
	ctx.Value(seenKey{}).(*seen).members = r.Members
	return err
}

func adminSaw(ctx context.Context, one, other string) error {
	got := ctx.Value(seenKey{}).(*seen).members
	slices.Sort(got)
	if want := []string{one, other}; !slices.Equal(got, want) {
		return fmt.Errorf("the admin saw %s, want %s", got, want)
	}
	return nil
}
