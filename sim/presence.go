package sim

import (
	"ringback/sim/call"
	"ringback/sim/journal"
)

// presence counts of how many calls each user is part of. A nil one counts nothing.
type presence map[string]int

// track follows what a fact of a call, which is folded already, does to its users.
func (p presence) track(c *journal.Call, f *call.Fact) {
	if p == nil {
		return
	}
	switch f.Kind {
	case call.Started:
		p.count(c, 1)
	case call.Joined:
		p.add(f.By, 1)
	case call.Invited:
		for _, u := range f.Users {
			p.add(u, 1)
		}
	case call.Rejected, call.BusyFact, call.Left, call.LineLost, call.WentOffline:
		p.add(f.By, -1)
	case call.TimedOut, call.Cancelled, call.Uninvited:
		for _, u := range f.Users {
			p.add(u, -1)
		}
	case call.Ended:
		p.count(c, -1)
	}
}

// count adds n for each member who is in the call.
func (p presence) count(c *journal.Call, n int) {
	for i := range c.Members {
		if c.Members[i].Present() {
			p.add(c.Members[i].ID, n)
		}
	}
}

func (p presence) add(user string, n int) {
	if p[user] += n; p[user] == 0 {
		delete(p, user)
	}
}
