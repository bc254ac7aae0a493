package traffic_test

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ringback/fixtures"
	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/traffic"
	"ringback/sim/wire"
)

// lines returns a generator's calls as simulate prints them.
func lines(t testing.TB, m *traffic.Model, o traffic.Options) (b []byte) {
	t.Helper()
	n := uint64(0)
	for c := range makeWorld(t, m, o).Calls() {
		n++
		b = c.AppendLine(b, sim.ReadableID("t", n))
	}
	return b
}

func TestEqualSeeds(t *testing.T) {
	for _, name := range fixtures.Presets() {
		m := preset(t, name)
		one := lines(t, m, days(1, 1))
		if !bytes.Equal(one, lines(t, m, days(1, 1))) {
			t.Errorf("%s: two runs of one seed differ", name)
		}
		if bytes.Equal(one, lines(t, m, days(2, 1))) {
			t.Errorf("%s: two seeds give the same calls", name)
		}
	}
}

// Each partition makes its calls by itself, wherever it runs.
func TestPartitions(t *testing.T) {
	m, o := preset(t, "consumer"), days(3, 1)
	var together, alone []string
	show := func(c *traffic.Call) string { return string(c.AppendLine(nil, "")) }
	for c := range makeWorld(t, m, o).Calls() {
		together = append(together, show(c))
	}
	for i, p := range makeWorld(t, m, o).Partitions {
		n := 0
		for c := p.Next(); c != nil; c = p.Next() {
			alone = append(alone, show(c))
			n++
		}
		if n == 0 {
			t.Errorf("partition %d makes no calls", i)
		}
	}
	sort := cmp.Transformer("sort", func(list []string) map[string]int {
		m := map[string]int{}
		for _, s := range list {
			m[s]++
		}
		return m
	})
	if diff := cmp.Diff(together, alone, sort); diff != "" {
		t.Errorf("together (-) and one by one (+):\n%s", diff)
	}
}

// One more user leaves everybody else's draws alone: those who call want to at
// the same times, and each call between the same two goes the same way, unless
// one of them is busy with the new one.
func TestOneMoreUser(t *testing.T) {
	for _, name := range []string{"consumer", "callcentre"} {
		m, o := preset(t, name), days(4, 1)
		fresh := func(users int) map[string]string {
			o.Users = users
			list := map[string]string{}
			for c := range makeWorld(t, m, o).Calls() {
				if c.Why == traffic.Fresh && c.CalleeIdle {
					list[fmt.Sprint(c.Start, c.Caller.ID)] = fmt.Sprint(c.Media, c.Result, c.RingEnd, c.Natural)
				}
			}
			return list
		}
		few, more := fresh(2000), fresh(2001)
		same, changed := 0, 0
		for key, went := range few {
			switch other, there := more[key]; {
			case there && other == went:
				same++
			default:
				changed++
			}
		}
		if changed > len(few)/50 {
			t.Errorf("%s: one more user changed %d of %d calls", name, changed, len(few))
		}
		if same < 500 {
			t.Errorf("%s: only %d calls to compare", name, same)
		}
	}
}

// Taking one call away, here by a start that fails, leaves other calls alone.
func TestCallsHaveTheirOwnDraws(t *testing.T) {
	m, o := sparse(t), days(4, 2)
	went := func() map[string]string {
		list := map[string]string{}
		for c := range makeWorld(t, m, o).Calls() {
			if c.Why == traffic.Fresh && c.CalleeIdle && !c.Failed {
				list[fmt.Sprint(c.Start, c.Caller.ID)] = fmt.Sprint(c.Media, c.Result, c.RingEnd, c.Natural)
			}
		}
		return list
	}
	all := went()
	m.Ring.Fail = 0.5
	half := went()
	if len(half) > len(all)*2/3 || len(half) < len(all)/3 {
		t.Errorf("%d of %d calls are left", len(half), len(all))
	}
	other := 0
	for key, how := range half {
		if was, there := all[key]; there && was != how {
			other++
		}
	}
	if other > 0 {
		t.Errorf("%d calls went otherwise", other)
	}
}

// The calendar's inverse is one, with everything that bends the rate.
func TestCalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &traffic.Model{}
		a := &m.Arrivals
		if rapid.Bool().Draw(t, "profile") {
			a.Profile = rapid.SliceOfN(rapid.Float64Range(0, 3), 24, 24).Draw(t, "weights")
			a.Profile[7] = 1
		}
		if rapid.Bool().Draw(t, "week") {
			a.Week = rapid.SliceOfN(rapid.Float64Range(0.1, 2), 7, 7).Draw(t, "days")
		}
		offset := time.Duration(rapid.IntRange(-12*60, 14*60).Draw(t, "offset")) * time.Minute
		a.UTCOffset = &offset
		a.DayCV = rapid.SampledFrom([]float64{0, 0.1, 1}).Draw(t, "cv")
		if rapid.Bool().Draw(t, "spike") {
			a.Spikes = []traffic.Spike{{At: monday.Time().Add(90 * time.Minute), For: 30 * time.Hour, Times: 3}}
		}
		epoch := monday.Add(time.Duration(rapid.IntRange(0, 100_000).Draw(t, "epoch")) * time.Second)
		c := traffic.Calendar(m, 1, epoch)
		last := c.Until(epoch)
		for range 20 {
			v := last + rapid.Float64Range(0.0001, 0.5).Draw(t, "step")
			at, ok := c.When(v)
			if !ok {
				t.Fatalf("the integral does not get to %g", v)
			}
			if got := c.Until(at); math.Abs(got-v) > 1e-6 || got < last-1e-9 {
				t.Fatalf("at %s it is %.9g, want %.9g", at, got, v)
			}
			last = v
		}
	})
}

func TestSpike(t *testing.T) {
	m := plain(t)
	m.Arrivals.Spikes = []traffic.Spike{{At: monday.Add(12 * time.Hour).Time(), For: time.Hour, Times: 3}}
	in, hour := 0, 0
	for _, c := range observe(t, m, days(1, 1)) {
		switch h := hours(c.startMS); {
		case !c.first():
		case h >= 12 && h < 13:
			in++
		case h >= 2 && h < 12:
			hour++
		}
	}
	if err := within("calls in the spike, over the hours before", float64(in)/(float64(hour)/10), 3, 0.5); err != nil {
		t.Error(err)
	}
}

// Meetings begin around the half hours.
func TestSnap(t *testing.T) {
	m, near, all := preset(t, "meeting"), 0, 0
	for c := range makeWorld(t, m, days(1, 10)).Calls() {
		off := (int64(c.Start)+15*60_000)%(30*60_000) - 15*60_000
		if all++; off >= -90_000 && off <= 90_000 {
			near++
		}
	}
	// 68 % of the 60 % that are moved, and a tenth of the others.
	if err := within("share within 90 s of a half hour", float64(near)/float64(all), .6*.683+.4*.1, 0.03); err != nil {
		t.Error(err)
	}
}

func TestDaysDiffer(t *testing.T) {
	m := sparse(t)
	m.Users, m.Arrivals.DayCV = 2000, 0.3
	o := days(5, 40)
	var perDay [40]float64
	for _, c := range observe(t, noRetries(m), o) {
		perDay[(c.startMS-int64(monday))/86_400_000]++
	}
	mean, square := average(perDay[:]), 0.0
	for _, n := range perDay {
		square += (n - mean) * (n - mean) / 39
	}
	if err := within("coefficient of variation of a day's calls", math.Sqrt(square)/mean, 0.3, 0.12); err != nil {
		t.Error(err)
	}
}

// Everybody has his own hours, and all together keep the profile.
func TestHabits(t *testing.T) {
	m := sparse(t)
	m.Users, m.People.CallsPerDay, m.Arrivals.Activity, m.Arrivals.Habit = 400, 20, 0, 1
	byCaller, hourly := map[string][24]int{}, make([]float64, 24)
	for _, c := range observe(t, noRetries(m), days(2, 10)) {
		h := byCaller[c.caller]
		h[int(hours(c.startMS))]++
		byCaller[c.caller] = h
		hourly[int(hours(c.startMS))]++
	}
	half := 0.0
	for _, h := range byCaller {
		most, sum := 0, 0
		for from := range 24 { // the best half of the day
			in := 0
			for i := range 12 {
				in += h[(from+i)%24]
			}
			most, sum = max(most, in), sum+h[from]
		}
		half += float64(most) / float64(sum) / float64(len(byCaller))
	}
	if half < 0.75 { // an even day has half, and a little for the choice
		t.Errorf("people make %.0f %% of their calls in the best half of their day, want over 75 %%", 100*half)
	}
	for h, n := range hourly {
		if err := within(fmt.Sprintf("share of hour %d", h), n/average(hourly), 1, 0.1); err != nil {
			t.Error(err)
		}
	}
}

// The detection of a silent loss takes as long as the platform's heartbeat.
func TestSilentLoss(t *testing.T) {
	m := plain(t)
	m.Talk.Silent, m.Talk.Hazard = 1, 1e-3
	for platform, want := range map[string]time.Duration{"iOS": 400 * time.Second, "Web": 60 * time.Second} {
		m.Platforms = map[string]float64{platform: 1}
		n := 0
		for c := range makeWorld(t, m, days(1, 1)).Calls() {
			if c.Result == call.Interrupt {
				n++
				if got := c.End.Sub(c.Accept); got < want || got > c.Natural+want {
					t.Fatalf("%s: lost after %s, and there would have been %s", platform, got, c.Natural)
				}
			}
		}
		if n < 100 {
			t.Errorf("%s: %d losses", platform, n)
		}
	}
}

func TestPeople(t *testing.T) {
	id := regexp.MustCompile(`^(agent-)?[a-z]+-[0-9a-z]+$`)
	platforms := map[string]int{}
	for _, name := range fixtures.Presets() {
		m := preset(t, name)
		seen := map[string]*traffic.Person{}
		for c := range makeWorld(t, m, days(1, 1)).Calls() {
			for _, p := range append(c.Callees, c.Caller) {
				if o := seen[p.ID]; o != nil && *o != *p {
					t.Fatalf("%s is two people: %+v and %+v", p.ID, o, p)
				}
				seen[p.ID] = p
				platforms[p.Device.Platform]++
				if !id.MatchString(p.ID) || call.CheckUserID(p.ID) != nil || p.Device.IP == "" || !strings.Contains(p.Name, " ") {
					t.Fatalf("%s: %+v", name, p)
				}
			}
		}
	}
	for _, p := range []string{"iOS", "Android", "Web", "miniProgram"} {
		if platforms[p] == 0 {
			t.Errorf("nobody has %s", p)
		}
	}
}

// Small populations make calls, or New says why not.
func TestSmallWorlds(t *testing.T) {
	for _, name := range fixtures.Presets() {
		m := preset(t, name)
		for users := 1; users <= 60; users++ {
			o := days(uint64(users), 1)
			o.Users, o.Until = users, 0 // a lazy pair may not call in a day
			w, err := traffic.New(m, o)
			if users < 2 || m.Team != nil && users < m.Team.Members {
				if err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("users: %d: want ", users)) {
					t.Errorf("%s, %d users: %v", name, users, err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%s, %d users: %v", name, users, err)
			}
			made := 0
			for c := range w.Calls() {
				for _, p := range c.Callees {
					if p == c.Caller || p.ID == c.Caller.ID {
						t.Fatalf("%s, %d users: %s calls himself", name, users, p.ID)
					}
				}
				if made++; made == 50 {
					break
				}
			}
			if made == 0 {
				t.Errorf("%s, %d users: no calls", name, users)
			}
		}
	}
}

func TestSource(t *testing.T) {
	m := preset(t, "consumer")
	s := traffic.NewSource(makeWorld(t, m, days(1, 1)), traffic.Feed{App: 7, Generation: wire.Both, Alternate: true, MaxCalls: 100})
	var last call.Instant
	made := map[wire.Generation]int{}
	started := 0
	for at, ok := s.Next(); ok; at, ok = s.Next() {
		in := s.Take().(*sim.Place)
		if at < last || in.Setup.App != 7 {
			t.Fatalf("at %s after %s: %+v", at, last, in)
		}
		if last = at; !in.Fail {
			started++
		}
		made[in.Generation]++
	}
	if started != 100 || made[wire.V1] == 0 || made[wire.V4] == 0 || made[wire.Both] != 0 {
		t.Errorf("%d calls, of each generation: %v", started, made)
	}
	if err := s.Refused(fmt.Errorf("busy")); err != nil {
		t.Error(err)
	}
	if placed, refused := s.Placed(); placed < 100 || refused != 1 {
		t.Errorf("%d placed, %d refused", placed, refused)
	}
}

// Calls that are lent are the same calls.
func TestLent(t *testing.T) {
	for _, name := range fixtures.Presets() {
		m, o := preset(t, name), days(1, 1)
		own := traffic.NewSource(makeWorld(t, m, o), traffic.Feed{App: 7, MaxCalls: 500})
		lent := traffic.NewSource(makeWorld(t, m, o), traffic.Feed{App: 7, MaxCalls: 500, Reuse: true})
		for _, ok := own.Next(); ok; _, ok = own.Next() {
			want, got := own.Take(), lent.Take()
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", name, diff)
			}
		}
		if _, ok := lent.Next(); ok {
			t.Errorf("%s: lent calls go on", name)
		}
	}
}
