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
	if choice := choices[f.Name]; choice != nil {
		values = described(choice)
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

// valuesOf are the flags of whose values some are known: those of one command by its name,
// too.
var valuesOf = map[string]completer{
	"call":    callsOfJournal,
	"dialect": dialectChoices,
	"fault": described(func() (all []choiceWord) {
		for _, f := range fault.List() {
			all = append(all, choiceWord{f.Name, "the callback " + f.About})
		}
		return all
	}),
	"pace":             described(oneOf("real", "instant", "10x", "60x")),
	"preset":           presetOrFile,
	"report":           reportKinds("html", "json"),
	"verify report":    reportKinds(slices.Sorted(maps.Keys(report.Writers))...),
	"subscribe":        wordsOfCallbacks,
	"traffic":          presetOrFile,
	"user-map":         files,
	"heartbeat-expiry": described(oneOf("60s", "400s", "platform")),
}

// choices are the flags that take one of a few words, and nothing else.
var choices = map[string]func() []choiceWord{
	"arrivals": oneOf("even", "poisson"),
	"break": func() (all []choiceWord) {
		for _, v := range broken.List() {
			all = append(all, choiceWord{v.Name, v.About})
		}
		return all
	},
	"call-types": oneOf(features.AllCallTypes...),
	"emit":       oneOf("calls", "callbacks", "phones"),
	"glue":       oneOf("js", "java", "python"),
	"generation": oneOf("v1", "v4", "both"),
	"level":      oneOf("must", "should"),
	"media":      oneOf("audio", "video"),
	"order":      oneOf("serial", "none"),
	"outcome":    func() []choiceWord { return oneOf(outcomes()...)() },
	"platform":   oneOf(platforms...),
}

// choiceWord is a word that a flag takes, with a line about it or none.
type choiceWord struct{ word, about string }

func oneOf(list ...string) func() []choiceWord {
	return func() (all []choiceWord) {
		for _, w := range list {
			all = append(all, choiceWord{word: w})
		}
		return all
	}
}

func files([]string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

// described are words, with the line about each.
func described(list func() []choiceWord) completer {
	return func([]string, string) (all []cobra.Completion, _ cobra.ShellCompDirective) {
		for _, c := range list() {
			if c.about == "" {
				all = append(all, c.word)
			} else {
				all = append(all, cobra.CompletionWithDesc(c.word, c.about))
			}
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
