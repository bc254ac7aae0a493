package jsonview

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"ringback/tui/draw"
)

// value is a JSON value with what is wrong with it.
type value struct {
	key    string // in an object
	kind   string // object, list, string, number, bool or null
	text   string // of a scalar
	kids   []value
	wrong  string // unknown, missing, or what was wanted
	absent bool   // it is missing, as wrong says
	open   bool   // the end of it is not known
}

// parseBody parses one JSON value, keys in their order, and compares it with a shape. Of
// a body that was cut it parses what is there.
func parseBody(body []byte, cut bool, s *Shape) (value, error) {
	r := bodyReader{Decoder: json.NewDecoder(bytes.NewReader(body)), body: body, cut: cut}
	r.UseNumber()
	v, err := r.value(0)
	if err != nil {
		return v, err
	}
	if _, err := r.Token(); !r.over && !errors.Is(err, io.EOF) {
		return v, errors.New("something follows the JSON value")
	}
	v.judge(s)
	return v, nil
}

// deepest bounds the nesting of values, since bodies are untrusted.
const deepest = 40

// bodyReader reads a body, or the beginning of one.
type bodyReader struct {
	*json.Decoder
	body []byte
	cut  bool // there was more of it
	over bool // nothing follows what was read
}

// ended reports whether an error means that the body was cut here.
func (r *bodyReader) ended(err error) bool {
	r.over = r.over || r.cut && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF))
	return r.over
}

func (r *bodyReader) value(depth int) (v value, err error) {
	if depth > deepest {
		return v, errors.New("the value is nested too deeply")
	}
	tok, err := r.Token()
	switch {
	case r.ended(err):
		return r.rest(), nil
	case err != nil:
		return v, err
	}
	switch t := tok.(type) {
	case json.Delim:
		v.kind = map[json.Delim]string{'{': "object", '[': "list"}[t]
		return v, r.kids(&v, depth)
	case string:
		v.kind, v.text = "string", quoted(t)
	case json.Number:
		v.kind, v.text = "number", t.String()
		v.open = r.cut && r.InputOffset() == int64(len(r.body)) // more digits may follow
	case bool:
		v.kind, v.text = "bool", fmt.Sprint(t)
	default:
		v.kind, v.text = "null", "null"
	}
	return v, nil
}

// kids reads what is in an object or a list, and its end.
func (r *bodyReader) kids(v *value, depth int) error {
	for r.More() {
		key := ""
		if v.kind == "object" {
			name, err := r.Token()
			switch {
			case r.ended(err):
				v.open = true
				return nil // half a key is dropped
			case err != nil:
				return err
			}
			key, _ = name.(string)
		}
		kid, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if kid.key = key; kid.kind != "" || key != "" {
			v.kids = append(v.kids, kid)
		}
		if r.over {
			v.open = true
			return nil
		}
	}
	_, err := r.Token()
	if r.ended(err) {
		v.open, err = true, nil
	}
	return err
}

// rest is the value that the body was cut in, as far as it is there.
func (r *bodyReader) rest() value {
	rest := strings.TrimLeft(string(r.body[r.InputOffset():]), " \t\r\n,:")
	if !strings.HasPrefix(rest, `"`) {
		return value{open: true}
	}
	for cut := range min(len(rest), len(`\ud83d\udc69`)) { // it may be cut in an escape
		var s string
		if json.Unmarshal([]byte(rest[:len(rest)-cut]+`"`), &s) == nil {
			return value{kind: "string", text: strings.TrimSuffix(quoted(s), `"`), open: true}
		}
	}
	return value{open: true}
}

// quoted is a JSON string with unescaped HTML characters.
func quoted(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string can always be written
	return strings.TrimSuffix(b.String(), "\n")
}

// judge marks what differs from the shape.
func (v *value) judge(s *Shape) {
	switch {
	case s.kind == "":
		return
	case v.kind == "": // it was cut before it began
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
		if !there[f.name] && !f.optional && !v.open {
			v.kids = append(v.kids, value{key: f.name, wrong: "missing", absent: true})
		}
	}
}

// styled is a text in one ink.
type styled struct {
	draw.Ink
	text string
}

// styledText is a sequence of styled texts.
type styledText []styled

func (s styledText) width() (n int) {
	for _, p := range s {
		n += draw.Width(p.text)
	}
	return n
}

// lines breaks the texts into lines of at most w cells. All but the first begin with the
// margin, unless there is too little room.
func (s styledText) lines(w int, margin string) (lines []string) {
	if w < 1 {
		return nil
	}
	if margin = draw.Cut(margin, w/2, ""); w < 4 {
		margin = ""
	}
	var b strings.Builder
	room := w
	for _, p := range s {
		for rest := p.text; rest != ""; {
			head := draw.UpTo(rest, room)
			if head == "" && room == w { // a character that is wider than the line
				return append(lines, b.String())
			}
			b.WriteString(p.Of(head))
			room -= draw.Width(head)
			if rest = rest[len(head):]; rest != "" {
				lines = append(lines, b.String())
				b.Reset()
				b.WriteString(margin)
				room = w - draw.Width(margin)
			}
		}
	}
	return append(lines, b.String())
}

// draw shows the value: a line for each key if that fits into the height, else
// as few lines as possible.
func (v *value) draw(vw *draw.Style, w, h int) []string {
	var lines []string
	for _, l := range v.tall(vw, "", "") {
		lines = append(lines, l.lines(w, l[0].text+"  ")...)
		if len(lines) > h {
			lines = nil
			for _, l := range flow(v.parts(vw, ""), w) {
				lines = append(lines, l.lines(w, "  ")...)
			}
			return lines
		}
	}
	return lines
}

// note says what is wrong, after the value.
func (v *value) note(vw *draw.Style) styledText {
	if v.wrong == "" {
		return nil
	}
	return styledText{{vw.Bad, " " + vw.ToLeft + " " + v.wrong}}
}

func (v *value) label(vw *draw.Style) styledText {
	if v.key == "" {
		return nil
	}
	name := vw.Clean(quoted(v.key))
	switch {
	case v.absent:
		return styledText{{vw.Bad, name}}
	case v.wrong != "":
		return styledText{{vw.Bad, name}, {text: ": "}}
	}
	return styledText{{vw.Info, name}, {text: ": "}}
}

// scalar is a value without its label.
func (v *value) scalar(vw *draw.Style) styledText {
	if v.open {
		return styledText{{text: vw.Clean(v.text)}, {vw.Wait, vw.More}}
	}
	return styledText{{text: vw.Clean(v.text)}}
}

// shut is the end of an object or a list.
func (v *value) shut(vw *draw.Style) styledText {
	if v.open {
		return styledText{{vw.Wait, vw.More}}
	}
	return styledText{{text: brackets[v.kind][1]}}
}

var brackets = map[string][2]string{"object": {"{", "}"}, "list": {"[", "]"}}

func (v *value) tall(vw *draw.Style, margin, tail string) []styledText {
	pair, nested := brackets[v.kind]
	begin := append(styledText{{text: margin}}, v.label(vw)...)
	switch {
	case !nested:
		return []styledText{slices.Concat(begin, v.scalar(vw), styledText{{text: tail}}, v.note(vw))}
	case len(v.kids) == 0:
		return []styledText{slices.Concat(begin, styledText{{text: pair[0]}}, v.shut(vw), styledText{{text: tail}}, v.note(vw))}
	}
	lines := []styledText{slices.Concat(begin, styledText{{text: pair[0]}}, v.note(vw))}
	for i := range v.kids {
		lines = append(lines, v.kids[i].tall(vw, margin+"  ", v.comma(i))...)
	}
	return append(lines, slices.Concat(styledText{{text: margin}}, v.shut(vw), styledText{{text: tail}}))
}

// comma is the separator after the i-th element.
func (v *value) comma(i int) string {
	for _, kid := range v.kids[i+1:] {
		if !kid.absent {
			return ","
		}
	}
	return ""
}

// part is a part of a value that is kept on one line if it fits.
type part struct {
	styledText
	own  bool // it has its own line, since it is missing
	last bool // nothing follows on its line, since it says what is wrong
}

// parts are those of the value, in order.
func (v *value) parts(vw *draw.Style, tail string) []part {
	pair, nested := brackets[v.kind]
	if !nested {
		return []part{{slices.Concat(v.label(vw), v.scalar(vw), styledText{{text: tail}}, v.note(vw)), v.absent, v.wrong != ""}}
	}
	begin := append(v.label(vw), styled{text: pair[0]})
	if len(v.kids) == 0 {
		return []part{{slices.Concat(begin, v.shut(vw), styledText{{text: tail}}, v.note(vw)), false, v.wrong != ""}}
	}
	list := []part{{styledText: append(begin, v.note(vw)...), last: v.wrong != ""}}
	for i := range v.kids {
		list = append(list, v.kids[i].parts(vw, v.comma(i))...)
	}
	if !list[0].last { // the bracket and the first element share a line
		list[1].styledText = slices.Concat(list[0].styledText, list[1].styledText)
		list = list[1:]
	}
	shut := append(v.shut(vw), styled{text: tail})
	end := &list[len(list)-1]
	if end.last {
		return append(list, part{styledText: shut})
	}
	end.styledText = append(end.styledText, shut...)
	return list
}

// closes reports whether the part has only ends of objects and lists.
func (p *part) closes() bool {
	return !slices.ContainsFunc(p.styledText, func(s styled) bool { return strings.Trim(s.text, "]},") != "" })
}

// flow fills lines with parts.
func flow(parts []part, w int) (lines []styledText) {
	var line styledText
	for _, p := range parts {
		switch {
		case line == nil && (len(lines) == 0 || p.closes()):
			line = p.styledText
		case line == nil:
			line = append(styledText{{text: " "}}, p.styledText...)
		case line.width()+1+p.width() <= w && !p.own:
			line = slices.Concat(line, styledText{{text: " "}}, p.styledText)
		default:
			lines, line = append(lines, line), append(styledText{{text: " "}}, p.styledText...)
		}
		if p.last {
			lines, line = append(lines, line), nil
		}
	}
	if line != nil {
		lines = append(lines, line)
	}
	return lines
}

// Draw shows a body, or the beginning of one of whole bytes: as JSON if it is, else as
// text.
func Draw(vw *draw.Style, body []byte, whole int, s *Shape, w, h int) []string {
	if len(body) == 0 {
		return []string{vw.Dim.Of("no body")}
	}
	shown := body[:min(len(body), maxShown)]
	cut := whole > len(body) || len(shown) < len(body)
	var lines []string
	if cut {
		lines = draw.Wrap(FirstOf(len(shown), max(whole, len(body))), w)
		for i := range lines {
			lines[i] = vw.Wait.Of(lines[i])
		}
	}
	v, err := parseBody(shown, cut, s)
	if err == nil {
		return append(lines, v.draw(vw, w, h-len(lines))...)
	}
	lines = append(lines, vw.Bad.Of(vw.Failed+" not JSON"))
	for _, l := range strings.Split(strings.ToValidUTF8(string(shown), "?"), "\n") {
		lines = append(lines, draw.Fold(vw.Clean(strings.TrimSuffix(l, "\r")), w)...)
	}
	return lines
}

// FirstOf says how much of a text is shown, kept or copied.
func FirstOf(part, whole int) string {
	return fmt.Sprintf("the first %d of %d bytes", min(part, whole), whole)
}

// maxShown bounds the bytes of a body that are shown.
const maxShown = 16 << 10
