package cli

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/sim/text"
	"ringback/sim/yaml"
)

const settingsFile = "ringback.yaml"

// LoadSettings fills in the flags that were not given, from the environment or
// from the settings file.
func LoadSettings(cmd *cobra.Command, w Env) error {
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
		for _, name := range EnvNames(cmd, f) {
			if v, ok := w.Lookup(name); ok && v != "" { // CI templates export empty ones
				w.Secrets.Learn(f.Name, v)
				err = setFromEnvironment(cmd, f, v, name)
				return
			}
		}
		for _, m := range sections(cmd, f, file) {
			if n := m.Get(f.Name); n != nil && n.Kind != yaml.Null {
				w.Secrets.Learn(f.Name, n.Text)
				err = setFromFile(cmd, f, n, fmt.Sprintf("%s:%d: %s", path, n.Line, f.Name))
				return
			}
		}
	})
	if err == nil {
		w.Secrets.settled(cmd, file != nil)
	}
	return err
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

// splitByComma are the lists whose values can hold no comma. In a variable, the values of
// other lists, like headers and file names, are one a line.
var splitByComma = []string{"admin", "allow-host", "allow-net", "call", "callee", "dialect", "fault", "subscribe", "threshold", "user-map"}

// setFromEnvironment sets a flag to the value of a variable; a list may have several.
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

// setFromFile sets a flag to what a settings file has, and names the place in errors.
func setFromFile(cmd *cobra.Command, f *pflag.Flag, n *yaml.Node, where string) error {
	wrong := func(want string) error {
		return Usage(fmt.Errorf("%s: want %s, got %s", where, want, n), cmd.CommandPath()+" --help")
	}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		items := []*yaml.Node{n}
		if n.Kind == yaml.List {
			items = n.Items
		}
		var values []string
		if n.Kind == yaml.Map && slices.Contains(pairs, f.Name) {
			for i, key := range n.Keys {
				value, err := pairOf(n.Items[i], where+"."+key.Text, cmd)
				if err != nil {
					return err
				}
				values = append(values, key.Text+"="+value)
			}
			items = nil
		}
		for _, n := range items {
			if !n.Scalar() || n.Kind == yaml.Null {
				return Usage(fmt.Errorf("%s: want a value or a list of values, got %s", where, n.Word()), cmd.CommandPath()+" --help")
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

// pairs are the lists whose entries are a name and a value. In a file they may be a map.
var pairs = []string{"keys", "theme"}

// pairOf is the value of such an entry: one, or several with blanks between.
func pairOf(n *yaml.Node, where string, cmd *cobra.Command) (string, error) {
	items := []*yaml.Node{n}
	if n.Kind == yaml.List {
		items = n.Items
	}
	var values []string
	for _, n := range items {
		if !n.Scalar() || n.Kind == yaml.Null {
			return "", Usage(fmt.Errorf("%s: want a value or a list of values, got %s", where, n.Word()), cmd.CommandPath()+" --help")
		}
		values = append(values, n.Text)
	}
	return strings.Join(values, " "), nil
}

// SettingsPath is the settings file of a command, which may not be there yet.
func SettingsPath(cmd *cobra.Command, w Env) string {
	path, _ := settingsPath(cmd, w)
	return cmp.Or(path, settingsFile)
}

// settingsPath is the settings file that was asked for, and the variable that named it; ""
// if none was, or the flag did.
func settingsPath(cmd *cobra.Command, w Env) (path, from string) {
	if path, _ = cmd.Flags().GetString("config"); path != "" {
		return path, ""
	}
	if path = w.Getenv("RINGBACK_CONFIG"); path != "" {
		return path, "RINGBACK_CONFIG"
	}
	return "", ""
}

func readSettings(cmd *cobra.Command, w Env) (*yaml.Node, string, error) {
	path, from := settingsPath(cmd, w)
	switch {
	case from != "":
		cameFrom(cmd.Flags().Lookup("config"), from)
	case path == "" && !fileExists(settingsFile):
		return nil, "", nil
	}
	path = cmp.Or(path, settingsFile)
	data, err := ReadText(path)
	if err != nil {
		return nil, path, Usage(fmt.Errorf("--config: %w", err), "")
	}
	w.Secrets.learnSettings(data)
	file, err := yaml.Parse(data)
	var bad *yaml.Error
	switch {
	case errors.As(err, &bad):
		return nil, path, Usage(fmt.Errorf("%s:%d: %s", path, bad.Line, bad.Why), "")
	case err != nil:
		return nil, path, Usage(fmt.Errorf("%s: %w", path, err), "")
	case file == nil || file.Kind == yaml.Null:
		return nil, path, nil
	case file.Kind != yaml.Map:
		return nil, path, Usage(fmt.Errorf("%s:%d: want a map of flags, got %s", path, file.Line, file.Word()), "")
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
				return Usage(fmt.Errorf("%s:%d: unknown key %q, want a common flag or a command's name%s", path, key.Line, key.Text, DidYouMean(key.Text, "", words)), "ringback call --help")
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
		return Usage(fmt.Errorf("%s:%d: %s: want a map of its flags, got %s", path, key.Line, key.Text, section.Word()), cmd.CommandPath()+" --help")
	}
	for i, name := range section.Keys {
		if sub := find(cmd, name.Text); sub != nil {
			if err := checkSection(sub, section.Items[i], path, yaml.Key{Text: key.Text + ": " + name.Text, Line: name.Line}); err != nil {
				return err
			}
		} else if !hasFlag(cmd, name.Text) {
			return Usage(fmt.Errorf("%s:%d: %s: unknown key %q%s", path, name.Line, key.Text, name.Text, DidYouMean(name.Text, "", flagNames(cmd))), cmd.CommandPath()+" --help")
		}
	}
	return nil
}

// warnMisspelt warns of variables that look like those of flags, and are not.
func warnMisspelt(root *cobra.Command, w Env) {
	if w.Environ == nil {
		return
	}
	entries := slices.DeleteFunc(w.Environ(), func(entry string) bool { return !strings.HasPrefix(entry, "RINGBACK_") })
	if len(entries) == 0 { // as a rule
		return
	}
	known := []string{"RINGBACK_CONFIG"}
	var commands, numbered []string // numbered may have one for each secret of a list
	var walk func(cmd *cobra.Command)
	walk = func(cmd *cobra.Command) {
		if cmd.HasParent() {
			commands = append(commands, envName(lineage(cmd)...)+"_")
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			known = append(known, EnvNames(cmd, f)...)
			if _, list := f.Value.(pflag.SliceValue); list && wantsSecret(f.Name) {
				numbered = append(numbered, EnvNames(cmd, f)...)
			}
		})
		for _, c := range cmd.Commands() {
			walk(c)
		}
	}
	walk(root)
	for _, entry := range entries {
		name, value, _ := strings.Cut(entry, "=")
		if value == "" || slices.Contains(known, name) || slices.Contains(numbered, anotherSecret.ReplaceAllString(name, "")) {
			continue
		}
		hint := DidYouMean(name, "", known)
		if hint == "" && !slices.ContainsFunc(commands, func(c string) bool { return strings.HasPrefix(name, c) }) { // a variable of another program
			continue
		}
		text.Fprintf(w.Stderr, "ringback: warning: %s: no flag has this variable, and it is ignored%s\n", name, hint)
	}
}

// anotherSecret matches the suffix that variable appends to the name for the second
// secret of a flag and later ones.
var anotherSecret = regexp.MustCompile(`_([2-9]|[1-9][0-9]+)$`)
