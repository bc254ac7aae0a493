package features

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"

	"github.com/cucumber/godog"

	"ringback/features/report"
	"ringback/sim/delivery"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// Suite says what to run, and how; its Options say which receiver to judge. The zero
// value of all other fields plays the whole contract suite.
type Suite struct {
	Options

	// Scenarios and steps of your own.
	Folders []Folder // .feature files that are played with ours
	Only    bool     // play those alone
	// Steps adds steps and hooks of your own to a scenario: it is called for each, and
	// once before anything is played. Hooks are called for our scenarios, too.
	Steps func(*godog.ScenarioContext)

	// Which scenarios are played.
	Tags        string          // an expression like '@v1 and not @group'; a scenario also has the tag of its name
	Select      wire.Generation // whose scenarios are played, though the receiver may take fewer: those are skipped; 0 means its own
	Concurrency int             // scenarios at once; 0 means 8
	MaxFailures int             // no scenario begins once this many failed (what warns does not count); 0 means no limit
	// KeepCallIDs makes all scenarios use the dialect's CallIds, even if the receiver
	// takes none of them. Otherwise they continue with readable ones.
	KeepCallIDs bool

	// What counts, and what reports say.
	Level   string                   // from which on a failure counts: must (also if empty) or should
	Known   []string                 // tags (see [report.Result.Tag]) of scenarios that are known to fail: they warn
	Rerun   func(tags string) string // makes the command that plays some scenarios again, by a tag expression
	Version string                   // of the program

	// What is called meanwhile; each may be nil.
	Progress  func(*report.Result) // with each result as it comes, one at a time
	Note      func(text string)    // with words, if the suite takes long or plays fewer scenarios at once
	Hangs     func(text string)    // once, with words, if the receiver hangs: when the suite will end because of it
	Forbidden func(status int)     // with 401 or 403, if the receiver refuses the first call with nothing else: each scenario will find the same
	// Acknowledged is called before anything is judged, with a request that the receiver
	// acknowledged: it may be sent again.
	Acknowledged func(*delivery.Request)

	own      []*regexp.Regexp // the patterns of Steps
	selected int              // how many scenarios
	foretold bool             // that the pre-flight takes long
}

// Folder has .feature files of your own.
type Folder struct {
	Path  string // of a folder; with Files, only how reports name it
	Files fs.FS  // the files, if they are not at Path
}

// check returns an error that names a wrong field.
func (s *Suite) check() error {
	switch {
	case s.Level != "" && s.Level != "must" && s.Level != "should":
		return fmt.Errorf("features.Suite.Level is %q: want must or should", s.Level)
	case s.MaxFailures < 0:
		return fmt.Errorf("features.Suite.MaxFailures is %d: want 1 or more, or 0 for no limit", s.MaxFailures)
	case s.Concurrency < 0:
		return fmt.Errorf("features.Suite.Concurrency is %d: want 1 or more, or 0 for 8", s.Concurrency)
	}
	return s.Options.check()
}

func (s *Suite) complete() {
	s.Options.complete()
	s.version = s.Version
	s.inGo = s.inGo || s.Steps != nil || s.connections != nil
	if s.Concurrency == 0 {
		s.Concurrency = 8
	}
	if s.Rerun == nil {
		s.Rerun = s.rerun
	}
}

// rerun is a command that plays some scenarios again. The program knows neither steps of
// others nor options from Go.
func (s *Suite) rerun(tags string) string {
	command, how := "ringback verify", " --tags "+text.Shell(tags)
	if s.inGo {
		command, how = "go test .", " # with features.Suite.Tags "+strconv.Quote(tags)
	}
	if tags == "" { // all
		return command
	}
	return command + how
}
