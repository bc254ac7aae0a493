package explore

import (
	"slices"
	"strings"
	"testing"
)

// A receiver that knows some people only hears of no one else, however few they are,
// in what is looked for and in what is shrunk; and all executions are played.
func TestOnlyThoseOfTheUserMap(t *testing.T) {
	for _, known := range [][]string{{"alice", "bob"}, {"alice", "bob", "ivan"}, append([]string{"erin", "frank"}, people...)} {
		for _, right := range []bool{true, false} {
			m := newMemory()
			m.refuse = func(_ *memory, l *letter) string {
				for _, id := range append([]string{l.user, l.caller}, l.users...) {
					if name, ok := strings.CutPrefix(id, "u_"); id != "" && (!ok || !slices.Contains(known, name)) {
						t.Errorf("%s tells of %q, whom the receiver does not know", l.command, id)
					}
				}
				return when(!right && strings.EqualFold(l.result, "cancel"), "what?")
			}
			cfg := config(t, m)
			cfg.Budget, cfg.User = histories(100), func(name string) string {
				if slices.Contains(known, name) {
					return "u_" + name
				}
				return ""
			}
			r := mustRun(t, cfg)
			if right && (len(r.Findings) != 0 || r.Executions != cfg.Budget) || !right && len(r.Findings) != 1 {
				t.Errorf("%v, right is %v: %d findings in %d executions", known, right, len(r.Findings), r.Executions)
			}
		}
	}
	cfg := config(t, newMemory())
	cfg.User = func(name string) string { return map[string]string{"alice": "10001"}[name] }
	if _, err := Run(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "Config.User") {
		t.Errorf("the error is %v, want one of User", err)
	}
}
