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
				err = setFlag(cmd, f, v, name)
				return
			}
		}
		for _, from := range []any{file[cmd.Name()], file} {
			if m, ok := from.(map[string]any); ok && m[f.Name] != nil {
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

// envNames are the variables that may hold a flag: the command's own, then for
// common flags the one for all commands.
func envNames(cmd *cobra.Command, f *pflag.Flag) []string {
	names := []string{envName(cmd.Name(), f.Name)}
	if isCommon(f.Name) {
		names = append(names, envName(f.Name))
	}
	return names
}

func setFlag(cmd *cobra.Command, f *pflag.Flag, value, where string) error {
	if list, ok := f.Value.(pflag.SliceValue); ok {
		return setList(list, strings.Split(value, ","), where)
	}
	if err := cmd.Flags().Set(f.Name, value); err != nil {
		return usage(fmt.Errorf("%s: %w", where, err), cmd.CommandPath()+" --help")
	}
	return nil
}

func setList(list pflag.SliceValue, values []string, where string) error {
	if err := list.Replace(values); err != nil {
		return usage(fmt.Errorf("%s: %w", where, err), "")
	}
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
		return setList(list, values, where)
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
	parsed, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, path, usage(fmt.Errorf("%s: %s", path, yaml.FormatError(err, false, true)), "")
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
		flags, ok := value.(map[string]any)
		if !ok {
			return usage(fmt.Errorf("%s: %s: want a map of its flags", path, key), sub.CommandPath()+" --help")
		}
		for name := range flags {
			if sub.Flags().Lookup(name) == nil {
				return usage(fmt.Errorf("%s: %s: unknown key %q", path, key, name), sub.CommandPath()+" --help")
			}
		}
	}
	return nil
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
	best, least := "", 3
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if d := distance(word, f.Name); d < least || strings.HasPrefix(f.Name, word) && best == "" {
			best, least = f.Name, min(d, least)
		}
	})
	if best == "" {
		return ""
	}
	return ", did you mean --" + best + "?"
}

// distance counts the letters to change, add or leave out between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost = 1 + slices.Min([]int{diagonal, row[j], row[j+1]})
			}
			diagonal, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
