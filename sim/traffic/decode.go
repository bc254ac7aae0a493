package traffic

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"ringback/sim/text"
)

// modelError is what is wrong with the value of a key.
type modelError struct {
	line int    // 0: of no file
	key  string // dotted, as in the file
	why  string
}

func (e *modelError) Error() string {
	text := e.why
	if e.key != "" {
		text = e.key + ": " + text
	}
	if e.line > 0 {
		text = fmt.Sprintf("line %d: %s", e.line, text)
	}
	return text
}

// decoder reads a tree of YAML into a model, by the fields' yaml tags.
type decoder struct {
	lines   map[string]int // of each key
	anchors map[string]ast.Node
	err     *modelError // the first
}

func (d *decoder) fail(n ast.Node, key, why string, args ...any) {
	if d.err == nil {
		d.err = &modelError{lineOf(n), key, fmt.Sprintf(why, args...)}
	}
}

func lineOf(n ast.Node) int {
	if n != nil && n.GetToken() != nil {
		return n.GetToken().Position.Line
	}
	return 0
}

// The kinds of values that are more than what Go says they are.
var (
	lawType      = reflect.TypeFor[Law]()
	profileType  = reflect.TypeFor[Profile]()
	durationType = reflect.TypeFor[time.Duration]()
	timeType     = reflect.TypeFor[time.Time]()
)

func (d *decoder) decode(n ast.Node, key string, into reflect.Value) {
	n = d.bare(n)
	if _, null := n.(*ast.NullNode); null || n == nil {
		return // as if the key were not there
	}
	switch into.Type() {
	case lawType:
		d.law(n, key, into)
		return
	case profileType:
		d.profile(n, key, into)
		return
	case durationType:
		d.duration(n, key, into)
		return
	case timeType:
		d.time(n, key, into)
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.decode(n, key, into.Elem())
	case reflect.Struct:
		d.fields(n, key, into)
	case reflect.Map:
		d.shares(n, key, into)
	case reflect.Slice:
		d.list(n, key, into)
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.fail(n, key, "%s: want true or false", shown(n))
			return
		}
		into.SetBool(b.Value)
	case reflect.Int:
		i, err := strconv.ParseInt(plain(n), 10, 32)
		if err != nil {
			d.fail(n, key, "%s: want a whole number", shown(n))
			return
		}
		into.SetInt(i)
	default:
		f, err := strconv.ParseFloat(plain(n), 64)
		if err != nil || f-f != 0 {
			d.fail(n, key, "%s: want a number", shown(n))
			return
		}
		into.SetFloat(f)
	}
}

// bare is a node without the anchor that it has, or the one that it stands for.
func (d *decoder) bare(n ast.Node) ast.Node {
	switch a := n.(type) {
	case *ast.AnchorNode:
		d.anchors[a.Name.String()] = a.Value
		return a.Value
	case *ast.AliasNode:
		if at, known := d.anchors[a.Value.String()]; known {
			return at
		}
	}
	return n
}

// fields reads a map with known keys.
func (d *decoder) fields(n ast.Node, key string, into reflect.Value) {
	var names []string
	fields := map[string]reflect.Value{}
	for i := range into.NumField() {
		name := into.Type().Field(i).Tag.Get("yaml")
		names, fields[name] = append(names, name), into.Field(i)
	}
	d.each(n, key, "want a map with "+strings.Join(names, ", "), func(at ast.Node, name, path string, value ast.Node) {
		if f, known := fields[name]; known {
			d.decode(value, path, f)
		} else {
			d.fail(at, path, "is no key here; want %s", strings.Join(names, ", "))
		}
	})
}

// each goes through a map.
func (d *decoder) each(n ast.Node, key, want string, do func(at ast.Node, name, path string, value ast.Node)) {
	m, ok := n.(ast.MapNode)
	if !ok {
		d.fail(n, key, "%s: %s", shown(n), want)
		return
	}
	for i := m.MapRange(); i.Next(); {
		at := i.Key()
		name := at.GetToken().Value
		path := strings.TrimPrefix(key+"."+name, ".")
		d.lines[path] = lineOf(at)
		do(at, name, path, i.Value())
	}
}

// shares reads a map with keys of the file's choice.
func (d *decoder) shares(n ast.Node, key string, into reflect.Value) {
	into.Set(reflect.MakeMap(into.Type()))
	d.each(n, key, "want a map with shares", func(at ast.Node, name, path string, value ast.Node) {
		k, v := reflect.New(into.Type().Key()).Elem(), reflect.New(into.Type().Elem()).Elem()
		if k.Kind() == reflect.String {
			k.SetString(name)
		} else if i, err := strconv.ParseInt(name, 10, 32); err == nil {
			k.SetInt(i)
		} else {
			d.fail(at, path, "want whole numbers for keys")
		}
		d.decode(value, path, v)
		into.SetMapIndex(k, v)
	})
}

func (d *decoder) list(n ast.Node, key string, into reflect.Value) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(n, key, "%s: want a list", shown(n))
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(s.Values), len(s.Values)))
	for i, v := range s.Values {
		path := fmt.Sprintf("%s[%d]", key, i)
		d.lines[path] = lineOf(v)
		d.decode(v, path, into.Index(i))
	}
}

func (d *decoder) law(n ast.Node, key string, into reflect.Value) {
	if !scalar(n) {
		d.fail(n, key, "%s: %s", shown(n), lawHint)
		return
	}
	l, err := ParseLaw(scalarText(n))
	if err != nil {
		d.fail(n, key, "%v", err)
	}
	into.Set(reflect.ValueOf(l))
}

func (d *decoder) profile(n ast.Node, key string, into reflect.Value) {
	if scalarText(n) == "flat" {
		return
	}
	var weights []float64
	d.list(n, key, reflect.ValueOf(&weights).Elem())
	if d.err == nil && len(weights) != 24 || d.err != nil && d.err.key == key {
		d.err = nil
		d.fail(n, key, "want flat, or a list of the 24 hours' weights")
	}
	into.Set(reflect.ValueOf(Profile(weights)))
}

func (d *decoder) duration(n ast.Node, key string, into reflect.Value) {
	got, err := time.ParseDuration(scalarText(n))
	if err == nil {
		into.SetInt(int64(got))
		return
	}
	if number := plain(n); number != "" {
		if _, err := strconv.ParseFloat(number, 64); err == nil {
			d.fail(n, key, "%s: has no unit; want like %ss", number, number)
			return
		}
	}
	d.fail(n, key, "%s is no duration; want like 30s", shown(n))
}

func (d *decoder) time(n ast.Node, key string, into reflect.Value) {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, scalarText(n)); err == nil {
			into.Set(reflect.ValueOf(at))
			return
		}
	}
	d.fail(n, key, "%s is no time; want like 2026-01-01T00:00:00Z", shown(n))
}

func scalar(n ast.Node) bool {
	_, ok := n.(ast.ScalarNode)
	return ok
}

// scalarText is a scalar as it is written, without quotes.
func scalarText(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case ast.ScalarNode:
		return n.GetToken().Value
	}
	return ""
}

// plain is a scalar that is no text in quotes.
func plain(n ast.Node) string {
	switch n := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value
	case *ast.StringNode:
		if t := n.GetToken(); t.Value == strings.TrimSpace(t.Origin) { // like 1e3
			return t.Value
		}
	}
	return ""
}

// shown is what an error calls a value.
func shown(n ast.Node) string {
	switch n := n.(type) {
	case ast.MapNode:
		return "a map"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return text.Quote(scalarText(n), 60)
	case *ast.AliasNode:
		return "an alias without an anchor"
	case *ast.TagNode:
		return "a tag"
	}
	return n.GetToken().Value
}
