package features_test

import (
	"flag"
	"testing"

	"github.com/cucumber/godog"

	"ringback/features"
)

// The flags of godog: go test ./features -godog.tags=@v4 -godog.format=pretty -v
var godogOptions = godog.Options{Format: "progress", Paths: []string{"."}, Strict: true, Randomize: -1, Concurrency: 8}

func init() { godog.BindFlags("godog.", flag.CommandLine, &godogOptions) }

// The suite runs under godog as any other does.
func TestFeatures(t *testing.T) {
	s := against(t, reference(t))
	o := godogOptions
	o.TestingT = t
	suite := godog.TestSuite{
		Name: "ringback", Options: &o,
		ScenarioInitializer: func(sc *godog.ScenarioContext) { features.Register(sc, &s.Options) },
	}
	if code := suite.Run(); code != 0 {
		t.Errorf("godog ended with %d", code)
	}
}
