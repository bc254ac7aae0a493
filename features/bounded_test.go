package features_test

import (
	"net/http"
	"strings"
	"testing"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures/harness"
	"ringback/fixtures/receiver/broken"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// Whatever a receiver does wrong everywhere, a person reads a screen or two.
func TestReportsAreBounded(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("the whole suite against several receivers")
	}
	receivers := map[string]http.Handler{
		"bytes": harness.Answer(200, strings.Repeat("\x00\xff\x1b", delivery.MaxAnswer)),
	}
	if len(seeds()) > 1 { // to soak
		receivers["500"] = harness.Answer(500, "deadlock detected")
		receivers["HTML"] = harness.Answer(200, "<!doctype html>\n<h1>It works</h1>"+strings.Repeat("\n<p>and works</p>", 500))
		receivers["empty"] = harness.Answer(200, "")
		receivers["long"] = harness.Answer(200, `{"ErrorCode":1,"ErrorMessage":"`+strings.Repeat("why ", 12<<10)+`"}`)
		receivers["megabytes"] = harness.Answer(200, strings.Repeat("x", 4<<20))
	}
	hostile := map[string]bool{}
	for name := range receivers {
		hostile[name] = true
	}
	for _, name := range boundedVariants() {
		receivers[name] = variant(t, name)
	}
	for name, h := range receivers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := prompt(t, h)
			if hostile[name] {
				s.Probe = nil
			}
			if len(seeds()) == 1 { // which has no retries
				s.Generation = wire.V4
			}
			rep, err := features.Run(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			lines := strings.Count(written(t, func(b *strings.Builder) error { return rep.WriteTerminal(b, report.TerminalOptions{}) }), "\n")
			html := len(written(t, func(b *strings.Builder) error { return rep.WriteHTML(b) }))
			junit := len(written(t, func(b *strings.Builder) error { return rep.WriteJUnit(b) }))
			notes := strings.Count(written(t, func(b *strings.Builder) error { return rep.WriteAnnotations(b) }), "\n")
			if lines > 140 || html > 1<<20 || junit > 2<<20 {
				t.Errorf("%d lines, a page of %d bytes, JUnit's XML of %d", lines, html, junit)
			}
			if notes != len(rep.Causes()) || notes > 20 {
				t.Errorf("%d annotations of %d causes", notes, len(rep.Causes()))
			}
		})
	}
}

func boundedVariants() (names []string) {
	all := broken.List()
	if len(seeds()) > 1 { // to soak
		for _, v := range all {
			if !fatal[v.Name] && !lateOrNever[v.Name] { // those take minutes
				names = append(names, v.Name)
			}
		}
		return names
	}
	return []string{"mixes_calls"}
}

func written(t *testing.T, write func(*strings.Builder) error) string {
	t.Helper()
	var b strings.Builder
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
