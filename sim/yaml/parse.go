package yaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Error is why a file can't be read.
type Error struct {
	Line int // from 1
	Why  string
}

// Error reads like "line 3: has a tag".
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Why) }

const (
	maxDepth = 50     // of lists and maps in each other
	maxNodes = 500000 // with what aliases repeat
)

// Parse reads a file of one document. A file without content gives nil. The
// error is an [*Error]; it holds no value of the file.
func Parse(data []byte) (*Node, error) {
	text, err := clean(data)
	if err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(strings.NewReader(text))
	var document, second yaml.Node
	if err := decoder.Decode(&document); err != nil {
		return nil, parseError(text, err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, &Error{second.Line, "a second document begins; want one in a file"}
	case !errors.Is(err, io.EOF):
		return nil, parseError(text, err)
	}
	r := &reader{lines: strings.Split(text, "\n"), anchors: map[*yaml.Node]*Node{}, sizes: map[*Node]int{}}
	root := r.node(document.Content[0], 0)
	switch {
	case r.err != nil:
		return nil, r.err
	case root.Kind == Null && root.Text == "":
		return nil, nil
	}
	return root, nil
}

// clean refuses bytes that YAML does not allow, and converts line ends to LF.
func clean(data []byte) (string, error) {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return "", &Error{1, "is UTF-16; save the file as UTF-8"}
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for i, r := range text {
		line := func() int { return 1 + strings.Count(text[:i], "\n") }
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			return "", &Error{line(), "is not UTF-8"}
		case r == 0:
			return "", &Error{line(), "has a NUL byte; if the file is UTF-16, save it as UTF-8"}
		case r != '\n' && r != '\t' && unicode.IsControl(r):
			return "", &Error{line(), fmt.Sprintf(`has the control character %U; in double quotes write it as "\x%02x"`, r, r)}
		}
	}
	return directives(text)
}

var yamlDirective = regexp.MustCompile(`^%YAML[ \t]+1\.[0-9]+[ \t]*([ \t]#.*)?$`)

// directives removes %YAML: the library supports 1.1 only.
func directives(text string) (string, error) {
	lines, seen := strings.Split(text, "\n"), false
	for i, l := range lines {
		switch {
		case l == "" || strings.HasPrefix(strings.TrimLeft(l, " \t"), "#"):
		case yamlDirective.MatchString(l) && !seen:
			lines[i], seen = "", true
		case strings.HasPrefix(l, "%"):
			return "", &Error{i + 1, "has a directive; want none but %YAML 1.2, once"}
		case seen && l != "---" && !strings.HasPrefix(l, "--- "):
			return "", &Error{i + 1, "want --- behind %YAML"}
		default:
			return strings.Join(lines, "\n"), nil
		}
	}
	if seen {
		return "", &Error{len(lines), "want --- behind %YAML"}
	}
	return text, nil
}

var (
	withLine = regexp.MustCompile(`^line ([0-9]+): `)
	anchorOf = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
	// ofParser are the errors of the library's parser, which counts lines from 0;
	// its scanner counts from 1.
	ofParser = regexp.MustCompile(`^(did not find expected (<.*>|node content|'-' indicator|key|',' or .*)|found (duplicate|incompatible|undefined) .*)$`)
)

// parseError converts an error of the library: it adds the line, and drops what the file
// holds.
func parseError(text string, err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	why, line := strings.TrimPrefix(err.Error(), "yaml: "), 0
	if m := withLine.FindStringSubmatch(why); m != nil {
		line, _ = strconv.Atoi(m[1])
		why = why[len(m[0]):]
	}
	if m := anchorOf.FindStringSubmatch(why); m != nil {
		before, _, _ := strings.Cut(text, "*"+m[1])
		return &Error{1 + strings.Count(before, "\n"), "has an alias without an anchor before it"}
	}
	if ofParser.MatchString(why) {
		line++
	}
	return &Error{min(max(line, 1), 1+strings.Count(text, "\n")), "is not YAML: " + why}
}

// reader makes nodes of what was parsed.
type reader struct {
	lines   []string
	runes   map[int][]rune       // of the line read last
	anchors map[*yaml.Node]*Node // what aliases stand for
	sizes   map[*Node]int        // how many nodes that is
	nodes   int
	err     error // the first
}

func (r *reader) fail(line int, why string, args ...any) *Node {
	if r.err == nil {
		r.err = &Error{line, fmt.Sprintf(why, args...)}
	}
	return &Node{Line: line}
}

// node reads a value that is nested in depth lists and maps.
func (r *reader) node(n *yaml.Node, depth int) *Node {
	before := r.nodes
	switch r.nodes++; {
	case r.err != nil:
		return &Node{Line: n.Line}
	case r.nodes > maxNodes:
		return r.fail(n.Line, "has more than %d values, counting what aliases repeat", maxNodes)
	case depth > maxDepth:
		return r.fail(n.Line, "nests lists and maps too deep; want %d levels at most", maxDepth)
	case n.Style&yaml.TaggedStyle != 0:
		return r.fail(n.Line, "has a tag; leave it out (quotes make text of a value)")
	}
	v := &Node{Line: n.Line, Text: n.Value}
	switch n.Kind {
	case yaml.AliasNode:
		return r.alias(n)
	case yaml.SequenceNode:
		v.Kind = List
		for _, item := range n.Content {
			v.Items = append(v.Items, r.node(item, depth+1))
		}
	case yaml.MappingNode:
		v.Kind = Map
		r.mapping(v, n, depth+1)
	default:
		v.Kind = Text
		if n.Style != 0 { // in quotes
			break
		}
		if v.Kind = kindOf(n.Value); r.misread(n) {
			return r.fail(n.Line, "has a word that begins with a question mark or ends with a colon; put it in double quotes")
		}
	}
	r.anchors[n], r.sizes[v] = v, r.nodes-before
	return v
}

// misread reports whether the library reads a word as YAML 1.1 did: {a:} and [?a].
func (r *reader) misread(n *yaml.Node) bool {
	if n.Value == "" {
		return false
	}
	line, ok := r.runes[n.Line]
	if !ok {
		line = []rune(r.lines[n.Line-1])
		r.runes = map[int][]rune{n.Line: line} // a long line is needed many times
	}
	return strings.HasSuffix(n.Value, ":") || n.Column > 1 && n.Column <= len(line) && line[n.Column-2] == '?'
}

func (r *reader) alias(n *yaml.Node) *Node {
	v := r.anchors[n.Alias]
	if v == nil {
		return r.fail(n.Line, "has an alias without an anchor before it")
	}
	if r.nodes += r.sizes[v]; r.nodes > maxNodes {
		return r.fail(n.Line, "has more than %d values, counting what aliases repeat", maxNodes)
	}
	return v
}

// mapping reads a map, with what merge keys add to it.
func (r *reader) mapping(m *Node, n *yaml.Node, depth int) {
	var merged []*Node
	lines, merges := map[string]int{}, 0
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Tag == "!!merge" {
			if merges++; merges > 1 {
				r.fail(k.Line, "has the key << for the second time in a map")
				return
			}
			merged = r.merge(r.node(v, depth), v.Line)
			continue
		}
		key := r.node(k, depth)
		switch _, twice := lines[key.Text]; {
		case r.err != nil:
			return
		case !key.Scalar() || key.Kind == Null:
			r.fail(k.Line, "want a word for a key, got %s", key.Word())
			return
		case twice:
			r.fail(k.Line, "has the key %q for the second time in a map", key.Text)
			return
		}
		lines[key.Text] = k.Line
		m.Keys, m.Items = append(m.Keys, Key{key.Text, k.Line}), append(m.Items, r.node(v, depth))
	}
	for _, other := range merged { // the map's own keys take precedence, then the first map's
		for i, key := range other.Keys {
			if _, own := lines[key.Text]; !own {
				lines[key.Text] = key.Line
				m.Keys, m.Items = append(m.Keys, key), append(m.Items, other.Items[i])
			}
		}
	}
}

// merge returns the maps that a merge key names.
func (r *reader) merge(n *Node, line int) []*Node {
	maps := []*Node{n}
	if n.Kind == List {
		maps = n.Items
	}
	for _, m := range maps {
		if m.Kind != Map {
			r.fail(line, "<<: want a map or a list of maps, got %s", m.Word())
		}
	}
	return maps
}
