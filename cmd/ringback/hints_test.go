package main

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ringback/cmd/cli"
	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures"
	"ringback/fixtures/receiver/broken"
	"ringback/sim/fault"
	"ringback/sim/load"
	"ringback/sim/probe"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// enumerated is a place of the command line that takes some words alone.
type enumerated struct {
	args  string // %s is the word
	words []string
}

func allEnumerated() []enumerated {
	const to = " --target http://127.0.0.1:1/cb "
	const probed = to + "--probe http://127.0.0.1:1/{CallId} "
	var subscribe, breaks, faults, keys []string
	for _, w := range wire.AllWords() {
		subscribe = append(subscribe, w.String())
	}
	for _, v := range broken.List() {
		breaks = append(breaks, v.Name)
	}
	for _, f := range fault.List() {
		faults = append(faults, f.Name)
	}
	list := []enumerated{
		{"call" + to + "--outcome %s", outcomes()},
		{"call" + to + "--media %s", []string{"audio", "video"}},
		{"call" + to + "--platform %s", platforms},
		{"call" + to + "--generation %s", cli.GenerationWords},
		{"serve --generation %s", cli.GenerationWords},
		{"simulate --generation %s", cli.GenerationWords},
		{"replay journal.ndjson" + to + "--generation %s", cli.GenerationWords},
		{"clauses --generation %s", cli.GenerationWords},
		{"clauses --level %s", cli.Levels},
		{"verify" + to + "--level %s", cli.Levels},
		{"explore" + to + "--level %s", cli.Levels},
		{"verify" + to + "--call-types %s", features.AllCallTypes},
		{"explore" + to + "--call-types %s", features.AllCallTypes},
		{"call" + to + "--order %s", []string{"serial", "none"}},
		{"call" + to + "--pace %s", []string{"real", "instant"}},
		{"call" + to + "--heartbeat-expiry %s", []string{"platform"}},
		{"call" + to + "--subscribe %s", subscribe},
		{"load" + to + "--calls 1/s --subscribe %s", subscribe},
		{"verify" + to + "--subscribe %s", subscribe},
		{"explore" + to + "--subscribe %s", subscribe},
		{"call" + to + "--fault %s:10%%", faults},
		{"call" + to + "--fault duplicate@%s", subscribe},
		{"load" + to + "--calls 1/s --fault %s", faults},
		{"load" + to + "--calls 1/s --threshold %s<1", load.Metrics()},
		{"load" + to + "--calls 1/s --arrivals %s", []string{"even", "poisson"}},
		{"load" + to + "--calls 1/s --preset %s", fixtures.Presets()},
		{"load" + to + "--calls 1/s --report %s=r", []string{"html", "json"}},
		{"verify" + to + "--report %s=r", slices.Sorted(maps.Keys(report.Writers))},
		{"verify" + probed + "--probe-field %s=a", probe.Fields()},
		{"verify" + probed + "--probe-result MISSED=%s", []string{"cancel", "reject", "interrupt", "offline"}}, // in others the place of _ makes no difference
		{"simulate --preset %s", fixtures.Presets()},
		{"simulate --emit %s", []string{"calls", "callbacks", "phones"}},
		{"serve --traffic %s", fixtures.Presets()},
		{"presets %s", fixtures.Presets()},
		{"receiver --break %s", breaks},
		{"usersig %s", []string{"sign", "check"}},
	}
	for _, k := range wire.Keys() {
		keys = append(keys, k.Name)
		list = append(list, enumerated{"call" + to + "--dialect " + k.Name + "=%s", k.Values})
	}
	return append(list, enumerated{"call" + to + "--dialect %s=x", keys})
}

// misspelt are ways to mistype a word: a letter twice, left out, or in its
// neighbor's place.
func misspelt(word string, words []string) (all []string) {
	all = []string{word[:1] + word}
	if n := len(word); n > 5 {
		all = append(all, word[:n-1], word[:2]+word[3:], word[:2]+word[3:4]+word[2:3]+word[4:])
	}
	return slices.DeleteFunc(all, func(s string) bool { return slices.Contains(words, s) })
}

// A word that is nearly one of those wanted gets that one suggested, in the error
// and in the hint; one that is near none gets none.
func TestNearMisses(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of command lines, none of which runs anything")
	}
	t.Parallel()
	asked := regexp.MustCompile(`did you mean (.+?)\?`)
	said := func(form, word string) (args, refusal, hint string) {
		list := strings.Fields(form)
		list[len(list)-1] = fmt.Sprintf(list[len(list)-1], word) // the word may have a space
		args = strings.Join(list, " ")
		var errs bytes.Buffer
		if code := Main(list, cli.Env{Stdout: io.Discard, Stderr: &errs, Lookup: noEnv}); code != cli.ExitUsage {
			t.Fatalf("%s: exit code %d, want 2\n%s", args, code, errs.String())
		}
		refusal, hint, _ = strings.Cut(errs.String(), "\nhint: ")
		return args, refusal, hint
	}
	for _, e := range allEnumerated() {
		for _, word := range e.words {
			for _, wrong := range misspelt(word, e.words) {
				args, refusal, hint := said(e.args, wrong)
				m := asked.FindStringSubmatch(refusal)
				switch {
				case m == nil:
					t.Errorf("%s: asks after no word, want %s\n%s", args, word, refusal)
				case text.Distance(strings.ToLower(wrong), strings.ToLower(m[1])) > text.Distance(strings.ToLower(wrong), strings.ToLower(word)) && !strings.HasPrefix(m[1], wrong):
					t.Errorf("%s: asks after %s, want %s", args, m[1], word)
				case strings.Contains(e.args, "--") && !strings.Contains(e.args, "probe-field") && !strings.Contains(hint, m[1]):
					t.Errorf("%s: the hint has no %s\n%s", args, m[1], hint)
				case strings.Count(refusal, "did you mean") > 1:
					t.Errorf("%s: asks twice\n%s", args, refusal)
				}
			}
		}
		for _, far := range []string{"xyzzyq", "w8w8w8w8"} {
			args, refusal, hint := said(e.args, far)
			if asked.MatchString(refusal) {
				t.Errorf("%s: asks after a word that is not near\n%s", args, refusal)
			}
			given := strings.Fields(e.args)
			for _, word := range e.words {
				if strings.Contains(hint, given[len(given)-2]+" "+fmt.Sprintf(given[len(given)-1], word)) {
					t.Errorf("%s: the hint is one of the words\n%s", args, hint)
				}
			}
		}
	}
}
