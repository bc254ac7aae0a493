package report

import (
	"slices"
	"time"
)

// Status is what became of a scenario.
type Status string

// The statuses of a scenario.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Warned  Status = "warned"  // failed, but it only should pass
	Skipped Status = "skipped" // it could not be judged; the message says why
	Errored Status = "error"   // it is at fault itself, like one in which a phone answers that does not ring
)

// Report is what a run of the suite found.
type Report struct {
	Version    string
	InGo       bool // its words are for a program in Go, which has no flags
	Seed       uint64
	Epoch      time.Time
	Run        string    // the token in all ids
	Generation string    // v1, v4 or both
	Target     string    // without the secrets of its query
	Probe      bool      // whether the receiver was asked what it stored
	Unasked    bool      // there was a probe, and no scenario that was judged asked it
	Rerun      string    // a command that runs it all again
	Reason     string    // why nothing was judged, if something kept the suite from it; else empty
	Began      time.Time // by this machine's clock
	Took       time.Duration
	Scenarios  []Result
	Clauses    []Coverage

	NotJudged   []string // what was left out, and why, like "group calls, by --call-types single"
	KnownPassed []string // tags of scenarios that are known to fail, and passed
	ReadableIDs bool     // no CallId of 36 characters is taken, so only scenarios about those sent them
	Known       []string // tags of the scenarios that are known to fail
	LeftOut     []string // flags or fields by which scenarios of must clauses may be left out, like --subscribe
	MaxFailures int      // scenarios that may fail before the suite stops; 0: any number
	NotPlayed   int      // scenarios that were skipped because the suite stopped so
}

// Failing lists the tags of the scenarios that fail from the suite's level on, and of
// those in Known that did not pass: one that was not judged is as it was known. They
// are sorted, each once.
func (r *Report) Failing() []string {
	tags := slices.DeleteFunc(slices.Clone(r.Known), func(tag string) bool { return slices.Contains(r.KnownPassed, tag) })
	for i := range r.Scenarios {
		if s := &r.Scenarios[i]; s.Tag != "" && s.Status == Failed {
			tags = append(tags, s.Tag)
		}
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

// Result is what became of one scenario.
type Result struct {
	Name    string
	Feature string // its title
	Rule    string // the title of its rule, if it is in one
	File    string
	Line    int
	Ours    bool // the file is one of the suite's own, not of whoever runs it
	Tags    []string
	Tag     string   // selects it alone: of its name, or of its place if others have the name
	Clauses []string // ids
	Level   string   // must or should: of its clauses, or if it failed, of those whose assertions failed
	Status  Status
	Known   bool   // it did not pass, and is known to: see [Report.Known]
	Step    string // the one that failed
	Message string // what was expected, and what was found
	// Findings are what was found wrong, with the exchanges that were judged;
	// none if the step failed for a reason that is not the receiver's.
	Findings []Finding
	Rerun    string // a command that runs this one alone
	Took     time.Duration
	History  []Moment
}

// Moment is one thing that happened in a scenario: a fact, or an attempt.
type Moment struct {
	At   time.Duration // simulated time since the scenario's start
	Fact string        // in words, like "bob answers"; empty for an attempt
	*Exchange
}

// Exchange is an attempt and its answer.
type Exchange struct {
	Delivery    uint64 // counts the scenario's callbacks
	CallID      string
	Word        string // what was subscribed to, like normal_end
	User        string
	Attempt     int
	MaxAttempts int      // of the callback
	Faults      []string // that hit the callback
	URL         string   // path and query
	Body        string   // of the request, or its beginning
	Sent        int      // bytes of the body of which Body is the beginning; 0 if it is all of it
	Status      int      // of HTTP; 0 without an answer
	Answer      string   // its body, or the beginning
	Whole       int      // bytes of the body of which Answer is the beginning; 0 if it is all of it
	Verdict     string   // acked, or what is wrong, like error_code
	Reason      string   // the verdict in words
	Unlike      string   // why an acknowledged answer is not as documented; empty if it is
	Good        bool     // it acknowledges the callback, though perhaps without an ErrorInfo
	Then        string   // what followed: acked, retry, abandoned; empty if it was still open
	Took        time.Duration
}

// Coverage is a clause with the scenarios that hold the receiver to it.
type Coverage struct {
	ID, Document, Section, Generation, Words string

	Extension string   // what it is part of instead of the pages; else empty. It is in no total
	Level     string   // must or should: of the report's generations, the stricter
	Levels    string   // the same in words, like "v1 must, v4 should" where they differ
	Scenarios []string // names
	Status    Status   // the worst of them; skipped if there is none
}

// Verdict is pass; fail if a scenario failed that must pass; none if no scenario
// was judged, because none was selected or all were skipped, or if one is at fault
// itself and so did not judge what it is there for.
func (r *Report) Verdict() string {
	switch {
	case r.Count(Failed) > 0:
		return "fail"
	case r.Count(Errored) == 0 && r.Count(Passed)+r.Count(Warned) > 0:
		return "pass"
	}
	return "none"
}

// ExitCode is the exit code of `ringback verify` for a report: 0 for the verdict pass, 1 for
// fail, 5 for none, and 2 if a scenario is at fault itself: its purpose was not judged.
func (r *Report) ExitCode() int {
	switch verdict := r.Verdict(); {
	case r.AtFault() != nil:
		return 2
	case verdict == "pass":
		return 0
	case verdict == "none":
		return 5
	}
	return 1
}

// AtFault returns the first scenario that is at fault itself, or nil.
func (r *Report) AtFault() *Result {
	for i := range r.Scenarios {
		if r.Scenarios[i].Status == Errored {
			return &r.Scenarios[i]
		}
	}
	return nil
}

// Count is how many scenarios have a status.
func (r *Report) Count(s Status) (n int) {
	for i := range r.Scenarios {
		if r.Scenarios[i].Status == s {
			n++
		}
	}
	return n
}

// Finding is one thing that a scenario found wrong with the receiver.
type Finding struct {
	Cause    string   // what is wrong, in words that are the same wherever it is found
	Found    string   // what was there, if that says more than the cause; without ids, times and users
	Text     string   // all of it, with the ids
	Clauses  []string // that any receiver breaks of which this is found; nil: those of the scenario
	Level    string   // must or should: of the clauses whose assertion failed; "": that of the scenario
	Delivery uint64   // the callback that was judged, an [Exchange.Delivery]; 0 if it was none
	Attempt  int      // of that callback
	Busy     bool     // it is an answer for want of room, like HTTP 503: what others ask meanwhile may be why
	Told     bool     // Found is the receiver's reason to refuse: each is a cause of its own
	Lasting  bool     // after faults that are over, nothing was acknowledged any more
}

// exchange is the attempt that a finding is about, or nil.
func (s *Result) exchange(f *Finding) *Exchange {
	if i := s.moment(f); i >= 0 {
		return s.History[i].Exchange
	}
	return nil
}

// moment is where in the history the attempt is that a finding is about, or -1.
func (s *Result) moment(f *Finding) int {
	if f.Delivery == 0 {
		return -1
	}
	return slices.IndexFunc(s.History, func(m Moment) bool {
		return m.Exchange != nil && m.Delivery == f.Delivery && m.Attempt == f.Attempt
	})
}
