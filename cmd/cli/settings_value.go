package cli

import (
	"regexp"
	"slices"
	"strings"

	"ringback/sim/yaml"
)

// SetValue returns a settings file in which a flag of all commands has a value, such as a
// generation, without quotes and blanks. If the section of a command has the flag, it is
// changed there: that is what the command takes. Everything else stays as it is, to the byte.
// A file in which the flag has no line of its own is a [*yaml.Error].
func SetValue(file []byte, command, flag, value string) ([]byte, error) {
	root, err := parseFlags(file)
	if err != nil {
		return nil, err
	}
	at, path := lineOf(root, flag), flag
	if own := root.Get(command); own != nil && own.Get(flag) != nil {
		at, path = lineOf(own, flag), command+"/"+`"`+flag+`"`
	}
	e, line := newEditor(file), at
	if at == 0 {
		line = max(1, len(e.lines))
		e.insert(e.end(), flag+": "+value)
	} else {
		e.lines[at-1] = valueLine(flag).ReplaceAllString(e.lines[at-1], "${1} "+value+"${2}${3}")
	}
	edited := []byte(strings.Join(e.lines, ""))
	is, err := yaml.Parse(edited)
	if err != nil || is == nil || is.Kind != yaml.Map || !onlyChanged(root, is, path, value) {
		return nil, &yaml.Error{Line: line, Why: flag + ": want a line of its own here, like " + flag + ": " + value}
	}
	return edited, nil
}

// valueLine is a line with a flag, its value, and what is behind it.
func valueLine(flag string) *regexp.Regexp {
	return regexp.MustCompile(`^([ \t]*["']?` + regexp.QuoteMeta(flag) + `["']?[ \t]*:)(?:[ \t]+(?:"[^"]*"|'[^']*'|[^ \t#\r\n]+))?([ \t]+#[^\r\n]*|[ \t]*)(\r?\n?)$`)
}

// lineOf is the line of a key in a map; 0 if it is not there.
func lineOf(m *yaml.Node, key string) int {
	if i := slices.IndexFunc(m.Keys, func(k yaml.Key) bool { return k.Text == key }); i >= 0 {
		return m.Keys[i].Line
	}
	return 0
}

// onlyChanged reports whether the node at a path has a value now, and nothing else differs.
func onlyChanged(was, is *yaml.Node, path, value string) bool {
	n := is
	for _, key := range strings.Split(path, "/") {
		if n = n.Get(strings.Trim(key, `"`)); n == nil {
			return false
		}
	}
	return n.Scalar() && n.Text == value && slices.Equal(others(was, path), others(is, path))
}
