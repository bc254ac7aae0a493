package features

import (
	"fmt"
	"io/fs"
	"slices"

	"ringback/features/report"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// Suite says what to run, and how; its Options say which receiver to judge.
type Suite struct {
	Options
	Extra       fs.FS           // .feature files that are run with ours; nil: none
	ExtraPath   string          // where they are, as reports name it
	Only        bool            // run Extra alone
	Select      wire.Generation // whose scenarios are run, though the receiver may take fewer: those are skipped; 0 means its own
	Tags        string          // an expression like '@v1 and not @group'; a scenario also has the tag of its name
	Level       string          // from which on a failure counts: must (also if empty) or should
	CallTypes   string          // scenarios with calls of another type are left out: single, group or all (also if empty)
	Known       []string        // tags (see [Result.Tag]) of scenarios that are known to fail: they warn
	Concurrency int             // scenarios at once; 0 means 8
	MaxFailures int             // no scenario begins once this many failed (what warns does not count); 0 means no limit
	// KeepCallIDs makes all scenarios use the dialect's CallIds, even if the receiver
	// takes none of them. Otherwise they continue with readable ones.
	KeepCallIDs bool
	// Before, if set, is called before anything is judged, with a request that the
	// receiver acknowledged: it may be sent again.
	Before func(acknowledged *delivery.Request)
	// Hangs, if set, is told once, in words, that the receiver hangs and when the
	// suite will end because of it.
	Hangs func(text string)
	// Forbidden, if set, is told the HTTP status, 401 or 403, if the receiver refuses
	// the first call with nothing else: each scenario will find the same.
	Forbidden func(status int)
	// Note, if set, is told in words that the suite takes long, or plays fewer scenarios at
	// once, and why.
	Note func(text string)
	// Progress, if set, gets each result as it comes, one at a time.
	Progress func(*report.Result)
	// Rerun makes the command that runs one scenario again, by a tag expression.
	Rerun func(tags string) string
	// Version goes into the report.
	Version string

	selected int  // how many scenarios
	foretold bool // that the pre-flight takes long
}

// CallTypes are the types of calls that [Suite.CallTypes] chooses among.
var CallTypes = []string{"single", "group", "all"}

// check returns an error that names a wrong field.
func (s *Suite) check() error {
	switch {
	case s.Level != "" && s.Level != "must" && s.Level != "should":
		return fmt.Errorf("features.Suite.Level is %q: want must or should", s.Level)
	case s.CallTypes != "" && !slices.Contains(CallTypes, s.CallTypes):
		return fmt.Errorf("features.Suite.CallTypes is %q: want single, group or all", s.CallTypes)
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
	if s.Concurrency == 0 {
		s.Concurrency = 8
	}
	if s.Rerun == nil {
		s.Rerun = func(tags string) string { return fmt.Sprintf("ringback verify --tags %q", tags) }
	}
}
