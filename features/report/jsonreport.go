package report

import (
	"encoding/json"
	"io"
	"time"

	"ringback/sim/text"
)

// The object that verify --report json=FILE writes. Scripts rely on its keys.
type jsonReport struct {
	Version    string         `json:"version"`
	Seed       uint64         `json:"seed"`
	Epoch      string         `json:"epoch"`
	Run        string         `json:"run"`
	Generation string         `json:"generation" words:"v1 v4 both"`
	Target     string         `json:"target"`
	Probe      bool           `json:"probe"`
	DurationS  float64        `json:"duration_s"`
	Verdict    string         `json:"verdict" words:"pass fail none"`
	Reason     string         `json:"reason,omitempty"`            // why nothing was judged
	NotJudged  []string       `json:"not_judged"`                  // what was left out, and why
	NotPlayed  int            `json:"not_played"`                  // scenarios skipped because the suite stopped early
	Known      []string       `json:"known_passed"`                // tags of known failures that passed
	Readable   bool           `json:"readable_call_ids,omitempty"` // no CallId of 36 characters is taken
	Totals     jsonTotals     `json:"totals"`
	Causes     []jsonCause    `json:"causes"`
	Scenarios  []jsonScenario `json:"scenarios"`
	Clauses    jsonCoverage   `json:"clauses"`
}

// jsonTotals are how many scenarios there are of each status.
type jsonTotals struct {
	Scenarios int `json:"scenarios"`
	Passed    int `json:"passed"`
	Failed    int `json:"failed"`
	Warned    int `json:"warned"`
	Skipped   int `json:"skipped"`
	Error     int `json:"error"` // at fault themselves
}

// jsonCause is what the receiver does wrong, what to mend first in front.
type jsonCause struct {
	Words     string        `json:"words"`
	Status    Status        `json:"status"`
	Level     string        `json:"level" words:"must should"`
	Clauses   []string      `json:"clauses"`
	Scenarios []string      `json:"scenarios"` // names
	Exchange  *jsonExchange `json:"exchange,omitempty"`
}

type jsonExchange struct {
	Call     string `json:"call"`
	Callback string `json:"callback"`
	User     string `json:"user"`
	Attempt  int    `json:"attempt"`
	URL      string `json:"url"` // path and query
	Status   int    `json:"status"`
	Verdict  string `json:"verdict"`
	Answer   string `json:"answer"` // or its beginning
}

type jsonScenario struct {
	Name    string   `json:"name"`
	Feature string   `json:"feature"`
	Clauses []string `json:"clauses"`
	Level   string   `json:"level" words:"must should"`
	Status  Status   `json:"status"`
	Known   bool     `json:"known,omitempty"` // a known failure
	Message string   `json:"message"`
	Rerun   string   `json:"rerun"`
	Step    string   `json:"step"`
	TookS   float64  `json:"took_s"`
	File    string   `json:"file"`
	Line    int      `json:"line"`
	Tags    []string `json:"tags"`

	Exchange *jsonExchange `json:"exchange,omitempty"` // that failed, or was judged wrong first
}

type jsonCoverage struct {
	Covered int `json:"covered"`
	Total   int `json:"total"`
}

// WriteJSON writes the report as one JSON object.
func (r *Report) WriteJSON(w io.Writer) error {
	doc := jsonReport{
		Version: r.Version, Seed: r.Seed, Epoch: r.Epoch.Format(time.RFC3339Nano), Run: r.Run,
		Generation: r.Generation, Target: r.Target, Probe: r.Probe, DurationS: seconds(r.Took), Verdict: r.Verdict(), Reason: r.Reason,
		NotJudged: append([]string{}, r.NotJudged...), NotPlayed: r.NotPlayed, Known: append([]string{}, r.KnownPassed...), Readable: r.ReadableIDs,
		Causes: []jsonCause{}, Scenarios: make([]jsonScenario, 0, len(r.Scenarios)),
	}
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		j := jsonScenario{
			Name: s.Name, Feature: s.Feature, Clauses: append([]string{}, s.Clauses...), Level: s.Level, Status: s.Status, Known: s.Known,
			Message: s.message(), Rerun: s.Rerun, Step: s.Step, TookS: seconds(s.Took),
			File: s.File, Line: s.Line, Tags: append([]string{}, s.Tags...),
		}
		if at := s.judged(); at >= 0 && (s.Status == Failed || s.Status == Warned) {
			j.Exchange = s.History[at].json()
		}
		doc.Scenarios = append(doc.Scenarios, j)
	}
	doc.Totals = jsonTotals{len(r.Scenarios), r.Count(Passed), r.Count(Failed), r.Count(Warned), r.Count(Skipped), r.Count(Errored)}
	for _, c := range r.Causes() {
		doc.Causes = append(doc.Causes, c.json())
	}
	doc.Clauses.Covered, doc.Clauses.Total = r.covered("")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

func (c *Cause) json() jsonCause {
	j := jsonCause{Words: c.Words, Status: c.Status, Level: c.Level, Clauses: append([]string{}, c.Clauses...)}
	for _, s := range c.Scenarios {
		j.Scenarios = append(j.Scenarios, s.Name)
	}
	if c.Exchange != nil {
		j.Exchange = c.Exchange.json()
	}
	return j
}

func (x *Exchange) json() *jsonExchange {
	answer, _ := text.Cut(x.Answer, terminalBody)
	return &jsonExchange{
		Call: x.CallID, Callback: x.Word, User: x.User, Attempt: x.Attempt, URL: x.URL, Status: x.Status, Verdict: x.Verdict, Answer: answer,
	}
}

// seconds is a wall time to the microsecond.
func seconds(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }
