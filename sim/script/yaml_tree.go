package script

import (
	"errors"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"ringback/sim/text"
)

// parseYAML makes one tree of a file.
func parseYAML(data []byte) (ast.Node, error) {
	data, err := checkFile(data)
	if err != nil {
		return nil, err
	}
	tokens := lexer.Tokenize(string(data))
	if line := tooWild(tokens); line > 0 {
		return nil, Errors{{Line: line, Why: "is no script: the file has too many keys in a row, or nests too deep", Hint: listHint}}
	}
	file, err := parser.Parse(tokens, 0)
	var bad yaml.Error
	if errors.As(err, &bad) {
		return nil, Errors{{Line: bad.GetToken().Position.Line, Why: "is not YAML: " + bad.GetMessage()}}
	}
	if err != nil {
		return nil, Errors{{Why: "is not YAML: " + err.Error()}}
	}
	var docs []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil {
			docs = append(docs, d.Body)
		}
	}
	switch len(docs) {
	case 0:
		return nil, Errors{{Why: "the script has no operations", Hint: listHint}}
	case 1:
		return docs[0], nil
	}
	return nil, Errors{{Line: lineOf(docs[1]), Why: "a second document begins; want one script in a file"}}
}

// tooWild finds the line at which a file is unlike any script: nested deeper,
// or with more keys in a map, than the parser bears. Its time grows with the
// square of both.
func tooWild(tokens token.Tokens) (line int) {
	const deep, many = 50, 100
	depth, row, keys := 0, 0, 0
	for _, t := range tokens {
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
		if depth+row > deep || keys > many {
			return t.Position.Line
		}
	}
	return 0
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

func keyText(n ast.MapKeyNode) string {
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value
	}
	return n.String()
}

// describe names what stands where something else was expected.
func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.SequenceNode:
		return "a list"
	case ast.MapNode:
		return "a map"
	case *ast.NullNode:
		return "nothing"
	case *ast.AnchorNode, *ast.AliasNode:
		return "an anchor, which scripts do without"
	case *ast.TagNode:
		return "a tag, which scripts do without"
	case *ast.StringNode:
		return text.Quote(n.Value, maxQuoted)
	}
	return n.GetToken().Value
}
