package features

import (
	"slices"
	"sync"

	"ringback/features/report"
	"ringback/fixtures"
	"ringback/sim/wire"
)

// What fails has a level: must if it breaks the contract, should if it only warns
// unless [Suite.Level] says otherwise.

// clauseByID finds clauses.
var clauseByID = sync.OnceValue(func() map[string]fixtures.Clause {
	by := map[string]fixtures.Clause{}
	for _, c := range fixtures.Clauses() {
		by[c.ID] = c
	}
	return by
})

// levels returns the levels of a clause for this receiver. They depend on the dialect of
// the options, not on one that a scenario sets: a sender may also retry v4, or need the
// whole answer.
func (o *Options) levels(c *fixtures.Clause) fixtures.Levels {
	l := c.Levels
	l.V4 = l.In("v4", o.Dialect.V4Retry == "v1")
	if o.Dialect.V4Ack == "strict" && c.ID == needless[wire.V4].clause {
		l.V4 = "must"
	}
	return l
}

// levelOf returns the strictest level of clauses for a receiver of a generation; must if
// there is none, and for clauses that are not the suite's own.
func (o *Options) levelOf(clauses []string, generation string) string {
	for _, id := range clauses {
		if c, ours := clauseByID()[id]; !ours || o.levels(&c).In(generation, false) != "should" {
			return "must"
		}
	}
	if len(clauses) == 0 {
		return "must"
	}
	return "should"
}

// LevelOf returns the level of a clause, must or should, for receivers of a generation
// and a sender with that dialect.
func LevelOf(clause string, g wire.Generation, d *wire.Dialect) string {
	return (&Options{Dialect: d}).levelOf([]string{clause}, g.String())
}

// generationIn returns the generation that a scenario with these tags is about.
func generationIn(tags []string) string {
	v1, v4 := slices.Contains(tags, "@v1"), slices.Contains(tags, "@v4")
	switch {
	case v1 && !v4:
		return "v1"
	case v4 && !v1:
		return "v4"
	}
	return "both"
}

// weigh gives each finding of a scenario the level of the clauses whose assertions
// failed, and the scenario the strictest of them. Those are the clauses that an answer of
// the wrong form breaks, or else the scenario's own, and the level is never above the
// latter: a receiver that need not support a scenario need not answer it in the right
// form either. But an end that was acknowledged must be stored in any case.
func (o *Options) weigh(res *report.Result) {
	must := false
	for i := range res.Findings {
		f := &res.Findings[i]
		f.Level = res.Level
		lost := slices.Contains(f.Clauses, ackMeansStored)
		if lost || f.Level == "must" && !slices.Contains(res.Tags, "@must") && !f.Told && len(f.Clauses) > 0 {
			f.Level = o.levelOf(f.Clauses, generationIn(res.Tags))
		}
		must = must || f.Level == "must"
	}
	switch {
	case must:
		res.Level = "must"
	case len(res.Findings) > 0:
		res.Level = "should"
	}
}
