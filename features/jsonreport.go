package features

import (
	"encoding/json"
	"io"
	"time"
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
	Scenarios  []jsonScenario `json:"scenarios"`
	Clauses    jsonCoverage   `json:"clauses"`
}

type jsonScenario struct {
	Name    string   `json:"name"`
	Feature string   `json:"feature"`
	Clauses []string `json:"clauses"`
	Level   string   `json:"level"`
	Status  Status   `json:"status"`
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
		Generation: r.Generation, Target: r.Target, Probe: r.Probe, DurationS: seconds(r.Took), Verdict: r.Verdict(),
		Scenarios: make([]jsonScenario, 0, len(r.Scenarios)),
	}
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		doc.Scenarios = append(doc.Scenarios, jsonScenario{
			Name: s.Name, Feature: s.Feature, Clauses: append([]string{}, s.Clauses...), Level: s.Level, Status: s.Status,
			Message: s.message(), Rerun: s.Rerun, Step: s.Step, TookS: seconds(s.Took),
		})
	}
	doc.Clauses.Covered, doc.Clauses.Total = r.covered("")
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(doc)
}

// seconds is a wall time to the microsecond.
func seconds(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }
