package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ringback/sim/preflight"
	"ringback/sim/text"
)

// What all reports say in the same words.

// countWords is how many scenarios there were, and what became of them.
func (r *Report) countWords() string {
	parts := []string{fmt.Sprintf("%d passed", r.Count(Passed))}
	for _, s := range []Status{Failed, Errored, Warned, Skipped} {
		if n := r.Count(s); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s.words()))
		}
	}
	return text.Count(len(r.Scenarios), "scenario") + ": " + strings.Join(parts, ", ")
}

// words are the status behind a number of scenarios.
func (s Status) words() string {
	if s == Errored {
		return "at fault"
	}
	return string(s)
}

// covered is how many of the clauses of a level a scenario was judged by; of
// all levels if it is empty. Those of extensions do not count. A scenario that was skipped or is at fault covers nothing.
func (r *Report) covered(level string) (covered, total int) {
	judged := map[string]bool{}
	for i := range r.Scenarios {
		if s := &r.Scenarios[i]; s.Status != Skipped && s.Status != Errored {
			for _, id := range s.Clauses {
				judged[id] = true
			}
		}
	}
	for i := range r.Clauses {
		if c := &r.Clauses[i]; c.Extension == "" && (level == "" || c.Level == level) {
			total++
			if judged[c.ID] {
				covered++
			}
		}
	}
	return covered, total
}

// outcomeWords is the verdict in words. They claim no more than was judged (see
// judgedWords), and hide nothing: what warned is counted, and what was not played.
func (r *Report) outcomeWords() string {
	words := r.foundWords()
	if r.NotPlayed > 0 {
		words += fmt.Sprintf("; stopped early (%s %d): %s not played", r.named("--max-failures"), r.MaxFailures, text.Count(r.NotPlayed, "scenario"))
	}
	return words
}

// foundWords are the verdict on what was played.
func (r *Report) foundWords() string {
	failed, warned, skipped := r.Count(Failed), r.Count(Warned), r.Count(Skipped)
	if n := r.Count(Errored); n > 0 {
		rest := "so there is no verdict"
		if failed > 0 {
			rest = text.Count(failed, "other") + " broke the contract"
		}
		return fmt.Sprintf("%s at fault, which says nothing of the receiver; %s", isOrAre(n, "scenario"), rest)
	}
	switch {
	case failed > 0 && warned > 0:
		return fmt.Sprintf("%s broke the contract, and %s", text.Count(failed, "scenario"), r.warnedWords())
	case failed > 0:
		return text.Count(failed, "scenario") + " broke the contract"
	case warned > 0:
		return "no scenario broke the contract, but " + r.warnedWords()
	case r.Reason != "":
		return "nothing was judged: " + r.Reason
	case len(r.Scenarios) == 0:
		return "nothing was judged: no scenario is selected"
	case skipped == len(r.Scenarios):
		return fmt.Sprintf("nothing was judged: %s skipped (%s)", text.Count(skipped, "scenario"), r.skipped()[0].Words)
	}
	return "no scenario broke the contract"
}

// warnedWords say how many scenarios warned, and what would make them count.
func (r *Report) warnedWords() string {
	warned, known := r.Count(Warned), 0
	for i := range r.Scenarios {
		if s := &r.Scenarios[i]; s.Status == Warned && s.Known {
			known++
		}
	}
	switch known {
	case 0:
		return fmt.Sprintf("%d warned (%s counts them)", warned, r.named("--level should"))
	case warned:
		return fmt.Sprintf("%d warned (known failures; without %s they count)", warned, r.named("--known-failures"))
	}
	return fmt.Sprintf("%d warned (%d of them known failures, which count without %s; %s counts the others)", warned, known, r.named("--known-failures"), r.named("--level should"))
}

// notes are what is to be known besides the verdict: what was left out, and what passes
// now though it is known to fail.
func (r *Report) notes() (list []string) {
	for _, what := range r.NotJudged {
		list = append(list, "not judged: "+what)
	}
	for _, tag := range r.KnownPassed {
		list = append(list, "passes now: "+tag+" (take it out of the known failures)")
	}
	return list
}

// judgedWords says what was looked at; "" if nothing was.
func (r *Report) judgedWords() string {
	if r.Verdict() == "none" {
		return ""
	}
	words := "status-only: answers were judged, what was stored was not (" + r.named("--probe") + ")"
	switch {
	case r.Probe:
		words = "answers were judged, and what was stored (" + r.named("--probe") + ")"
	case r.Unasked:
		words = "status-only: answers were judged; no scenario that was judged asked what was stored"
	}
	if r.ReadableIDs {
		words += "; " + preflight.ShorterIDs("other scenarios")
	}
	if covered, total := r.covered("must"); len(r.LeftOut) > 0 && covered < total {
		words += fmt.Sprintf("; under %s, %d of %d must clauses were not judged", strings.Join(r.LeftOut, " and "), total-covered, total)
	}
	return words
}

// message is what was expected and found. A cmp diff has non-breaking spaces
// at the start of some of its lines, to keep programs from relying on it; here
// they would only differ from run to run.
func (s *Result) message() string {
	lines := strings.Split(strings.TrimRight(s.Message, "\n"), "\n")
	for i, line := range lines {
		rest := strings.TrimLeft(line, "+- \t\u00a0")
		lines[i] = strings.ReplaceAll(line[:len(line)-len(rest)], "\u00a0", " ") + rest
	}
	return strings.Join(lines, "\n")
}

// headline is the first line of the message.
func (s *Result) headline() string {
	line, _, _ := strings.Cut(s.message(), "\n")
	line, _ = text.Fold(line, len(line))
	return strings.TrimSuffix(line, ":")
}

// faultWords say what is wrong with a scenario that is at fault.
func (s *Result) faultWords() string {
	if s.Step == "" {
		return s.message()
	}
	return s.Step + ": " + s.message()
}

// place is where the scenario is written down.
func (s *Result) place() string {
	text := s.Feature
	if s.Rule != "" {
		text += ", " + s.Rule
	}
	if s.File != "" {
		text += "  " + s.at()
	}
	return text
}

// at is the file and line of the scenario.
func (s *Result) at() string {
	if s.File == "" {
		return ""
	}
	return fmt.Sprintf("%s:%d", s.File, s.Line)
}

// judged is the moment that the failure is about: the attempt that the step held
// against the receiver, or the first of several; -1 if it is about none.
func (s *Result) judged() int {
	for i := range s.Findings {
		if at := s.moment(&s.Findings[i]); at >= 0 {
			return at
		}
	}
	return -1
}

// around is the part of the history, most moments at most, to show: what led
// to the attempt that was judged, and some of what followed.
func (s *Result) around(most int) (from, to int) {
	n, at := len(s.History), s.judged()
	if at < 0 {
		at = n
	}
	from = max(0, at-most*3/4)
	to = min(n, from+most)
	return max(0, to-most), to
}

func (x *Exchange) bad() bool { return x.Verdict != "" && x.Verdict != "acked" }

// mark is what became of the attempt in one glyph; the words follow it.
func (x *Exchange) mark() string {
	switch {
	case x.Then == "abandoned":
		return "†"
	case x.bad():
		return "✗"
	case x.Verdict == "acked":
		return "✓"
	}
	return "-"
}

// word is what was subscribed to, without what all v4 commands begin with.
func (x *Exchange) word() string { return strings.TrimPrefix(x.Word, "Call.Callback") }

// try is which attempt it was of how many.
func (x *Exchange) try() string {
	if x.Attempt == 0 {
		return "-"
	}
	return fmt.Sprintf("%d/%d", x.Attempt, x.MaxAttempts)
}

// statusWords is the HTTP status, if one came.
func (x *Exchange) statusWords() string {
	if x.Status == 0 {
		return "-"
	}
	return fmt.Sprint(x.Status)
}

// verdictWords is what CallKit makes of the answer, and does next.
func (x *Exchange) verdictWords() string {
	text := x.Verdict
	switch {
	case x.bad() && x.Reason != "":
		text = x.Reason
	case x.Unlike != "":
		text += ", not as documented: " + x.Unlike
	}
	switch x.Then {
	case "retry":
		text += "; again"
	case "abandoned":
		text += "; gave up"
	default:
		text = cmp.Or(text, x.Then, "not answered yet")
	}
	if len(x.Faults) > 0 {
		text += " (" + strings.Join(x.Faults, ", ") + ")"
	}
	return text
}

// instant is the simulated time of a moment.
func (m *Moment) instant() string { return fmt.Sprintf("+%.3f", m.At.Seconds()) }

// documentURL is the page of a document that is named by its number.
func documentURL(document string) string {
	if document == "" || strings.Trim(document, "0123456789") != "" {
		return ""
	}
	return "https://trtc.io/document/" + document
}

// reason is a group of skipped scenarios.
type reason struct {
	Words     string
	Scenarios []*Result
}

// skipped groups the skipped scenarios by what they say, largest group first.
func (r *Report) skipped() (groups []reason) {
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		if s.Status != Skipped {
			continue
		}
		at := slices.IndexFunc(groups, func(g reason) bool { return g.Words == s.message() })
		if at < 0 {
			at = len(groups)
			groups = append(groups, reason{Words: s.message()})
		}
		groups[at].Scenarios = append(groups[at].Scenarios, s)
	}
	slices.SortStableFunc(groups, func(a, b reason) int { return len(b.Scenarios) - len(a.Scenarios) })
	return groups
}

// with lists the scenarios of a status.
func (r *Report) with(status Status) (list []*Result) {
	for i := range r.Scenarios {
		if r.Scenarios[i].Status == status {
			list = append(list, &r.Scenarios[i])
		}
	}
	return list
}

func isOrAre(n int, what string) string {
	if n == 1 {
		return "1 " + what + " is"
	}
	return text.Count(n, what) + " are"
}

// WithoutCalls says, for [Report.NotJudged], which calls are left out by a choice of their
// types: single or group.
func WithoutCalls(types string, inGo bool) string {
	kind := "calls between two"
	if types == "single" {
		kind = "group calls"
	}
	return kind + ", by " + Named("--call-types", inGo) + " " + types
}

// WithoutCallbacks says, for [Report.NotJudged], which callbacks are left out by a choice of
// words, as they were typed.
func WithoutCallbacks(words string, inGo bool) string {
	return "other callbacks, by " + Named("--subscribe", inGo) + " " + words
}

// fields are what flags of verify are in Go.
var fields = map[string]string{
	"--all-failures":                        `"html=FILE" for features.Main`,
	"--call-types":                          "features.Options.CallTypes",
	"--known-failures":                      "features.Suite.Known",
	"--level should":                        `features.Suite.Level "should"`,
	"--max-failures":                        "features.Suite.MaxFailures",
	"--probe":                               "features.Options.Probe",
	"--probe-result":                        "features.ProbeResults",
	"--report html=FILE":                    `"html=FILE" for features.Main`,
	"--restart-cmd 'systemctl restart app'": "features.Options.Restart",
	"--sign @token.txt":                     "features.Options.Sign",
	"--slow":                                "features.Options.Minute",
	"--subscribe":                           "features.Options.Words",
	"--tags":                                "features.Suite.Tags",
	"--timeout":                             "features.Options.Timeout",
	"--user-map":                            "features.Options.User",
}

// Named is what a flag of verify is called for whoever runs the suite: in a program in Go,
// which has no flags, the field that it sets.
func Named(flag string, inGo bool) string {
	if inGo {
		return fields[flag]
	}
	return flag
}

func (r *Report) named(flag string) string { return Named(flag, r.InGo) }
