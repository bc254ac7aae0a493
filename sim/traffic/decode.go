package traffic

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"ringback/sim/yaml"
)

// modelError says what is wrong with the value of a key.
type modelError struct {
	line int    // 0: not from a file
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

// decoder reads a tree of YAML into a model, by the fields' yaml tags. The library's
// strict decoding would save about 70 lines, but its errors name Go types instead of keys,
// and it takes yes, which is text in YAML 1.2, for true.
type decoder struct {
	lines map[string]int // of each key
	err   *modelError    // the first
}

func (d *decoder) fail(line int, key, why string, args ...any) {
	if d.err == nil {
		d.err = &modelError{line, key, fmt.Sprintf(why, args...)}
	}
}

// The types with a decoding of their own.
var (
	distributionType = reflect.TypeFor[Distribution]()
	profileType      = reflect.TypeFor[Profile]()
	durationType     = reflect.TypeFor[time.Duration]()
	timeType         = reflect.TypeFor[time.Time]()
)

func (d *decoder) decode(n *yaml.Node, key string, into reflect.Value) {
	if n == nil || n.Kind == yaml.Null {
		return // like a missing key
	}
	switch into.Type() {
	case distributionType:
		d.distribution(n, key, into)
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
		if n.Kind != yaml.Bool {
			d.fail(n.Line, key, "%s: want true or false", n)
			return
		}
		into.SetBool(n.Bool())
	case reflect.Int:
		i, ok := n.Int()
		if !ok || i != int64(int32(i)) {
			d.fail(n.Line, key, "%s: want a whole number", n)
			return
		}
		into.SetInt(i)
	default:
		f, ok := n.Number()
		if !ok {
			d.fail(n.Line, key, "%s: want a number", n)
			return
		}
		into.SetFloat(f)
	}
}

// fields decodes a map with known keys into a struct.
func (d *decoder) fields(n *yaml.Node, key string, into reflect.Value) {
	var names []string
	fields := map[string]reflect.Value{}
	for i := range into.NumField() {
		name := into.Type().Field(i).Tag.Get("yaml")
		names, fields[name] = append(names, name), into.Field(i)
	}
	d.each(n, key, "want a map with "+strings.Join(names, ", "), func(line int, name, path string, value *yaml.Node) {
		if f, known := fields[name]; known {
			d.decode(value, path, f)
		} else {
			d.fail(line, path, "unknown key; want %s", strings.Join(names, ", "))
		}
	})
}

// each calls do for each entry of a map.
func (d *decoder) each(n *yaml.Node, key, want string, do func(line int, name, path string, value *yaml.Node)) {
	if n.Kind != yaml.Map {
		d.fail(n.Line, key, "%s: %s", n, want)
		return
	}
	for i, k := range n.Keys {
		path := strings.TrimPrefix(key+"."+k.Text, ".")
		d.lines[path] = k.Line
		do(k.Line, k.Text, path, n.Items[i])
	}
}

// shares decodes a map with any keys.
func (d *decoder) shares(n *yaml.Node, key string, into reflect.Value) {
	into.Set(reflect.MakeMap(into.Type()))
	d.each(n, key, "want a map with shares", func(line int, name, path string, value *yaml.Node) {
		k, v := reflect.New(into.Type().Key()).Elem(), reflect.New(into.Type().Elem()).Elem()
		if k.Kind() == reflect.String {
			k.SetString(name)
		} else if i, ok := yaml.ParseInt(name); ok && i == int64(int32(i)) {
			k.SetInt(i)
		} else {
			d.fail(line, path, "want whole numbers as keys")
		}
		d.decode(value, path, v)
		into.SetMapIndex(k, v)
	})
}

func (d *decoder) list(n *yaml.Node, key string, into reflect.Value) {
	if n.Kind != yaml.List {
		d.fail(n.Line, key, "%s: want a list", n)
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(n.Items), len(n.Items)))
	for i, v := range n.Items {
		path := fmt.Sprintf("%s[%d]", key, i)
		d.lines[path] = v.Line
		d.decode(v, path, into.Index(i))
	}
}

func (d *decoder) distribution(n *yaml.Node, key string, into reflect.Value) {
	if !n.Scalar() {
		d.fail(n.Line, key, "%s: %s", n, distributionHint)
		return
	}
	l, err := ParseDistribution(n.Text)
	if err != nil {
		d.fail(n.Line, key, "%v", err)
	}
	into.Set(reflect.ValueOf(l))
}

func (d *decoder) profile(n *yaml.Node, key string, into reflect.Value) {
	if n.Text == "flat" {
		return
	}
	var weights []float64
	d.list(n, key, reflect.ValueOf(&weights).Elem())
	if d.err == nil && len(weights) != 24 || d.err != nil && d.err.key == key {
		d.err = nil
		d.fail(n.Line, key, "want flat, or a list of the 24 hours' weights")
	}
	into.Set(reflect.ValueOf(Profile(weights)))
}

func (d *decoder) duration(n *yaml.Node, key string, into reflect.Value) {
	got, err := time.ParseDuration(n.Text)
	if err == nil {
		into.SetInt(int64(got))
		return
	}
	if _, ok := n.Number(); ok {
		d.fail(n.Line, key, "%s: has no unit; want one like %ss", n, n)
		return
	}
	d.fail(n.Line, key, "%s is not a duration; want one like 30s", n)
}

func (d *decoder) time(n *yaml.Node, key string, into reflect.Value) {
	for _, layout := range []string{time.RFC3339Nano, time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, n.Text); err == nil {
			into.Set(reflect.ValueOf(at))
			return
		}
	}
	d.fail(n.Line, key, "%s is not a time; want one like 2026-01-01T00:00:00Z", n)
}
