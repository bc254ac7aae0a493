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
	Generation string         `json:"generation"`
	Target     string         `json:"target"`
	Probe      bool           `json:"probe"`
	DurationS  float64        `json:"duration_s"`
	Verdict    string         `json:"verdict"`
	Reason     string         `json:"reason,omitempty"`            // why nothing was judged
	NotJudged  []string       `json:"not_judged"`                  // what was left out, and why
	NotPlayed  int            `json:"not_played"`                  // scenarios skipped because the suite stopped early
	Known      []string       `json:"known_passed"`                // tags of known failures that passed
	Readable   bool           `json:"readable_call_ids,omitempty"` // no CallId of 36 characters is taken
	Causes     []jsonCause    `json:"causes"`
	Scenarios  []jsonScenario `json:"scenarios"`
	Clauses    jsonCoverage   `json:"clauses"`
}

// jsonCause is what the receiver does wrong, what to mend first in front.
type jsonCause struct {
	Words     string        `json:"words"`
	Status    Status        `json:"status"`
	Level     string        `json:"level"`
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
	Level   string   `json:"level"`
	Status  Status   `json:"status"`
	Known   bool     `json:"known,omitempty"` // a known failure
	Message string   `json:"message"`
	Rerun   string   `json:"rerun"`
	Step    string   `json:"step"`
	TookS   float64  `json:"took_s"`
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
		doc.Scenarios = append(doc.Scenarios, jsonScenario{
			Name: s.Name, Feature: s.Feature, Clauses: append([]string{}, s.Clauses...), Level: s.Level, Status: s.Status, Known: s.Known,
			Message: s.message(), Rerun: s.Rerun, Step: s.Step, TookS: seconds(s.Took),
		})
	}
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
	if x := c.Exchange; x != nil {
		answer, _ := text.Cut(x.Answer, terminalBody)
		j.Exchange = &jsonExchange{
			Call: x.CallID, Callback: x.Word, User: x.User, Attempt: x.Attempt, URL: x.URL, Status: x.Status, Verdict: x.Verdict, Answer: answer,
		}
	}
	return j
}

// seconds is a wall time to the microsecond.
func seconds(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }
