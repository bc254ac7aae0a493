package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ringback/sim/text"
)

const settingsFile = "ringback.yaml"

// loadSettings fills in the flags that were not given, from the environment or
// from the settings file.
func loadSettings(cmd *cobra.Command, w world) error {
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
				err = setFlag(cmd, f, v, name)
				return
			}
		}
		for _, m := range sections(cmd, file) {
			if m[f.Name] != nil {
				err = setFlagValue(cmd, f, m[f.Name], path+": "+f.Name)
				return
			}
		}
	})
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

// envNames are the variables that may hold a flag: the command's own, those of
// the commands it belongs to, then for common flags the one for all commands.
func envNames(cmd *cobra.Command, f *pflag.Flag) (names []string) {
	for path := lineage(cmd); len(path) > 0; path = path[:len(path)-1] {
		names = append(names, envName(append(path[:len(path):len(path)], f.Name)...))
	}
	if isCommon(f.Name) {
		names = append(names, envName(f.Name))
	}
	return names
}

// sections are the maps of the file that may hold a command's flags, its own
// first.
func sections(cmd *cobra.Command, file map[string]any) []map[string]any {
	all := []map[string]any{file}
	for _, name := range lineage(cmd) {
		m, ok := all[0][name].(map[string]any)
		if !ok {
			break
		}
		all = append([]map[string]any{m}, all...)
	}
	return all
}

func setFlag(cmd *cobra.Command, f *pflag.Flag, value, where string) error {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return setList(f, list, strings.Split(value, ","), where)
	}
	if err := cmd.Flags().Set(f.Name, value); err != nil {
		return usage(fmt.Errorf("%s: %w", where, err), cmd.CommandPath()+" --help")
	}
	return nil
}

func setList(f *pflag.Flag, list pflag.SliceValue, values []string, where string) error {
	if err := list.Replace(values); err != nil {
		return usage(fmt.Errorf("%s: %w", where, err), "")
	}
	f.Changed = true // reruns spell it, as if it had been typed
	return nil
}

func setFlagValue(cmd *cobra.Command, f *pflag.Flag, value any, where string) error {
	list, isList := f.Value.(pflag.SliceValue)
	items, many := value.([]any)
	_, isMap := value.(map[string]any)
	switch {
	case isMap:
		return usage(fmt.Errorf("%s: want a value, got a map", where), "")
	case isList && many:
		var values []string
		for _, v := range items {
			values = append(values, fmt.Sprint(v))
		}
		return setList(f, list, values, where)
	case many:
		return usage(fmt.Errorf("%s: want one value, got a list", where), "")
	}
	return setFlag(cmd, f, fmt.Sprint(value), where)
}

func readSettings(cmd *cobra.Command, w world) (map[string]any, string, error) {
	path, _ := cmd.Flags().GetString("config")
	if path == "" {
		path, _ = w.lookup("RINGBACK_CONFIG")
	}
	if path == "" {
		if !fileExists(settingsFile) {
			return nil, "", nil
		}
		path = settingsFile
	}
	data, err := readFile(path)
	if err != nil {
		return nil, path, usage(fmt.Errorf("--config: %w", err), "")
	}
	w.secrets.learnSettings(data)
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil { // without the lines around it: they may hold keys
		return nil, path, usage(fmt.Errorf("%s: %s", path, yaml.FormatError(err, false, false)), "")
	}
	if len(parsed.Docs) == 0 || parsed.Docs[0].Body == nil {
		return nil, path, nil
	}
	file, ok := textOf(parsed.Docs[0].Body).(map[string]any)
	if !ok {
		return nil, path, usage(fmt.Errorf("%s: want a map of flags", path), "")
	}
	return file, path, nil
}

// textOf is a YAML value with its scalars as they were written: a flag's value
// is text, and 007 must not become 7.
func textOf(n ast.Node) any {
	switch n := n.(type) {
	case *ast.MappingNode:
		m := map[string]any{}
		for _, v := range n.Values {
			m[v.Key.GetToken().Value] = textOf(v.Value)
		}
		return m
	case *ast.MappingValueNode:
		return map[string]any{n.Key.GetToken().Value: textOf(n.Value)}
	case *ast.SequenceNode:
		list := []any{}
		for _, v := range n.Values {
			list = append(list, textOf(v))
		}
		return list
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.NullNode:
		return nil
	}
	return n.GetToken().Value
}

// checkKeys refuses keys that no flag has: a typing error must not pass
// silently.
func checkKeys(root *cobra.Command, file map[string]any, path string) error {
	for key, value := range file {
		sub := find(root, key)
		if sub == nil {
			if !isCommon(key) {
				return usage(fmt.Errorf("%s: unknown key %q, want a common flag or a command's name", path, key), "ringback call --help")
			}
			continue
		}
		if err := checkSection(sub, value, path+": "+key); err != nil {
			return err
		}
	}
	return nil
}

// checkSection checks the map of a command, and the maps in it of the commands
// that belong to it.
func checkSection(cmd *cobra.Command, value any, where string) error {
	section, ok := value.(map[string]any)
	if !ok {
		return usage(fmt.Errorf("%s: want a map of its flags", where), cmd.CommandPath()+" --help")
	}
	for name, value := range section {
		if sub := find(cmd, name); sub != nil {
			if err := checkSection(sub, value, where+": "+name); err != nil {
				return err
			}
		} else if !hasFlag(cmd, name) {
			return usage(fmt.Errorf("%s: unknown key %q", where, name), cmd.CommandPath()+" --help")
		}
	}
	return nil
}

// hasFlag tells whether a command or one that belongs to it has a flag.
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

// didYouMean names the flag that was probably meant.
func didYouMean(cmd *cobra.Command, err error) string {
	_, word, ok := strings.Cut(err.Error(), "unknown flag: --")
	if !ok {
		return ""
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if best := text.Nearest(word, names); best != "" {
		return ", did you mean --" + best + "?"
	}
	return ""
}
