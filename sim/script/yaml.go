package script

import (
	"fmt"
	"slices"

	"ringback/sim/text"
	"ringback/sim/yaml"
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

func (r *yamlReader) root(n *yaml.Node) {
	if n.Kind != yaml.Map {
		r.operations(n)
		return
	}
	r.titles = map[string]int{}
	for i, value := range n.Items {
		title, line := n.Keys[i].Text, n.Keys[i].Line
		r.titles[title] = line
		switch title {
		case "name":
			r.script.Name, _ = r.text(&key{name: "name", like: "bob answers late"}, value)
		case "about":
			r.script.About, _ = r.text(&key{name: "about", like: "what this shows"}, value)
		case "script":
			r.operations(value)
		default:
			if findKey(title) != nil {
				r.wrong(line, "", listHint, "%s belongs to an operation, and those are a list with a dash before each", title)
				continue
			}
			r.wrong(line, "", "script:", "unknown key %s; want name, about or script, which is the list of operations", text.Quote(title, maxQuoted))
		}
	}
	if _, ok := r.titles["script"]; !ok && len(r.errs) == 0 {
		r.wrong(n.Line, "", "script:", "the script has no operations")
	}
}

func (r *yamlReader) operations(n *yaml.Node) {
	if n.Kind != yaml.List {
		r.wrong(n.Line, "", listHint, "want a list of operations, got %s", n)
		return
	}
	if len(n.Items) > MaxOperations {
		r.wrong(n.Line, "", "", "the script has %d operations, at most %d", len(n.Items), MaxOperations)
		return
	}
	for _, n := range n.Items {
		r.lines = append(r.lines, map[string]int{"": n.Line})
		r.operation(n)
	}
}

// operation reads one entry of the list.
func (r *yamlReader) operation(n *yaml.Node) {
	if n.Kind != yaml.Map {
		r.wrong(n.Line, "", listHint, "want an operation, got %s", n)
		return
	}
	before := len(r.errs)
	f := r.fields(n)
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

// found records an error about a key, unless the key has one: a value that could not be
// read is not also reported as missing.
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
func (r *yamlReader) fields(n *yaml.Node) fields {
	f := fields{}
	lines := r.lines[len(r.lines)-1]
	for i, value := range n.Items {
		name := n.Keys[i].Text
		lines[name] = n.Keys[i].Line
		k := findKey(name)
		if k == nil {
			r.unknownKey(lines[name], name)
			continue
		}
		if value, ok := r.value(k, value); ok {
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

// value reads the value of a key.
func (r *yamlReader) value(k *key, n *yaml.Node) (any, bool) {
	switch k.kind {
	case names, texts:
		if n.Kind != yaml.List {
			s, ok := r.text(k, n)
			return []string{s}, ok
		}
		all := make([]string, 0, len(n.Items))
		for _, n := range n.Items {
			s, ok := r.text(k, n)
			if !ok {
				return nil, false
			}
			all = append(all, s)
		}
		return all, true
	case number:
		if n.Kind != yaml.Int {
			r.wrong(n.Line, k.name, k.hint(), "want an integer, got %s", n)
			return nil, false
		}
		v, err := parseNumber(n.Text)
		if err != nil {
			r.wrong(n.Line, k.name, k.hint(), "%s", err)
		}
		return v, err == nil
	case flag:
		if n.Kind != yaml.Bool {
			r.wrong(n.Line, k.name, k.hint(), "want true or false, got %s", n)
		}
		return n.Bool(), n.Kind == yaml.Bool
	}
	return r.text(k, n)
}

func parseNumber(s string) (int, error) {
	n, ok := yaml.ParseInt(s)
	if !ok || n != int64(int32(n)) {
		return 0, fmt.Errorf("%s: want a whole number, like 40", text.Quote(s, maxQuoted))
	}
	return int(n), nil
}

// text reads a scalar. A number is the text that was written: users may well
// be called 10001.
func (r *yamlReader) text(k *key, n *yaml.Node) (string, bool) {
	switch n.Kind {
	case yaml.Text, yaml.Int, yaml.Float:
		return n.Text, true
	case yaml.Bool:
		r.wrong(n.Line, k.name, k.hint(), "want text, got %s; quotes make text of it", n)
	default:
		r.wrong(n.Line, k.name, k.hint(), "want text, got %s", n)
	}
	return "", false
}
