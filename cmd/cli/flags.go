package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/sim/yaml"
)

var commonNames = []string{
	"target", "sdkappid", "generation", "seed", "epoch", "run", "pace", "order", "timeout", "wait", "dialect", "journal", "journal-timings", "heartbeat-expiry",
	"allow-net", "cacert", "insecure", "sign", "user-map", "any-ids",
}

func isCommon(flag string) bool { return slices.Contains(commonNames, flag) }

// envName is the variable of a flag, named by its command and itself.
func envName(parts ...string) string {
	return "RINGBACK_" + strings.ToUpper(strings.ReplaceAll(strings.Join(parts, "_"), "-", "_"))
}

// lineage is a command's name behind the names of those it belongs to, the
// root left out: usersig, sign.
func lineage(cmd *cobra.Command) (names []string) {
	for ; cmd.HasParent(); cmd = cmd.Parent() {
		names = append([]string{cmd.Name()}, names...)
	}
	return names
}

// OwnMeaning marks a flag that has the name of a common one and another
// meaning: what is set for all commands is not meant for it.
func OwnMeaning(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		_ = flags.SetAnnotation(name, ownAnnotation, nil) // the flag is there
	}
}

const (
	ownAnnotation    = "ringback_own"
	sourceAnnotation = "ringback_source"
)

// fromCommon reports whether a flag may be set for all commands at once.
func fromCommon(f *pflag.Flag) bool {
	_, own := f.Annotations[ownAnnotation]
	return isCommon(f.Name) && !own
}

// EnvNames are the variables that may hold a flag: the command's own, those of
// the commands it belongs to, then for common flags the one for all commands.
func EnvNames(cmd *cobra.Command, f *pflag.Flag) (names []string) {
	for path := lineage(cmd); len(path) > 0; path = path[:len(path)-1] {
		names = append(names, envName(append(path[:len(path):len(path)], f.Name)...))
	}
	if fromCommon(f) {
		names = append(names, envName(f.Name))
	}
	return names
}

// Typed reports whether a flag was given on the command line.
func Typed(f *pflag.Flag) bool { return f.Changed && len(f.Annotations[sourceAnnotation]) == 0 }

// cameFrom notes where a flag's value is from, for errors.
func cameFrom(f *pflag.Flag, where string) {
	if f.Annotations == nil {
		f.Annotations = map[string][]string{}
	}
	f.Annotations[sourceAnnotation] = []string{where}
}

// flagNames are the flags of a command and of those that belong to it.
func flagNames(cmd *cobra.Command) (names []string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	for _, c := range cmd.Commands() {
		names = append(names, flagNames(c)...)
	}
	return names
}

// hasFlag reports whether a command or one that belongs to it has a flag.
func hasFlag(cmd *cobra.Command, name string) bool {
	return cmd.Flags().Lookup(name) != nil || slices.ContainsFunc(cmd.Commands(), func(c *cobra.Command) bool { return hasFlag(c, name) })
}

func find(root *cobra.Command, name string) *cobra.Command {
	for _, c := range root.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}

// number is a flag's value that is read as YAML reads numbers, so that 017 is
// the same number wherever it is written.
type number struct{ pflag.Value }

// decimalNumbers lets all flags that are whole numbers be read as such.
func decimalNumbers(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if t := f.Value.Type(); strings.HasPrefix(t, "int") || strings.HasPrefix(t, "uint") {
			f.Value = number{f.Value}
		}
	})
	for _, c := range cmd.Commands() {
		decimalNumbers(c)
	}
}

// oneListOfFlags lets the help of a command list all its flags in one list, by
// name as shells complete them, the one of all commands among them.
func oneListOfFlags(cmd *cobra.Command, shared *pflag.Flag) {
	if cmd.HasParent() {
		own := *shared // one of its own with the same value: help knows it by its place
		cmd.Flags().AddFlag(&own)
	}
	for _, c := range cmd.Commands() {
		oneListOfFlags(c, shared)
	}
}

func (n number) Set(s string) error {
	i, ok := yaml.ParseInt(s)
	if !ok {
		return errors.New("not a whole number")
	}
	return n.Value.Set(fmt.Sprint(i))
}
