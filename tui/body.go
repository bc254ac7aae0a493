package tui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// value is a JSON value with what is wrong with it.
type value struct {
	key    string // in an object
	kind   string // object, list, string, number, bool or null
	text   string // of a scalar
	kids   []value
	wrong  string // unknown, missing, or what was wanted
	absent bool   // it is not there: wrong says so
}

// parseBody reads one JSON value, keys in their order, and holds it against a
// shape.
func parseBody(body []byte, s *shape) (value, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	v, err := readValue(dec, 0)
	if err != nil {
		return v, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return v, errors.New("something follows the JSON value")
	}
	v.judge(s)
	return v, nil
}

// deepest is how far values may be nested: a body is not to be trusted.
const deepest = 40

func readValue(dec *json.Decoder, depth int) (v value, err error) {
	if depth > deepest {
		return v, errors.New("the value is nested too deeply")
	}
	tok, err := dec.Token()
	if err != nil {
		return v, err
	}
	switch t := tok.(type) {
	case json.Delim:
		v.kind = map[json.Delim]string{'{': "object", '[': "list"}[t]
		for dec.More() {
			key := ""
			if t == '{' {
				name, err := dec.Token()
				if err != nil {
					return v, err
				}
				key, _ = name.(string)
			}
			kid, err := readValue(dec, depth+1)
			if err != nil {
				return v, err
			}
			kid.key = key
			v.kids = append(v.kids, kid)
		}
		_, err = dec.Token()
		return v, err
	case string:
		v.kind, v.text = "string", quoted(t)
	case json.Number:
		v.kind, v.text = "number", t.String()
	case bool:
		v.kind, v.text = "bool", fmt.Sprint(t)
	default:
		v.kind, v.text = "null", "null"
	}
	return v, nil
}

// quoted is a string as JSON has it, but readable.
func quoted(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can always be written
	return strings.TrimSuffix(b.String(), "\n")
}

// judge marks what differs from the shape.
func (v *value) judge(s *shape) {
	switch {
	case s.kind == "":
		return
	case v.kind != s.kind, s.kind == "number" && strings.ContainsAny(v.text, ".eE"):
		v.wrong = "want " + map[string]string{"object": "an object", "list": "a list", "string": "a string", "number": "an integer"}[s.kind]
		return
	}
	if s.of != nil {
		for i := range v.kids {
			v.kids[i].judge(s.of)
		}
		return
	}
	there := map[string]bool{}
	for i := range v.kids {
		kid := &v.kids[i]
		there[kid.key] = true
		if f := s.field(kid.key); f != nil {
			kid.judge(&f.shape)
		} else if s.kind == "object" {
			kid.wrong = "unknown"
		}
	}
	for _, f := range s.fields {
		if !there[f.name] && !f.optional {
			v.kids = append(v.kids, value{key: f.name, wrong: "missing", absent: true})
		}
	}
}

// draw shows the value: a line for each key if that fits into the height, else
// as few lines as possible.
func (v *value) draw(vw *view, w, h int) []string {
	if tall := v.tall(vw, "", ""); len(tall) <= h {
		return tall
	}
	return flow(v.parts(vw, ""), w)
}

// note is what is wrong, behind a value.
func (v *value) note(vw *view) string {
	if v.wrong == "" {
		return ""
	}
	return " " + vw.bad.of(vw.left+" "+v.wrong)
}

func (v *value) label(vw *view) string {
	if v.key == "" {
		return ""
	}
	name := vw.clean(quoted(v.key))
	switch {
	case v.absent:
		return vw.bad.of(name)
	case v.wrong != "":
		return vw.bad.of(name) + ": "
	}
	return vw.info.of(name) + ": "
}

var brackets = map[string][2]string{"object": {"{", "}"}, "list": {"[", "]"}}

func (v *value) tall(vw *view, margin, tail string) []string {
	pair, nested := brackets[v.kind]
	switch {
	case !nested:
		return []string{margin + v.label(vw) + vw.clean(v.text) + tail + v.note(vw)}
	case len(v.kids) == 0:
		return []string{margin + v.label(vw) + pair[0] + pair[1] + tail + v.note(vw)}
	}
	lines := []string{margin + v.label(vw) + pair[0] + v.note(vw)}
	for i := range v.kids {
		lines = append(lines, v.kids[i].tall(vw, margin+"  ", v.comma(i))...)
	}
	return append(lines, margin+pair[1]+tail)
}

// comma is what stands behind the i-th element.
func (v *value) comma(i int) string {
	for _, kid := range v.kids[i+1:] {
		if !kid.absent {
			return ","
		}
	}
	return ""
}

// part is a part of a value that stands on one line.
type part struct {
	text string
	own  bool // it has a line of its own: it is missing
	last bool // nothing follows it on its line: it says what is wrong
}

// parts are those of the value, in order.
func (v *value) parts(vw *view, tail string) []part {
	pair, nested := brackets[v.kind]
	if !nested || len(v.kids) == 0 {
		return []part{{v.label(vw) + vw.clean(v.text) + pair[0] + pair[1] + tail + v.note(vw), v.absent, v.wrong != ""}}
	}
	list := []part{{text: v.label(vw) + pair[0] + v.note(vw), last: v.wrong != ""}}
	for i := range v.kids {
		list = append(list, v.kids[i].parts(vw, v.comma(i))...)
	}
	if !list[0].last { // the bracket stands with its first element
		list[1].text = list[0].text + list[1].text
		list = list[1:]
	}
	end := &list[len(list)-1]
	if end.last {
		return append(list, part{text: pair[1] + tail})
	}
	end.text += pair[1] + tail
	return list
}

// flow puts parts one behind the other into lines.
func flow(parts []part, w int) (lines []string) {
	line := ""
	for _, p := range parts {
		switch {
		case line == "" && len(lines) == 0:
			line = p.text
		case line == "" && strings.Trim(p.text, "]},") == "":
			line = p.text
		case line == "":
			line = " " + p.text
		case width(line)+1+width(p.text) <= w && !p.own:
			line += " " + p.text
		default:
			lines, line = append(lines, line), " "+p.text
		}
		if p.last {
			lines, line = append(lines, line), ""
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// drawBody shows a body that somebody sent: as JSON if it is, else as text.
func drawBody(vw *view, body []byte, s *shape, w, h int) []string {
	if len(body) == 0 {
		return []string{vw.dim.of("no body")}
	}
	shown := body[:min(len(body), mostShown)]
	v, err := parseBody(shown, s)
	if err == nil {
		return v.draw(vw, w, h)
	}
	why := "not JSON"
	if len(shown) < len(body) {
		why = fmt.Sprintf("the first %d of %d bytes", len(shown), len(body))
	}
	lines := []string{vw.bad.of(vw.failed + " " + why)}
	for _, l := range strings.Split(strings.ToValidUTF8(string(shown), "?"), "\n") {
		lines = append(lines, fold(vw.clean(strings.TrimSuffix(l, "\r")), w)...)
	}
	return lines
}

// mostShown is how much of a body is shown.
const mostShown = 16 << 10
