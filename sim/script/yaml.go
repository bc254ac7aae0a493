package script

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/goccy/go-yaml/ast"

	"ringback/sim/text"
)

// ReadYAML reads a script: a list of operations, or a map with name, about and
// the list as script. The error is an [Errors] with all that is wrong.
func ReadYAML(data []byte) (*Script, error) {
	root, err := parseYAML(data)
	if err != nil {
		return nil, err
	}
	var r yamlReader
	r.root(root)
	if len(r.errs) == 0 {
		r.errs = r.script.check(yamlHint)
		for _, e := range r.errs {
			e.Line = r.line(e)
		}
	}
	if err := r.errs.err(); err != nil {
		return nil, err
	}
	return &r.script, nil
}

const listHint = "- {do: call, who: alice, whom: [bob]}"

// yamlReader reads on after an error, to find them all.
type yamlReader struct {
	script Script
	titles map[string]int   // the lines of name and about
	lines  []map[string]int // the lines of each operation's keys; "" is the operation's own
	errs   Errors
}

// wrong notes an error at a line.
func (r *yamlReader) wrong(line int, key, hint, why string, args ...any) {
	r.errs = append(r.errs, &Error{Line: line, Operation: len(r.lines), Key: key, Why: fmt.Sprintf(why, args...), Hint: hint})
}

// line finds the line of an error that check found.
func (r *yamlReader) line(e *Error) int {
	if e.Operation == 0 {
		if n, ok := r.titles[e.Key]; ok {
			return n
		}
		return r.titles["script"]
	}
	lines := r.lines[e.Operation-1]
	if n, ok := lines[e.Key]; ok {
		return n
	}
	return lines[""]
}

func (r *yamlReader) root(n ast.Node) {
	m, ok := n.(ast.MapNode)
	if !ok {
		r.operations(n)
		return
	}
	r.titles = map[string]int{}
	for i := m.MapRange(); i.Next(); {
		title, line := keyText(i.Key()), lineOf(i.Key())
		r.titles[title] = line
		switch title {
		case "name":
			r.script.Name, _ = r.text(&key{name: "name", like: "bob answers late"}, i.Value())
		case "about":
			r.script.About, _ = r.text(&key{name: "about", like: "what this shows"}, i.Value())
		case "script":
			r.operations(i.Value())
		default:
			if findKey(title) != nil {
				r.wrong(line, "", listHint, "%s belongs to an operation, and those are a list with a dash before each", title)
				continue
			}
			r.wrong(line, "", "script:", "unknown key %s; want name, about or script, which is the list of operations", text.Quote(title, maxQuoted))
		}
	}
	if _, ok := r.titles["script"]; !ok && len(r.errs) == 0 {
		r.wrong(lineOf(n), "", "script:", "the script has no operations")
	}
}

func (r *yamlReader) operations(n ast.Node) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.wrong(lineOf(n), "", listHint, "want a list of operations, got %s", describe(n))
		return
	}
	if len(list.Values) > MaxOperations {
		r.wrong(lineOf(n), "", "", "the script has %d operations, at most %d", len(list.Values), MaxOperations)
		return
	}
	for _, n := range list.Values {
		r.lines = append(r.lines, map[string]int{"": lineOf(n)})
		r.operation(n)
	}
}

// operation reads one entry of the list.
func (r *yamlReader) operation(n ast.Node) {
	m, ok := n.(ast.MapNode)
	if !ok {
		r.wrong(lineOf(n), "", listHint, "want an operation, got %s", describe(n))
		return
	}
	before := len(r.errs)
	f := r.fields(m)
	var o Operation
	if ops := r.script.Operations; len(ops) > 0 {
		o.At = ops[len(ops)-1].At
	}
	lines := r.lines[len(r.lines)-1]
	if at, ok := f["at"].(string); ok {
		var err error
		if o.At, err = parseSpan(at); err != nil {
			r.wrong(lines["at"], "at", "at: 3s", "%s", err)
		}
	}
	do, ok := f["do"].(string)
	switch {
	case !ok && len(r.errs) == before:
		r.wrong(lines[""], "do", "do: accept", "is missing")
	case do == "wait" && f["at"] == nil && len(r.errs) == before:
		r.wrong(lines[""], "at", "at: 1m", "is missing; wait needs the time until which nothing happens")
	}
	delete(f, "at")
	delete(f, "do")
	if ok {
		deed, errs := decode(do, f)
		for _, e := range errs {
			r.found(e, lines)
		}
		o.Do = deed
	}
	r.script.Operations = append(r.script.Operations, o)
}

// found notes an error about a key, unless the key has one already: a value
// that could not be read must not be called missing, too.
func (r *yamlReader) found(e *Error, lines map[string]int) {
	e.Operation, e.Line = len(r.lines), lines[""]
	if n, ok := lines[e.Key]; ok {
		e.Line = n
	}
	for _, o := range r.errs {
		if o.Operation == e.Operation && o.Key == e.Key {
			return
		}
	}
	r.errs = append(r.errs, e)
}

// fields reads the keys of an operation.
func (r *yamlReader) fields(m ast.MapNode) fields {
	f := fields{}
	lines := r.lines[len(r.lines)-1]
	for i := m.MapRange(); i.Next(); {
		name := keyText(i.Key())
		lines[name] = lineOf(i.Key())
		k := findKey(name)
		if k == nil {
			r.unknownKey(lines[name], name)
			continue
		}
		if value, ok := r.value(k, i.Value()); ok {
			f[name] = value
		}
	}
	return f
}

func (r *yamlReader) unknownKey(line int, got string) {
	var names []string
	for _, k := range keys {
		if slices.Contains(k.also, got) {
			r.wrong(line, "", k.hint(), "unknown key %s", text.Quote(got, maxQuoted))
			return
		}
		names = append(names, k.name)
	}
	if n := text.Nearest(got, names); n != "" {
		r.wrong(line, "", findKey(n).hint(), "unknown key %s", text.Quote(got, maxQuoted))
		return
	}
	r.wrong(line, "", "", "unknown key %s; want one of %s", text.Quote(got, maxQuoted), oneOf(names))
}

// value reads what stands behind a key.
func (r *yamlReader) value(k *key, n ast.Node) (any, bool) {
	switch k.kind {
	case names, texts:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			s, ok := r.text(k, n)
			return []string{s}, ok
		}
		all := make([]string, 0, len(list.Values))
		for _, n := range list.Values {
			s, ok := r.text(k, n)
			if !ok {
				return nil, false
			}
			all = append(all, s)
		}
		return all, true
	case number:
		if i, ok := n.(*ast.IntegerNode); ok {
			v, err := parseNumber(i.GetToken().Value)
			if err != nil {
				r.wrong(lineOf(n), k.name, k.hint(), "%s", err)
			}
			return v, err == nil
		}
		r.wrong(lineOf(n), k.name, k.hint(), "want an integer, got %s", describe(n))
		return nil, false
	case flag:
		if b, ok := n.(*ast.BoolNode); ok {
			return b.Value, true
		}
		r.wrong(lineOf(n), k.name, k.hint(), "want true or false, got %s", describe(n))
		return nil, false
	}
	return r.text(k, n)
}

func parseNumber(s string) (int, error) {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%s: want a whole number, like 40", text.Quote(s, maxQuoted))
	}
	return int(n), nil
}

// text reads a scalar. A number is the text that was written: users may well
// be called 10001.
func (r *yamlReader) text(k *key, n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, true
	case *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		r.wrong(lineOf(n), k.name, k.hint(), "want text, got %s; quotes make text of it", describe(n))
	default:
		r.wrong(lineOf(n), k.name, k.hint(), "want text, got %s", describe(n))
	}
	return "", false
}
