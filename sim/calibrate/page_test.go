package calibrate_test

import (
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim"
	"ringback/sim/calibrate"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// nine are the calls that README.md asks for, in its order.
var nine = []planner{
	short(call.NormalEnd),
	with(short(call.NormalEnd), answering(always(broken))),
	short(call.Reject),
	short(call.NormalEnd),
	short(call.CallBusy),
	with(script(2, "9 a cancel"), deed(calibrate.NoGroup)),
	with(script(1, "2 b accept", "9 b pull_battery"), deed(calibrate.Battery)),
	short(call.NormalEnd),
	short(call.NormalEnd),
}

// short is a call of a few seconds.
func short(result call.Result) planner {
	return func(p *planned, _ []string, _ *rand.Rand) {
		steps, err := (sim.Outcome{Result: result, Ring: 4 * time.Second, Talk: 10 * time.Second}).Plan(&p.setup)
		if err != nil {
			panic(err)
		}
		p.steps = steps
	}
}

// The nine calls tell the keys that the page says they tell, in each generation and
// dialect, and the page names all others.
func TestNineCalls(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	said := map[wire.Generation][]string{
		wire.V1: keysIn(t, string(page), `(?m)^With v1 they tell (.*)\.$`),
		wire.V4: keysIn(t, string(page), `(?m)^With v4 they tell (.*)\.$`),
	}
	var named []string
	for _, k := range wire.Keys() {
		if !strings.Contains(string(page), "`"+k.Name+"`") {
			t.Errorf("the page does not name %s", k.Name)
		}
		named = append(named, k.Name)
	}
	r := rand.New(rand.NewPCG(1, 9))
	for _, g := range []wire.Generation{wire.V1, wire.V4} {
		for i := range soak(20, 300) {
			d := randomDialect(r)
			if i == 0 {
				d = wire.Default()
			}
			var plan []planned
			for n, kind := range nine {
				plan = append(plan, newCall(func(p *planned, users []string, r *rand.Rand) {
					users[1] = "10001"
					p.setup.Callees = users[1:2]
					kind(p, users, r)
				}, g, n, r))
			}
			tr := traffic{dialect: d, seed: r.Uint64(), app: 1400000001, from: epoch, every: 90 * time.Second}
			was := play(t, tr, plan)
			report := calibrated(calibrate.Options{Calls: was.deeds}, was.exchanges...)
			wantNoneWrong(t, report, d)
			var shown []string
			for _, name := range named {
				if report.Find(name).State == calibrate.Shown {
					shown = append(shown, name)
				}
			}
			for _, name := range said[g] {
				if !slices.Contains(shown, name) {
					t.Errorf("%s, %v: %s is not told: %s", g, d.Map(), name, report.Find(name).Why)
				}
			}
			if *d == *wire.Default() {
				if diff := cmp.Diff(said[g], shown); diff != "" {
					t.Errorf("%s (-page +told)\n%s", g, diff)
				}
			}
		}
	}
}

func keysIn(t *testing.T, page, form string) (keys []string) {
	t.Helper()
	line := regexp.MustCompile(form).FindStringSubmatch(page)
	if line == nil {
		t.Fatalf("the page has no line %s", form)
	}
	for _, k := range regexp.MustCompile("`([a-z0-9_]+)`").FindAllStringSubmatch(line[1], -1) {
		keys = append(keys, k[1])
	}
	return keys
}
