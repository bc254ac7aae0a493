package explore

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// A receiver that takes no CallId of 36 characters is found for that, and explored with
// shorter ones; unless their form was asked for, or it takes the next one after all.
func TestShortCallIDs(t *testing.T) {
	short := func(m *memory) {
		m.refuse = func(_ *memory, l *letter) string { return when(len(l.id) > 32, "too long") }
	}
	cut := func(m *memory) {
		m.store = func(m *memory, l *letter) { l.id = l.id[:min(len(l.id), 32)]; m.take(l) }
	}
	starting := func(m *memory) {
		m.answer = func(m *memory, _ *letter, a *delivery.Answer) {
			if m.taken <= 60 {
				a.Status = 503
			}
		}
	}
	for name, test := range map[string]struct {
		wrong    func(*memory)
		with     func(*Config)
		readable bool
		want     []string // of the findings
	}{
		"refused":                {short, nil, true, []string{"should call-id-whole", "must call-id-whole"}},
		"cut":                    {cut, nil, true, []string{"should call-id-whole", "must call-id-whole"}},
		"a run of 32 characters": {short, func(c *Config) { c.Run.Token = strings.Repeat("x", 32) }, true, []string{"should call-id-whole", "must call-id-whole"}},
		"one generation":         {short, func(c *Config) { c.Generation = wire.V1 }, true, []string{"should call-id-whole"}},
		"kept":                   {short, func(c *Config) { c.KeepCallIDs, c.Findings, c.Budget = true, 1, 2 }, false, []string{"must v1-ack-errorcode-integer"}},
		"starting":               {starting, nil, false, nil},
	} {
		m := newMemory()
		test.wrong(m)
		long := 0
		m.hook = func(_ *memory, r *delivery.Request) bool {
			if len(read(r).id) == 36 {
				long++
			}
			return false
		}
		cfg := config(t, m)
		cfg.Findings, cfg.Budget = 3, histories(60)
		if cfg.LevelOf = levelOfIDs; test.with != nil {
			test.with(&cfg)
		}
		r, err := Run(t.Context(), cfg)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var got []string
		for _, f := range r.Findings {
			got = append(got, f.Level+" "+f.Clause)
			if says := strings.Contains(string(f.Feature(1)), "CallIds differ in their last four characters"); says != test.readable {
				t.Errorf("%s: it says that CallIds are long: %v\n%s", name, says, f.Feature(1))
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" || r.ReadableIDs != test.readable {
			t.Errorf("%s: readable ids %v, findings (-want +got):\n%s", name, r.ReadableIDs, diff)
		}
		if test.readable && !slices.Contains(got, "must call-id-whole") == r.Broken() {
			t.Errorf("%s: broken %v", name, r.Broken())
		}
		t.Log(name, r.Executions, "executions,", long, "callbacks with long ids,", r.Shrinking, "to shrink")
	}
}

// levelOfIDs has CallIds be whole in v4.
func levelOfIDs(clause string, g wire.Generation) string {
	if clause == "call-id-whole" && g == wire.V1 {
		return "should"
	}
	return "must"
}

// A receiver that answers 401 or 403 to all of the first call is told of, once.
func TestForbidden(t *testing.T) {
	for status, want := range map[int][]int{401: {401}, 403: {403}, 500: nil, 200: nil} {
		m := newMemory()
		m.answer = func(_ *memory, _ *letter, a *delivery.Answer) { a.Status = status }
		cfg := config(t, m)
		var told []int
		cfg.Budget, cfg.Forbidden = 5, func(status int) { told = append(told, status) }
		mustRun(t, cfg)
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("HTTP %d (-want +told):\n%s", status, diff)
		}
	}
}
