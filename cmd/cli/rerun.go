package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/sim/text"
)

// AsTyped begins a hint that repeats the command line as typed, with the flags that
// follow changed. So does "ringback call --", for any command.
const AsTyped = "as typed, with "

// ButWithout ends such a hint with the names of flags to leave out, separated by blanks.
const ButWithout = "\x00"

// pasteable completes a hint about an error so that it runs as it is.
func pasteable(cmd *cobra.Command, hint, why string) string {
	if hint == "" {
		return cmd.CommandPath() + " --help"
	}
	with, ok := strings.CutPrefix(hint, AsTyped)
	if !ok {
		with, ok = strings.CutPrefix(hint, "ringback call ")
		ok = ok && strings.HasPrefix(with, "--")
	}
	switch {
	case with == "--help":
		return cmd.CommandPath() + " --help"
	case !ok:
		return hint
	}
	with, without, _ := strings.Cut(with, ButWithout)
	return Retyped(cmd, with, strings.Fields(without), why)
}

var flagName = regexp.MustCompile(`(?:^|\s)--([a-z0-9-]+)`)

// examples are flags that complete a hint though they are not what is wrong.
var examples = regexp.MustCompile(` --(target http://127\.0\.0\.1:3000/callback|probe 'http://127\.0\.0\.1:3000/calls/\{CallId\}')`)

// Retyped returns the command line as typed, except for some flags. Of a repeatable flag
// the values stay that the error does not name.
func Retyped(cmd *cobra.Command, with string, without []string, why string) string {
	with = strings.TrimSpace(examples.ReplaceAllStringFunc(" "+with, func(example string) string {
		name := flagName.FindStringSubmatch(example)[1]
		if f := cmd.Flags().Lookup(name); strings.HasPrefix(why, "--"+name+":") || f == nil || !Typed(f) {
			return example
		}
		return ""
	}))
	var names []string
	for _, m := range flagName.FindAllStringSubmatch(with, -1) {
		names = append(names, m[1])
	}
	skip := slices.Concat(names, without)
	line := []string{cmd.CommandPath()}
	for _, arg := range cmd.Flags().Args() {
		line = append(line, text.Shell(arg))
	}
	if !slices.Contains(names, "target") && lacksTarget(cmd) {
		line = append(line, "--target http://127.0.0.1:3000/callback")
	}
	var kept []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if !Typed(f) {
			skip = append(skip, f.Name)
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok && slices.Contains(names, f.Name) && !wantsSecret(f.Name) {
			for _, v := range list.GetSlice() {
				if !speaksOf(why, v) && !speaksOf(with, text.Shell(v)) {
					kept = append(kept, "--"+f.Name+" "+text.Shell(v))
				}
			}
		}
	})
	return strings.TrimSpace(strings.Join(slices.Concat(line, Spelled(cmd.Flags(), skip), kept, []string{with}), " "))
}

// speaksOf reports whether an error names a value of a flag.
func speaksOf(why, value string) bool {
	return regexp.MustCompile(`(?:^|[\s"])` + regexp.QuoteMeta(value) + `(?:$|[\s":;,])`).MatchString(why)
}

// lacksTarget reports whether a command needs a --target that it does not have.
func lacksTarget(cmd *cobra.Command) bool {
	f := cmd.Flags().Lookup("target")
	for _, other := range []string{"await-registration", "list"} {
		if is, err := cmd.Flags().GetBool(other); err == nil && is {
			return false
		}
	}
	return f != nil && f.Value.String() == "" && cmd.Name() != "tui"
}

// Spelled returns the flags that were set, as on a command line, except for some. A value
// with a secret is replaced by the variable that could set it.
func Spelled(flags *pflag.FlagSet, without []string) (list []string) {
	hidden := map[string]int{}
	flags.VisitAll(func(f *pflag.Flag) {
		if slices.Contains(without, f.Name) {
			return
		}
		if !f.Changed {
			return
		}
		for _, v := range valuesOf(f) {
			switch {
			case f.Value.Type() == "bool" && v == "true":
				list = append(list, "--"+f.Name)
			case f.Value.Type() == "bool":
				list = append(list, "--"+f.Name+"="+v)
			case holdsSecret(f.Name, v) && fromVariable(f): // it is still set
			case holdsSecret(f.Name, v):
				hidden[f.Name]++
				list = append(list, "--"+f.Name+" "+variable(flags.Name(), f.Name, hidden[f.Name]))
			default:
				list = append(list, "--"+f.Name+" "+text.Shell(v))
			}
		}
	})
	return list
}

// fromVariable reports whether a flag was set by the environment.
func fromVariable(f *pflag.Flag) bool {
	source := f.Annotations[sourceAnnotation]
	return len(source) > 0 && strings.HasPrefix(source[0], "RINGBACK_")
}

// variable returns the shell variable for the n-th secret of a flag.
func variable(command, flag string, n int) string {
	name := envName(command, flag)
	if isCommon(flag) {
		name = envName(flag)
	}
	if n > 1 {
		name += fmt.Sprint("_", n)
	}
	return `"$` + name + `"`
}
