package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/features"
	"ringback/features/report"
	"ringback/fixtures"
	"ringback/fixtures/receiver/broken"
	"ringback/sim/fault"
	"ringback/sim/journal"
	"ringback/sim/store"
	"ringback/sim/wire"
)

// completeFlags lets shells complete the values of flags, besides their names. It is for
// a run that a shell asks: cobra keeps what it is given, and all flags, for good.
func completeFlags(root *cobra.Command) {
	root.PersistentFlags().VisitAll(func(f *pflag.Flag) { complete(root, f) })
	for _, cmd := range root.Commands() {
		completeFlags(cmd)
	}
	root.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { complete(root, f) })
}

func complete(cmd *cobra.Command, f *pflag.Flag) {
	values := valuesOf[cmd.Name()+" "+f.Name]
	if values == nil {
		values = valuesOf[f.Name]
	}
	if values == nil && isFile(f) {
		return // shells do that by themselves
	}
	err := cmd.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if values == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return values(args, typed)
	})
	if err != nil {
		panic(err) // a flag that was completed before
	}
}

// isFile reports whether the value of a flag is a file or a folder, by what its usage calls it.
func isFile(f *pflag.Flag) bool {
	name, _ := pflag.UnquoteUsage(f)
	return name == "file" || name == "folder"
}

// completer lists values for what was typed so far; args are those of the command.
type completer func(args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective)

// valuesOf are the flags whose values are known: those of one command by its name, too.
var valuesOf = map[string]completer{
	"arrivals":   oneOf("even", "poisson"),
	"break":      described(broken.List, func(v broken.Variant) (string, string) { return v.Name, v.About }),
	"call":       callsOfJournal,
	"call-types": oneOf(features.AllCallTypes...),
	"dialect":    dialectChoices,
	"emit":       oneOf("calls", "callbacks", "phones"),
	"fault":      described(fault.List, func(f fault.Info) (string, string) { return f.Name, "the callback " + f.About }),
	"glue":       oneOf("js", "java", "python"),
	"generation": oneOf("v1", "v4", "both"),
	"level":      oneOf("must", "should"),
	"media":      oneOf("audio", "video"),
	"order":      oneOf("serial", "none"),
	"outcome": func([]string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return outcomes(), cobra.ShellCompDirectiveNoFileComp
	},
	"pace":             oneOf("real", "instant", "10x", "60x"),
	"platform":         oneOf(platforms...),
	"preset":           presetOrFile,
	"report":           reportKinds("html", "json"),
	"verify report":    reportKinds(slices.Sorted(maps.Keys(report.Writers))...),
	"subscribe":        wordsOfCallbacks,
	"traffic":          presetOrFile,
	"user-map":         files,
	"heartbeat-expiry": oneOf("60s", "400s", "platform"),
}

func files([]string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

func oneOf(values ...string) completer {
	return func([]string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return values, cobra.ShellCompDirectiveNoFileComp
	}
}

// described are values with a line about each.
func described[T any](list func() []T, of func(T) (value, about string)) completer {
	return func([]string, string) (all []cobra.Completion, _ cobra.ShellCompDirective) {
		for _, row := range list() {
			all = append(all, cobra.CompletionWithDesc(of(row)))
		}
		return all, cobra.ShellCompDirectiveNoFileComp
	}
}

// presetOrFile is a traffic preset, or a file with one.
func presetOrFile([]string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return fixtures.Presets(), cobra.ShellCompDirectiveDefault
}

// dialectChoices are keys, and once one is typed, its values.
func dialectChoices(_ []string, typed string) (all []cobra.Completion, _ cobra.ShellCompDirective) {
	name, _, chosen := strings.Cut(typed, "=")
	for _, k := range wire.Keys() {
		switch {
		case !chosen:
			all = append(all, cobra.CompletionWithDesc(k.Name+"=", k.About))
		case k.Name == name:
			for _, value := range k.Values {
				all = append(all, k.Name+"="+value)
			}
		}
	}
	directive := cobra.ShellCompDirectiveNoFileComp
	if !chosen {
		directive |= cobra.ShellCompDirectiveNoSpace
	}
	return all, directive
}

// reportKinds are the kinds of reports, until there is one: a file follows.
func reportKinds(kinds ...string) completer {
	return func(_ []string, typed string) (all []cobra.Completion, _ cobra.ShellCompDirective) {
		if strings.Contains(typed, "=") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		for _, kind := range kinds {
			all = append(all, kind+"=")
		}
		return all, cobra.ShellCompDirectiveNoSpace
	}
}

// wordsOfCallbacks completes the last of a list of words.
func wordsOfCallbacks(_ []string, typed string) (all []cobra.Completion, _ cobra.ShellCompDirective) {
	before := typed[:strings.LastIndexByte(typed, ',')+1]
	given := strings.Split(before, ",")
	for _, w := range wire.AllWords() {
		if !slices.Contains(given, w.String()) {
			all = append(all, before+w.String())
		}
	}
	return all, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// callsOfJournal are the first calls of the journal that is named, by their CallIds.
func callsOfJournal(args []string, _ string) (all []cobra.Completion, directive cobra.ShellCompDirective) {
	directive = cobra.ShellCompDirectiveNoFileComp
	if len(args) == 0 {
		return nil, directive
	}
	const enough = 4 << 20 // bytes: who completes is waiting
	f, err := os.Open(args[0])
	if err != nil {
		return nil, directive
	}
	defer f.Close()
	begin := make([]byte, enough)
	n, _ := f.Read(begin)
	st, full := journal.NewReader(1000), errors.New("enough calls")
	_, _ = store.Read(bytes.NewReader(begin[:n]), func(e *journal.Event) error { // as far as it can be read
		if err := st.Apply(e); err != nil {
			return err
		}
		if st.NumCalls() == 1000 {
			return full
		}
		return nil
	})
	for c := range st.Calls() {
		all = append(all, cobra.CompletionWithDesc(c.ID, fmt.Sprintf("#%d", c.Number)))
	}
	return all, directive
}
