package journal

import (
	"time"

	"ringback/sim/call"
)

// How long the record of an ended call is kept: records of the last 7 days can be
// queried (60137).
const (
	RecordRetention = 7 * 24 * time.Hour // of simulated time
	MaxRecords      = 100_000
)

// records are calls that are over, in the order in which they ended.
type records struct {
	list []*call.Call
	byID map[string]*call.Call
}

func (r *records) add(c call.Call) {
	if r.byID == nil {
		r.byID = map[string]*call.Call{}
	}
	r.list = append(r.list, &c)
	r.byID[c.ID] = &c
	oldest := c.EndAt.Add(-RecordRetention)
	for len(r.list) > MaxRecords || r.list[0].EndAt < oldest {
		delete(r.byID, r.list[0].ID)
		r.list[0] = nil
		r.list = r.list[1:]
	}
}

// Record returns an ended call, or nil. Only a state made by [NewReader] has records; they
// must not be changed.
func (s *State) Record(id string) *call.Call { return s.records.byID[id] }

// Records returns the ended calls, in the order in which they ended.
func (s *State) Records() []*call.Call { return s.records.list }
