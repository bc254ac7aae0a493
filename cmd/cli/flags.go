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

// lineage returns the names of a command's parents, without the root, and its own:
// usersig, sign.
func lineage(cmd *cobra.Command) (names []string) {
	for ; cmd.HasParent(); cmd = cmd.Parent() {
		names = append([]string{cmd.Name()}, names...)
	}
	return names
}

// OwnMeaning marks a flag that has the name of a common one and another meaning: settings
// for all commands do not apply to it.
func OwnMeaning(flags *pflag.FlagSet, names ...string) {
	for _, name := range names {
		_ = flags.SetAnnotation(name, ownAnnotation, nil) // the flag is there
	}
}

const (
	ownAnnotation    = "ringback_own"
	sourceAnnotation = "ringback_source"
)

// fromCommon reports whether settings for all commands apply to a flag.
func fromCommon(f *pflag.Flag) bool {
	_, own := f.Annotations[ownAnnotation]
	return isCommon(f.Name) && !own
}

// EnvNames returns the variables that can set a flag: those of the command, of its
// parents and, for common flags, of all commands.
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

// cameFrom records where a flag's value is from, for errors.
func cameFrom(f *pflag.Flag, where string) {
	if f.Annotations == nil {
		f.Annotations = map[string][]string{}
	}
	f.Annotations[sourceAnnotation] = []string{where}
}

// flagNames returns the flags of a command and of its subcommands.
func flagNames(cmd *cobra.Command) (names []string) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	for _, c := range cmd.Commands() {
		names = append(names, flagNames(c)...)
	}
	return names
}

// hasFlag reports whether a command or one of its subcommands has a flag.
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

// number parses a flag's value as YAML does, so that 017 is the same number on the
// command line and in a file.
type number struct{ pflag.Value }

// decimalNumbers makes all flags for whole numbers a number.
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

// oneListOfFlags makes the help of a command list all flags together, with the one that
// all commands share.
func oneListOfFlags(cmd *cobra.Command, shared *pflag.Flag) {
	if cmd.HasParent() {
		own := *shared // a copy with the same value, which help counts as the command's own
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
