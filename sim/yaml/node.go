package yaml

import (
	"regexp"
	"strconv"
	"strings"

	"ringback/sim/text"
)

// Kind is the kind of a node, by the core schema of YAML 1.2: yes is text, 017 is
// seventeen and a date is text.
type Kind uint8

// The kinds of nodes.
const (
	Null Kind = iota
	Bool
	Int
	Float
	Text
	List
	Map
)

// Node is a value in a file.
type Node struct {
	Kind  Kind
	Line  int     // where it begins, from 1
	Text  string  // a scalar as it was written, quotes and escapes resolved
	Items []*Node // the entries of a List, the values of a Map
	Keys  []Key   // of a Map, one for each item, in the order of the file
}

// Key is the key of an item of a map.
type Key struct {
	Text string // as it was written, quotes and escapes resolved
	Line int    // from 1
}

// Scalar reports whether the node is neither a list nor a map.
func (n *Node) Scalar() bool { return n.Kind < List }

// Get returns the value of a key of a map, or nil.
func (n *Node) Get(key string) *Node {
	for i, k := range n.Keys {
		if k.Text == key {
			return n.Items[i]
		}
	}
	return nil
}

// Bool returns the value of a Bool, false for any other node.
func (n *Node) Bool() bool { return n.Kind == Bool && strings.EqualFold(n.Text, "true") }

// Int returns the value of an Int, and false for any other node or one beyond
// 64 bits.
func (n *Node) Int() (int64, bool) {
	if n.Kind != Int {
		return 0, false
	}
	return ParseInt(n.Text)
}

// Number returns the value of an Int or a finite Float, and false for any other
// node.
func (n *Node) Number() (float64, bool) {
	if i, ok := n.Int(); ok {
		return float64(i), true
	}
	f, err := strconv.ParseFloat(n.Text, 64)
	return f, err == nil && f-f == 0 && (n.Kind == Float || n.Kind == Int)
}

// ParseInt reads a number as YAML does: decimal also behind a 0, 0x10 and 0o20.
func ParseInt(s string) (int64, bool) {
	if !isInt.MatchString(s) {
		return 0, false
	}
	base := 10
	switch {
	case strings.HasPrefix(s, "0x"):
		s, base = s[2:], 16
	case strings.HasPrefix(s, "0o"):
		s, base = s[2:], 8
	}
	i, err := strconv.ParseInt(s, base, 64)
	return i, err == nil
}

var (
	isNull  = regexp.MustCompile(`^(~|null|Null|NULL|)$`)
	isBool  = regexp.MustCompile(`^(true|True|TRUE|false|False|FALSE)$`)
	isInt   = regexp.MustCompile(`^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$`)
	isFloat = regexp.MustCompile(`^([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
)

// kindOf is what a scalar without quotes is.
func kindOf(s string) Kind {
	switch {
	case isNull.MatchString(s):
		return Null
	case isBool.MatchString(s):
		return Bool
	case isInt.MatchString(s):
		return Int
	case isFloat.MatchString(s):
		return Float
	}
	return Text
}

// String describes the node for an error that expected something else, like "a list".
func (n *Node) String() string {
	switch n.Kind {
	case Null:
		return "nothing"
	case List:
		return "a list"
	case Map:
		return "a map"
	case Text:
		return text.Quote(n.Text, 60)
	}
	return n.Text
}

// Word is String without the value.
func (n *Node) Word() string {
	if n.Kind == Null || !n.Scalar() {
		return n.String()
	}
	return "a scalar"
}
