package simapi

import (
	"net/http"

	"ringback/sim"
	"ringback/sim/journal"
)

// Dialect is how the documents are read where they disagree or say nothing.
type Dialect struct {
	Dialect map[string]string `json:"dialect" jsonschema:"each key's value; ringback dialects explains them"`
}

// Choosing makes choices of the dialect.
type Choosing struct {
	Set []string `json:"set" jsonschema:"each a KEY=VALUE, like v4_retry=v1; other keys stay as they are"`
}

func (b *backend) showDialect(*http.Request) (d Dialect, _ error) {
	b.Session.State(func(s *journal.State) { d.Dialect = s.Dialect.Map() })
	return d, nil
}

func (b *backend) setDialect(r *http.Request, in Choosing) (d Dialect, err error) {
	b.Session.State(func(s *journal.State) {
		chosen := *s.Dialect
		for _, choice := range in.Set {
			if err == nil {
				err = chosen.Set(choice)
			}
		}
	})
	if err != nil {
		return d, wrong("set", "v4_retry=v1", "%v", err)
	}
	if err := b.Session.Do(sim.SetDialect{Set: in.Set}, nil); err != nil {
		return d, err
	}
	return b.showDialect(r)
}
