package yaml

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
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
	maxKeys  = 1000   // in a row; the parser's time grows with their square
	maxNodes = 500000 // with what aliases repeat
)

// Parse reads a file of one document. A file without content gives nil. The
// error is an [*Error]; it holds no value of the file.
func Parse(data []byte) (*Node, error) {
	text, err := clean(data)
	if err != nil {
		return nil, err
	}
	lines := source(strings.Split(text, "\n"))
	tokens := lexer.Tokenize(text)
	if line := lines.lost(tokens); line > 0 {
		return nil, &Error{line, "is not YAML"}
	}
	if err := checkTokens(tokens, lines); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // which are found below
	var bad yaml.Error
	if errors.As(err, &bad) && bad.GetToken() != nil {
		return nil, &Error{bad.GetToken().Position.Line, "is not YAML: " + bad.GetMessage()}
	}
	if err != nil {
		return nil, &Error{1, "is not YAML: " + err.Error()}
	}
	var body ast.Node
	for _, d := range file.Docs {
		if d.Body != nil {
			body = d.Body
		}
	}
	if body == nil && lines.empty() {
		return nil, nil
	}
	if body == nil {
		return nil, &Error{1, "is not YAML"}
	}
	r := &reader{source: lines, anchors: map[string]*Node{}, sizes: map[*Node]int{}}
	root := r.node(body, place{least: 1})
	if r.err != nil {
		return nil, r.err
	}
	return root, nil
}

// clean refuses bytes that no YAML has, and makes lines of one kind.
func clean(data []byte) (string, error) {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return "", &Error{1, "is UTF-16; save the file as UTF-8"}
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for i, r := range text {
		line := 1 + strings.Count(text[:i], "\n")
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], string(utf8.RuneError)):
			return "", &Error{line, "is not UTF-8"}
		case r == 0:
			return "", &Error{line, "has a NUL byte; if the file is UTF-16, save it as UTF-8"}
		case r != '\n' && r != '\t' && unicode.IsControl(r):
			return "", &Error{line, fmt.Sprintf(`has the control character %U; in double quotes write it as "\x%02x"`, r, r)}
		}
	}
	return directives(text)
}

var yamlDirective = regexp.MustCompile(`^%YAML[ \t]+1\.[0-9]+[ \t]*([ \t]#.*)?$`)

// directives takes %YAML off.
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

// beforeNothing are tokens behind which a comma has nothing to end.
var beforeNothing = []token.Type{token.SequenceStartType, token.MappingStartType, token.CollectEntryType}

// checkTokens refuses what the parser would take too long for or what has no
// place in the files of Ringback.
func checkTokens(tokens token.Tokens, lines source) error {
	depth, row, keys := 0, 0, 0
	begun, ended := false, false
	for i, t := range tokens {
		if t.Type == token.CollectEntryType && i > 0 && slices.Contains(beforeNothing, tokens[i-1].Type) {
			return &Error{t.Position.Line, "is not YAML: nothing stands before a comma"}
		}
		switch t.Type {
		case token.SequenceStartType, token.MappingStartType:
			depth++
			keys = 0
		case token.SequenceEndType, token.MappingEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType, token.DirectiveType:
			row++ // a row of these nests, too: - - - a
			keys = 0
		case token.MappingValueType:
			row = 0
			keys++
		default:
			row = 0
		}
		if depth+row > maxDepth || keys > maxKeys {
			return &Error{t.Position.Line, "has too many keys in a row, or nests too deep"}
		}
		switch t.Type {
		case token.TagType:
			return &Error{t.Position.Line, "has a tag; leave it out (quotes make text of a value)"}
		case token.MappingKeyType:
			return &Error{t.Position.Line, "has a key behind a question mark; want it before a colon"}
		case token.DocumentHeaderType:
			if begun {
				return &Error{t.Position.Line, "a second document begins; want one in a file"}
			}
			begun = true
		case token.DocumentEndType:
			if line, _ := lines.at(t.Position.Line, 1); !emptyLine.MatchString(line) {
				return &Error{t.Position.Line, "has text behind the end of a document"}
			}
			ended = true
		case token.CommentType:
		default:
			if ended {
				return &Error{t.Position.Line, "a second document begins; want one in a file"}
			}
			begun = true
		}
	}
	return nil
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 1
}

// startOf is the first token of a node.
func startOf(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return startOf(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		if !n.IsFlowStyle {
			return startOf(n.Key)
		}
	}
	return n.GetToken()
}

// reader makes nodes of what was parsed.
type reader struct {
	source  source
	anchors map[string]*Node
	sizes   map[*Node]int // of what an anchor stands for
	nodes   int
	err     error // the first
}

func (r *reader) fail(n ast.Node, why string, args ...any) *Node {
	if r.err == nil {
		r.err = &Error{lineOf(n), fmt.Sprintf(why, args...)}
	}
	return &Node{Line: lineOf(n)}
}

// unsure is a place that the parser may have read wrongly.
func (r *reader) unsure(n ast.Node) *Node {
	return r.fail(n, "can't be read with certainty; indent with spaces, and put text in double quotes")
}

// place is where a node stands: at a column or behind it, or in the flow of
// brackets, where columns do not matter.
type place struct {
	least int
	flow  bool
	key   bool // before the colon
}

// node reads a value.
func (r *reader) node(n ast.Node, at place) *Node {
	if r.nodes++; r.nodes > maxNodes {
		return r.fail(n, "has more than %d values, counting what aliases repeat", maxNodes)
	}
	if !at.flow && !r.source.stands(startOf(n), at.least) {
		return r.unsure(n)
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		name := n.Name.GetToken().Value
		if text, _ := r.source.at(lineOf(n), n.Start.Position.Column); !anchor.MatchString(text) {
			return r.fail(n, "has an anchor whose name is not of letters, digits, _ and -, or that no space follows")
		}
		if _, is := n.Value.(*ast.AliasNode); is {
			return r.unsure(n)
		}
		before := r.nodes
		v := r.node(n.Value, at)
		r.anchors[name], r.sizes[v] = v, r.nodes-before
		return v
	case *ast.AliasNode:
		if text, _ := r.source.at(lineOf(n), n.Start.Position.Column); at.key || !alias.MatchString(text) {
			return r.unsure(n)
		}
		name := n.Value.GetToken().Value
		v := r.anchors[name]
		if v == nil {
			return r.fail(n, "has an alias without an anchor before it")
		}
		if r.nodes += r.sizes[v]; r.nodes > maxNodes {
			return r.fail(n, "has more than %d values, counting what aliases repeat", maxNodes)
		}
		return v
	case *ast.SequenceNode:
		return r.sequence(n, at)
	case *ast.MappingNode:
		return r.mapping(n, n.Values, n.IsFlowStyle, at)
	case *ast.MappingValueNode:
		return r.mapping(n, []*ast.MappingValueNode{n}, n.IsFlowStyle, at)
	case *ast.LiteralNode:
		if at.key || at.flow || !r.source.block(n.Start, n.Value.Value, at) {
			return r.unsure(n)
		}
		return &Node{Kind: Text, Line: lineOf(n), Text: n.Value.Value}
	case *ast.StringNode:
		if t := n.Token.Type; t == token.SingleQuoteType || t == token.DoubleQuoteType {
			if !r.source.quoted(n.Token, n.Value, at) {
				return r.unsure(n)
			}
			return &Node{Kind: Text, Line: lineOf(n), Text: n.Value}
		}
		return r.plain(n, n.Value, at)
	case *ast.NullNode:
		if n.Token.Type == token.ImplicitNullType {
			return r.fail(n, "has an anchor of nothing")
		}
		return r.plain(n, n.Token.Value, at)
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return r.plain(n, n.GetToken().Value, at)
	}
	return r.unsure(n)
}

// value reads a node that may be missing behind a colon or dash.
func (r *reader) value(n ast.Node, behind *token.Token, at place) *Node {
	null, ok := n.(*ast.NullNode)
	switch {
	case !ok || null.Token.Type != token.ImplicitNullType:
		return r.node(n, at)
	case behind == nil || !r.source.nothing(behind, at):
		return r.unsure(n)
	}
	r.nodes++
	return &Node{Line: behind.Position.Line}
}

var (
	anchor = regexp.MustCompile(`^&[A-Za-z0-9_-]+( |$)`)
	alias  = regexp.MustCompile(`^\*[A-Za-z0-9_-]+([] ,}]|$)`)
)

func (r *reader) plain(n ast.Node, s string, at place) *Node {
	if !r.source.plain(n.GetToken(), s, at) {
		return r.unsure(n)
	}
	return &Node{Kind: kindOf(s), Line: lineOf(n), Text: s}
}

func (r *reader) sequence(n *ast.SequenceNode, at place) *Node {
	list := &Node{Kind: List, Line: lineOf(n)}
	if at.flow && !n.IsFlowStyle {
		return r.unsure(n)
	}
	at = place{at.least, n.IsFlowStyle, false}
	for i, v := range n.Values {
		if !at.flow {
			if i >= len(n.Entries) || n.Entries[i].Start.Position.Column != n.Start.Position.Column {
				return r.unsure(v)
			}
			at.least = n.Start.Position.Column + 1
		}
		var dash *token.Token
		if i < len(n.Entries) {
			dash = n.Entries[i].Start
		}
		list.Items = append(list.Items, r.value(v, dash, at))
	}
	return list
}

// mapping reads a map, with what merge keys add to it.
func (r *reader) mapping(n ast.Node, values []*ast.MappingValueNode, flow bool, at place) *Node {
	if at.flow && !flow { // [a: b]
		return r.unsure(n)
	}
	at.flow = flow
	m := &Node{Kind: Map, Line: lineOf(n)}
	var merged []*Node
	merges := 0
	for _, v := range values {
		column := startOf(v.Key).Position.Column
		if !at.flow && column != startOf(values[0].Key).Position.Column {
			return r.unsure(v.Key)
		}
		behind := place{at.least, at.flow, false}
		if !at.flow {
			behind.least = column + 1
			if s, is := v.Value.(*ast.SequenceNode); is && !s.IsFlowStyle {
				behind.least = column
			}
		}
		if _, merge := v.Key.(*ast.MergeKeyNode); merge {
			if merges++; merges > 1 {
				return r.fail(v.Key, "has the key << for the second time in a map")
			}
			merged = append(merged, r.merge(v, r.node(v.Value, behind))...)
			continue
		}
		key := r.node(v.Key, place{at.least, at.flow, true})
		if r.err == nil && (!key.Scalar() || key.Kind == Null) {
			r.fail(v.Key, "want a word for a key, got %s", key.Word())
		}
		if m.Get(key.Text) != nil {
			return r.fail(v.Key, "has the key %q for the second time in a map", key.Text)
		}
		m.Keys = append(m.Keys, Key{key.Text, lineOf(v.Key)})
		m.Items = append(m.Items, r.value(v.Value, v.Start, behind))
	}
	for _, other := range merged { // the map's own keys count before those, and the first before the others
		for i, key := range other.Keys {
			if m.Get(key.Text) == nil {
				m.Keys, m.Items = append(m.Keys, key), append(m.Items, other.Items[i])
			}
		}
	}
	return m
}

// merge returns the maps that a merge key names.
func (r *reader) merge(v *ast.MappingValueNode, n *Node) []*Node {
	maps := []*Node{n}
	if n.Kind == List {
		maps = n.Items
	}
	for _, m := range maps {
		if m.Kind != Map {
			r.fail(v.Value, "<<: want a map or a list of maps, got %s", m.Word())
		}
	}
	return maps
}
