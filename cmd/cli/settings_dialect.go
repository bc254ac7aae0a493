package cli

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ringback/sim/yaml"
)

// SetDialect returns a settings file in which the dialect has these choices, each like
// attempts=7, and no others for the keys of known: those are defaults, which need not be
// there. Everything else stays as it is, to the byte: other keys, comments, and the choices
// of other keys of the dialect. An empty file gets the dialect alone.
//
// It changes lines, so that not every spelling of YAML will do: a file whose dialect is
// an alias, say, is a [*yaml.Error].
func SetDialect(file []byte, choices, known []string) ([]byte, error) {
	root, err := parseFlags(file)
	if err != nil {
		return nil, err
	}
	e := newEditor(file)
	line, entries := max(1, len(e.lines)), []string(nil)
	i := slices.IndexFunc(root.Keys, func(k yaml.Key) bool { return k.Text == dialectKey })
	switch {
	case i < 0 && len(choices) == 0:
		return file, nil
	case i < 0:
		e.add(choices)
	default:
		line = root.Keys[i].Line
		items, err := itemsOf(root.Items[i])
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			entries = append(entries, item.Text)
		}
		for _, c := range known {
			if len(absent(entries, []string{c})) == 0 {
				choices = append(slices.Clone(choices), c)
			}
		}
		e.change(line, root.Items[i], items, entries, choices)
	}
	edited := []byte(strings.Join(e.lines, ""))
	if !asMeant(root, edited, merged(entries, choices)) {
		return nil, &yaml.Error{Line: line, Why: "dialect: want a list of its own here, an entry a line, to change nothing else"}
	}
	return edited, nil
}

const dialectKey = "dialect"

// itemsOf are the entries of a dialect.
func itemsOf(n *yaml.Node) ([]*yaml.Node, error) {
	items := []*yaml.Node{n}
	switch n.Kind {
	case yaml.Null:
		return nil, nil
	case yaml.List:
		items = n.Items
	}
	for _, item := range items {
		if item.Kind != yaml.Text {
			return nil, &yaml.Error{Line: item.Line, Why: "dialect: want entries like attempts=7, got " + item.Word()}
		}
	}
	return items, nil
}

// merged are entries with choices in the place of those for the same key, and the other
// choices behind.
func merged(entries, choices []string) (list []string) {
	for _, e := range entries {
		list = append(list, chosen(e, choices))
	}
	return append(list, absent(entries, choices)...)
}

// chosen is the choice for the key of an entry, or the entry.
func chosen(entry string, choices []string) string {
	for _, c := range choices {
		if nameOf(c) == nameOf(entry) {
			return c
		}
	}
	return entry
}

// absent are the choices whose keys no entry has.
func absent(entries, choices []string) []string {
	return slices.DeleteFunc(slices.Clone(choices), func(c string) bool {
		return slices.ContainsFunc(entries, func(e string) bool { return nameOf(e) == nameOf(c) })
	})
}

func nameOf(choice string) string {
	name, _, _ := strings.Cut(choice, "=")
	return name
}

// asMeant reports whether an edited file has these entries in its dialect, and differs in
// nothing else from what it was.
func asMeant(was *yaml.Node, edited []byte, entries []string) bool {
	is, err := yaml.Parse(edited)
	if err != nil || is == nil || is.Kind != yaml.Map {
		return false
	}
	d := is.Get(dialectKey)
	if d == nil {
		return len(entries) == 0
	}
	var got []string
	items, err := itemsOf(d)
	for _, item := range items {
		got = append(got, item.Text)
	}
	return err == nil && slices.Equal(got, entries) && slices.Equal(others(was, dialectKey), others(is, dialectKey))
}

// others are the values of a map besides the one at a path, each with its place.
func others(m *yaml.Node, but string) (list []string) {
	var walk func(path string, n *yaml.Node)
	walk = func(path string, n *yaml.Node) {
		if path == but {
			return
		}
		list = append(list, fmt.Sprintf("%s %d %q", path, n.Kind, n.Text))
		for i, item := range n.Items {
			at := fmt.Sprint(i)
			if n.Kind == yaml.Map {
				at = fmt.Sprintf("%q", n.Keys[i].Text)
			}
			walk(path+"/"+at, item)
		}
	}
	for i, k := range m.Keys {
		walk(k.Text, m.Items[i])
	}
	return list
}

// editor changes the lines of a file.
type editor struct {
	lines []string // with their ends
	feed  string   // that ends lines here
}

func newEditor(file []byte) *editor {
	e := &editor{lines: slices.Collect(strings.Lines(string(file))), feed: "\n"}
	if len(e.lines) > 0 && strings.HasSuffix(e.lines[0], "\r\n") {
		e.feed = "\r\n"
	}
	return e
}

// insert puts lines behind the n-th.
func (e *editor) insert(n int, more ...string) {
	if n > 0 && !strings.HasSuffix(e.lines[n-1], "\n") {
		e.lines[n-1] += e.feed
	}
	for i := range more {
		more[i] += e.feed
	}
	e.lines = slices.Insert(e.lines, n, more...)
}

// end is where the document ends: behind its last line, or before its mark.
func (e *editor) end() int {
	if n := slices.IndexFunc(e.lines, func(l string) bool { return strings.TrimSpace(l) == "..." }); n >= 0 {
		return n
	}
	return len(e.lines)
}

// add puts a dialect at the end.
func (e *editor) add(choices []string) {
	e.insert(e.end(), append([]string{dialectKey + ":"}, eachBehind("  - ", choices)...)...)
}

func eachBehind(margin string, choices []string) (lines []string) {
	for _, c := range choices {
		lines = append(lines, margin+c)
	}
	return lines
}

var (
	listItem = regexp.MustCompile(`^[ \t]*-[ \t]+`)
	oneEntry = regexp.MustCompile(`^(dialect|"dialect"|'dialect')([ \t]*:)[ \t]+([^ \t#\r\n]+)([ \t]+#[^\r\n]*)?[ \t]*\r?\n?$`)
)

// change makes choices in a dialect whose key is on a line.
func (e *editor) change(line int, dialect *yaml.Node, items []*yaml.Node, entries, choices []string) {
	for _, item := range items {
		e.replace(item.Line, item.Text, chosen(item.Text, choices))
	}
	more := absent(entries, choices)
	if len(more) == 0 {
		return
	}
	if dialect.Kind == yaml.Null {
		e.insert(line, eachBehind("  - ", more)...)
		return
	}
	if one := oneEntry.FindStringSubmatch(e.lines[line-1]); one != nil && dialect.Kind == yaml.Text {
		e.lines[line-1] = one[1] + one[2] + one[4] + e.feed
		e.insert(line, eachBehind("  - ", append([]string{one[3]}, more...))...)
		return
	}
	comma := "," + e.feed + "  "
	if len(items) == 0 {
		e.lines[line-1] = strings.Replace(e.lines[line-1], "[", "["+strings.Join(more, comma), 1)
		return
	}
	last := items[len(items)-1].Line
	if margin := listItem.FindString(e.lines[last-1]); margin != "" {
		e.insert(last, eachBehind(margin, more)...)
		return
	}
	if _, end := entryAt(e.lines[last-1], chosen(items[len(items)-1].Text, choices)); end > 0 {
		l := e.lines[last-1]
		e.lines[last-1] = l[:end] + comma + strings.Join(more, comma) + l[end:]
	}
}

// replace puts a choice in the place of an entry, inside its quotes if it has some.
func (e *editor) replace(line int, entry, choice string) {
	l := e.lines[line-1]
	if start, _ := entryAt(l, entry); start >= 0 && entry != choice {
		e.lines[line-1] = l[:start] + choice + l[start+len(entry):]
	}
}

// entryAt is where an entry begins in a line, and where it ends with its closing quote; -1
// and 0 if it is not there. Of several that are the same it is the last.
func entryAt(line, entry string) (start, end int) {
	found := regexp.MustCompile(`(^|[ \t\[,"'])(`+regexp.QuoteMeta(entry)+`)["']?([ \t\],\r\n]|$)`).FindAllStringSubmatchIndex(line, -1)
	if len(found) == 0 {
		return -1, 0
	}
	last := found[len(found)-1]
	return last[4], last[6]
}

// parseFlags reads a settings file that is to be changed, as a map; an empty one has no
// keys.
func parseFlags(file []byte) (*yaml.Node, error) {
	root, err := yaml.Parse(file)
	switch {
	case err != nil:
		return nil, err
	case root == nil || root.Kind == yaml.Null:
		return &yaml.Node{Kind: yaml.Map, Line: 1}, nil
	case root.Kind != yaml.Map:
		return nil, &yaml.Error{Line: root.Line, Why: "want a map of flags, got " + root.Word()}
	}
	return root, nil
}
