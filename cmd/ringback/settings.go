package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/sim/yaml"
)

const settingsFile = "ringback.yaml"

// loadSettings fills in the flags that were not given, from the environment or
// from the settings file.
func loadSettings(cmd *cobra.Command, w world) error {
	warnMisspelt(cmd.Root(), w)
	if !cmd.HasAvailableLocalFlags() { // version has nothing to read, and must not fail for it
		return nil
	}
	file, path, err := readSettings(cmd, w)
	if err != nil {
		return err
	}
	if err := checkKeys(cmd.Root(), file, path); err != nil {
		return err
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if err != nil || f.Changed || f.Name == "help" || f.Name == "config" {
			return
		}
		for _, name := range envNames(cmd, f) {
			if v, ok := w.lookup(name); ok && v != "" { // as CI templates export them
				w.secrets.learn(f.Name, v)
				err = setFromEnvironment(cmd, f, v, name)
				return
			}
		}
		for _, m := range sections(cmd, f, file) {
			if n := m.Get(f.Name); n != nil && n.Kind != yaml.Null {
				w.secrets.learn(f.Name, n.Text)
				err = setFromFile(cmd, f, n, fmt.Sprintf("%s:%d: %s", path, n.Line, f.Name))
				return
			}
		}
	})
	if err == nil {
		w.secrets.settled(cmd, file != nil)
	}
	return err
}

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

// ownMeaning marks a flag that has the name of a common one and another
// meaning: what is set for all commands is not meant for it.
func ownMeaning(flags *pflag.FlagSet, names ...string) {
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

// envNames are the variables that may hold a flag: the command's own, those of
// the commands it belongs to, then for common flags the one for all commands.
func envNames(cmd *cobra.Command, f *pflag.Flag) (names []string) {
	for path := lineage(cmd); len(path) > 0; path = path[:len(path)-1] {
		names = append(names, envName(append(path[:len(path):len(path)], f.Name)...))
	}
	if fromCommon(f) {
		names = append(names, envName(f.Name))
	}
	return names
}

// sections are the maps of the file that may hold a command's flag, its own
// first.
func sections(cmd *cobra.Command, f *pflag.Flag, file *yaml.Node) (all []*yaml.Node) {
	m := file
	if m != nil && fromCommon(f) {
		all = append(all, m)
	}
	for _, name := range lineage(cmd) {
		if m == nil {
			break
		}
		if m = m.Get(name); m != nil {
			all = append([]*yaml.Node{m}, all...)
		}
	}
	return all
}

// splitByComma are the lists whose values can hold no comma. In a variable the
// values of others, like headers and names of files, stand a line each.
var splitByComma = []string{"admin", "allow-host", "allow-net", "call", "callee", "dialect", "fault", "subscribe", "threshold", "user-map"}

func setFromEnvironment(cmd *cobra.Command, f *pflag.Flag, value, name string) error {
	list, ok := f.Value.(pflag.SliceValue)
	if !ok {
		return setFlag(cmd, f, value, name)
	}
	split := func(r rune) bool { return r == '\n' || r == ',' && slices.Contains(splitByComma, f.Name) }
	var values []string
	for _, v := range strings.FieldsFunc(value, split) {
		if v = strings.TrimSpace(v); v != "" {
			values = append(values, v)
		}
	}
	return setList(cmd, f, list, values, name)
}

// setFlag sets a flag to a value that came from where it says.
func setFlag(cmd *cobra.Command, f *pflag.Flag, value, where string) error {
	cameFrom(f, where)
	if err := cmd.Flags().Set(f.Name, value); err != nil {
		return badValue(cmd, f, value)
	}
	return nil
}

func setList(cmd *cobra.Command, f *pflag.Flag, list pflag.SliceValue, values []string, where string) error {
	cameFrom(f, where)
	if err := list.Replace(values); err != nil {
		return badValue(cmd, f, strings.Join(values, ", "))
	}
	f.Changed = true // reruns spell it, as if it had been typed
	return nil
}

// cameFrom notes where a flag's value is from, for errors.
func cameFrom(f *pflag.Flag, where string) {
	if f.Annotations == nil {
		f.Annotations = map[string][]string{}
	}
	f.Annotations[sourceAnnotation] = []string{where}
}

// typed reports whether a flag was given on the command line.
func typed(f *pflag.Flag) bool { return f.Changed && len(f.Annotations[sourceAnnotation]) == 0 }

func setFromFile(cmd *cobra.Command, f *pflag.Flag, n *yaml.Node, where string) error {
	wrong := func(want string) error {
		return usage(fmt.Errorf("%s: want %s, got %s", where, want, n), cmd.CommandPath()+" --help")
	}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		items := []*yaml.Node{n}
		if n.Kind == yaml.List {
			items = n.Items
		}
		var values []string
		for _, n := range items {
			if !n.Scalar() || n.Kind == yaml.Null {
				return usage(fmt.Errorf("%s: want a value or a list of values, got %s", where, n.Word()), cmd.CommandPath()+" --help")
			}
			values = append(values, n.Text)
		}
		return setList(cmd, f, list, values, where)
	}
	switch {
	case n.Kind == yaml.List:
		return wrong("one value")
	case n.Kind == yaml.Map:
		return wrong("a value")
	case f.Value.Type() == "bool" && n.Kind != yaml.Bool:
		return wrong("true or false")
	}
	return setFlag(cmd, f, n.Text, where)
}

func readSettings(cmd *cobra.Command, w world) (*yaml.Node, string, error) {
	path, _ := cmd.Flags().GetString("config")
	if path == "" {
		if path = w.env("RINGBACK_CONFIG"); path != "" {
			cameFrom(cmd.Flags().Lookup("config"), "RINGBACK_CONFIG")
		}
	}
	if path == "" {
		if !fileExists(settingsFile) {
			return nil, "", nil
		}
		path = settingsFile
	}
	data, err := readText(path)
	if err != nil {
		return nil, path, usage(fmt.Errorf("--config: %w", err), "")
	}
	w.secrets.learnSettings(data)
	file, err := yaml.Parse(data)
	var bad *yaml.Error
	switch {
	case errors.As(err, &bad):
		return nil, path, usage(fmt.Errorf("%s:%d: %s", path, bad.Line, bad.Why), "")
	case err != nil:
		return nil, path, usage(fmt.Errorf("%s: %w", path, err), "")
	case file == nil || file.Kind == yaml.Null:
		return nil, path, nil
	case file.Kind != yaml.Map:
		return nil, path, usage(fmt.Errorf("%s:%d: want a map of flags, got %s", path, file.Line, file.Word()), "")
	}
	return file, path, nil
}

// checkKeys refuses keys that no flag has: a typing error must not pass
// silently.
func checkKeys(root *cobra.Command, file *yaml.Node, path string) error {
	if file == nil {
		return nil
	}
	for i, key := range file.Keys {
		sub := find(root, key.Text)
		if sub == nil {
			if !isCommon(key.Text) {
				words := slices.Clone(commonNames)
				for _, c := range root.Commands() {
					words = append(words, c.Name())
				}
				return usage(fmt.Errorf("%s:%d: unknown key %q, want a common flag or a command's name%s", path, key.Line, key.Text, didYouMean(key.Text, "", words)), "ringback call --help")
			}
			continue
		}
		if err := checkSection(sub, file.Items[i], path, key); err != nil {
			return err
		}
	}
	return nil
}

// checkSection checks the map of a command, and the maps in it of the commands
// that belong to it.
func checkSection(cmd *cobra.Command, section *yaml.Node, path string, key yaml.Key) error {
	switch section.Kind {
	case yaml.Null:
		return nil
	case yaml.Map:
	default:
		return usage(fmt.Errorf("%s:%d: %s: want a map of its flags, got %s", path, key.Line, key.Text, section.Word()), cmd.CommandPath()+" --help")
	}
	for i, name := range section.Keys {
		if sub := find(cmd, name.Text); sub != nil {
			if err := checkSection(sub, section.Items[i], path, yaml.Key{Text: key.Text + ": " + name.Text, Line: name.Line}); err != nil {
				return err
			}
		} else if !hasFlag(cmd, name.Text) {
			return usage(fmt.Errorf("%s:%d: %s: unknown key %q%s", path, name.Line, key.Text, name.Text, didYouMean(name.Text, "", flagNames(cmd))), cmd.CommandPath()+" --help")
		}
	}
	return nil
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
