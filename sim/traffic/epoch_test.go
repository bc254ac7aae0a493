package traffic_test

import (
	"fmt"
	"testing"
	"time"

	"ringback/fixtures"
	"ringback/sim/traffic"
)

// Whatever the epoch, no call starts before it, and what
// people want at first they want as often as later.
func TestEpoch(t *testing.T) {
	for _, name := range fixtures.Presets() {
		m := preset(t, name)
		m.Arrivals.Profile, m.Arrivals.Week, m.Arrivals.Habit = nil, nil, 0
		m.Talk.Hazard, m.Users = 0, 16_000
		if m.Team != nil {
			m.Talk.Audio, m.Talk.Video = m.Ring.RejectTime, m.Ring.RejectTime // nobody misses a meeting for another one
			m.Users, m.Team.MeetingsPerDay = 18_000, 12
		}
		for _, minutes := range []int{5, 29} {
			t.Run(fmt.Sprintf("%s %02d", name, minutes), func(t *testing.T) {
				epoch := monday.Add(14*time.Hour + time.Duration(minutes)*time.Minute)
				begins, later := 0, 0
				for c := range makeWorld(t, m, traffic.Options{Seed: 3, Epoch: epoch, Until: epoch.Add(150 * time.Minute)}).Calls() {
					switch after := c.Start.Sub(epoch); {
					case after < 0:
						t.Fatalf("a call starts %s before the epoch", -after)
					case c.Why != traffic.Fresh || c.Attempt > 1:
					case after < 30*time.Minute:
						begins++
					default:
						later++
					}
				}
				if err := within("rate at first, over that later", float64(begins)*4/float64(later), 1, .15); err != nil || later < 800 {
					t.Errorf("%v; %d calls later", err, later)
				}
			})
		}
	}
}

// A simulation with a salt has the same people, who know the same
// others, and other calls.
func TestSalt(t *testing.T) {
	for _, name := range fixtures.Presets() {
		m := preset(t, name)
		people := map[string]traffic.Person{}
		pairs, calls := map[string]bool{}, map[string]bool{}
		same, pairsAgain, again := 0, 0, 0
		for salt := range uint64(2) {
			o := days(1, 2)
			o.Salt = salt * 1000
			for c := range makeWorld(t, m, o).Calls() {
				for _, p := range append(c.Callees, c.Caller) {
					switch was, known := people[p.ID]; {
					case salt == 0:
						people[p.ID] = *p
					case known && was != *p:
						t.Fatalf("%s was %+v, is %+v", p.ID, was, *p)
					case known:
						same++
					}
				}
				pair, all := c.Caller.ID+c.Callees[0].ID, fmt.Sprint(c.Start, c.Caller.ID)
				if salt == 0 {
					pairs[pair], calls[all] = true, true
					continue
				}
				again++
				if pairs[pair] {
					pairsAgain++
				}
				if calls[all] {
					t.Errorf("%s: a call again: %s", name, all)
				}
			}
		}
		if same < again { // two in each call, and nearly all of them were there before
			t.Errorf("%s: %d people known in %d calls", name, same, again)
		}
		if name == "consumer" && pairsAgain < again/3 {
			t.Errorf("only %d of %d calls are between two who called before", pairsAgain, again)
		}
	}
}
