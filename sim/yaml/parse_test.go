package yaml_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/fixtures"
	"ringback/sim/yaml"
)

// shown is a tree as one line: flow style with each scalar in double quotes, or null.
func shown(n *yaml.Node) string {
	if n == nil {
		return "no content"
	}
	var parts []string
	switch n.Kind {
	case yaml.Null:
		return "null"
	case yaml.List:
		for _, v := range n.Items {
			parts = append(parts, shown(v))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case yaml.Map:
		for i, v := range n.Items {
			parts = append(parts, quoted(n.Keys[i].Text)+":"+shown(v))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return quoted(n.Text)
}

// quoted is text in double quotes, as YAML has them, too.
func quoted(s string) string { return strconv.Quote(s) }

// A table of what people write, each kind read as YAML 1.2 says.
func TestParse(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"nothing":               {"", "no content"},
		"a comment":             {"# nothing\n", "no content"},
		"a marker":              {"---\n", "no content"},
		"markers":               {"---\na: b\n...\n", `{"a":"b"}`},
		"a directive":           {"# first\n%YAML 1.2\n---\na: b\n", `{"a":"b"}`},
		"byte order mark":       {"\ufeffa: b\n", `{"a":"b"}`},
		"CRLF":                  {"a: b\r\nc: |\r\n  d\r\n  e\r\n", `{"a":"b","c":"d\ne\n"}`},
		"CR":                    {"a: b\rc: d\r", `{"a":"b","c":"d"}`},
		"anchor and alias":      {"a: &x b\nc: *x\nd: [*x, *x]\n", `{"a":"b","c":"b","d":["b","b"]}`},
		"anchor of a map":       {"a: &x\n  b: c\nd: *x\n", `{"a":{"b":"c"},"d":{"b":"c"}}`},
		"anchor used again":     {"a: &x 1\nb: *x\nc: &x 2\nd: *x\n", `{"a":"1","b":"1","c":"2","d":"2"}`},
		"merge key":             {"a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n", `{"a":{"b":"1","c":"2"},"d":{"c":"3","b":"1"}}`},
		"merge keys, the first": {"a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n", `{"a":{"b":"1"},"c":{"b":"2","d":"3"},"e":{"b":"1","d":"3"}}`},
		"a merge key in quotes": {`"<<": x`, `{"<<":"x"}`},
		"numbers as written":    {"[0123, 0x10, 1.50, 1e3, +7, .5]", `["0123","0x10","1.50","1e3","+7",".5"]`},
		"null":                  {"a:\nb: ~\nc: null\nd: 'null'\ne: \"\"\nf: [~]\n", `{"a":null,"b":null,"c":null,"d":"null","e":"","f":[null]}`},
		"words of YAML 1.1":     {"[yes, no, on, off, 12:30, 2026-01-01T00:00:00Z]", `["yes","no","on","off","12:30","2026-01-01T00:00:00Z"]`},
		"URLs":                  {"a: http://x/{CallId}?a=b#c\nb: http://x # a comment\n", `{"a":"http://x/{CallId}?a=b#c","b":"http://x"}`},
		"quotes":                {`{a: 'it''s', b: "\u00e9\U0001f600\t\x41 #: "}`, `{"a":"it's","b":"é😀\tA #: "}`},
		"quotes over lines":     {"a: \"b\n  c\n\n  d\"\ne: 'f\n  g'\n", `{"a":"b c\nd","e":"f g"}`},
		"a sentence":            {"a: one two\n  three\nb: c\n", `{"a":"one two three","b":"c"}`},
		"blocks":                {"a: |\n  b\n   c\n\n  d\n\ne: >-\n  f\n  g\n\n  h\ni: |+\n  j\n\nk: l\n", `{"a":"b\n c\n\nd\n","e":"f g\nh","i":"j\n\n","k":"l"}`},
		"a block at the end":    {"a: |\n  b", `{"a":"b"}`},
		"JSON":                  {"{\n  \"a\": 1,\n  \"b\": [true, null]\n}\n", `{"a":"1","b":["true",null]}`},
		"lists":                 {"a:\n- b\n-\n- - c\n  - d\n- e: f\n  g: h\n", `{"a":["b",null,["c","d"],{"e":"f","g":"h"}]}`},
		"people":                {"名字: 用户\n- : x\n", ""},
		"any letters":           {"名字: 用户 # 名\n", `{"名字":"用户"}`},
		"tab between words":     {"a: b\tc\n", `{"a":"b\tc"}`},
		"tab in brackets":       {"{\n\t\"a\": 1}\n", `{"a":"1"}`},
		"a dash in a sentence":  {"- a\n - # b\n", `["a -"]`},
		"blank line of spaces":  {"a: b\n\n \n  c\n", `{"a":"b\n\nc"}`},
		"folded more":           {"a: >\n   b\n    \n\n   c\n", `{"a":"b\n \n\nc\n"}`},
		"nothing behind a dash": {"a:\n-\nb: c\n", `{"a":[null],"b":"c"}`},
		"anchor of nothing":     {"a:\n  &x\nb: c\n", `{"a":null,"b":"c"}`},
		"anchor with a tab":     {"a: &x\tb\n  c\n", `{"a":"b c"}`},
		"quotes over blanks":    {"a: '\t\n'\n", `{"a":" "}`},
		"a pair in a list":      {"[a: b, c]\n", `[{"a":"b"},"c"]`},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := yaml.Parse([]byte(c.text))
			if c.want == "" {
				if err == nil {
					t.Errorf("read as %s", shown(n))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, shown(n)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What is no YAML, or nothing that these files need, is refused with its line.
func TestParseErrors(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"second document":        {"a: b\n---\nc: d\n", "line 2: a second document begins; want one in a file"},
		"behind an empty one":    {"---\n---\na: b\n", "line 2: a second document begins; want one in a file"},
		"behind the end":         {"a: b\n...\nc: d\n", "line 3: is not YAML: did not find expected <document start>"},
		"tag":                    {"a: 1\nb: !!str 1\n", "line 2: has a tag; leave it out (quotes make text of a value)"},
		"own tag":                {"a: !env X\n", "line 1: has a tag; leave it out (quotes make text of a value)"},
		"tag directive":          {"%TAG ! tag:x,2026:\n---\na: b\n", "line 1: has a directive; want none but %YAML 1.2, once"},
		"directive twice":        {"%YAML 1.2\n%YAML 1.2\n---\na: b\n", "line 2: has a directive; want none but %YAML 1.2, once"},
		"directive alone":        {"%YAML 1.2\na: b\n", "line 2: want --- behind %YAML"},
		"unknown alias":          {"a: *x\n", "line 1: has an alias without an anchor before it"},
		"alias of itself":        {"a: &x [*x]\n", "line 1: has an alias without an anchor before it"},
		"merge of a word":        {"a: {<<: b}\n", "line 1: <<: want a map or a list of maps, got a scalar"},
		"key twice":              {"a: b\nc: d\na: e\n", `line 3: has the key "a" for the second time in a map`},
		"key twice, in quotes":   {"a: b\n'a': c\n", `line 2: has the key "a" for the second time in a map`},
		"key twice, in brackets": {"{a: b, a: c}\n", `line 1: has the key "a" for the second time in a map`},
		"key of a list":          {"? [a]\n: b\n", "line 1: want a word for a key, got a list"},
		"tab":                    {"a:\n\tb: c\n", "line 2: is not YAML: found character that cannot start any token"},
		"NUL":                    {"a: b\nc: \x00\n", "line 2: has a NUL byte; if the file is UTF-16, save it as UTF-8"},
		"UTF-16":                 {"\xff\xfea\x00", "line 1: is UTF-16; save the file as UTF-8"},
		"not UTF-8":              {"a: b\nc: \xff\n", "line 2: is not UTF-8"},
		"escape":                 {"a: b\nc: \x1b[2J\n", `line 2: has the control character U+001B; in double quotes write it as "\x1b"`},
		"open bracket":           {"a: b\nc: [d\n", "line 2: is not YAML: did not find expected ',' or ']'"},
		"deep":                   {strings.Repeat("[", 60) + strings.Repeat("]", 60), "line 1: nests lists and maps too deep; want 50 levels at most"},
		"deep in a row":          {"- 1\n" + strings.Repeat("- ", 60), "line 2: nests lists and maps too deep; want 50 levels at most"},
		"a file of laughs":       {laughs(), "line 6: has more than 500000 values, counting what aliases repeat"},
		"value not indented":     {"a:\nnull\n", "line 2: is not YAML: could not find expected ':'"},
		"key not indented":       {"a: b\n- c\n", "line 2: is not YAML: did not find expected key"},
		"lost mark":              {"a: b\nc:\n!", "line 3: is not YAML: could not find expected ':'"},
		"two commas":             {"[a,,b]\n", "line 1: is not YAML: did not find expected node content"},
		"no comma":               {"[a: b\n c: d]\n", "line 2: is not YAML: did not find expected ',' or ']'"},
		"two colons":             {"a: b\nc: d: e\n", "line 2: is not YAML: mapping values are not allowed in this context"},
		"half a character":       {`a: "\ud83d"`, "line 1: is not YAML: found invalid Unicode character escape code"},

		// What the library reads otherwise than YAML.
		"colon before a bracket": {"{a:}\n", "line 1: has a word that begins with a question mark or ends with a colon; put it in double quotes"},
		"question in brackets":   {"a: b\nc: [?d]\n", "line 2: has a word that begins with a question mark or ends with a colon; put it in double quotes"},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := yaml.Parse([]byte(c.text))
			if err == nil {
				t.Fatalf("read as %s", shown(n))
			}
			if diff := cmp.Diff(c.want, err.Error()); diff != "" && c.want != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !errors.As(err, new(*yaml.Error)) {
				t.Errorf("got a %T", err)
			}
		})
	}
}

// laughs is a file whose aliases stand for millions of values.
func laughs() string {
	text := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := range 8 {
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 10), ", "))
	}
	return text
}

func TestKinds(t *testing.T) {
	for text, want := range map[string]yaml.Kind{
		"~": yaml.Null, "Null": yaml.Null, "true": yaml.Bool, "FALSE": yaml.Bool, "yes": yaml.Text, "'true'": yaml.Text,
		"12": yaml.Int, "-12": yaml.Int, "017": yaml.Int, "0o17": yaml.Int, "0xff": yaml.Int, "1_000": yaml.Text, "0b1": yaml.Text, `"1"`: yaml.Text,
		"1.5": yaml.Float, ".5": yaml.Float, "1e3": yaml.Float, "-.inf": yaml.Float, ".nan": yaml.Float, "1.2.3": yaml.Text, "12:30": yaml.Text, "2026-01-01": yaml.Text,
	} {
		n, err := yaml.Parse([]byte(text))
		if err != nil || n.Kind != want {
			t.Errorf("%s: got %v, %v, want kind %d", text, n, err, want)
		}
	}
	for text, want := range map[string]int64{"12": 12, "-12": -12, "+3": 3, "017": 17, "08": 8, "0o17": 15, "0x1F": 31} {
		if got, ok := yaml.ParseInt(text); !ok || got != want {
			t.Errorf("%s: got %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "x", "1.0", "1_0", "0b1", "9223372036854775808", "-0x1"} {
		if got, ok := yaml.ParseInt(text); ok {
			t.Errorf("%q: got %d", text, got)
		}
	}
}

// The clauses, which are read beside this package, read as the same here.
func TestClauses(t *testing.T) {
	data, err := os.ReadFile("../../fixtures/clauses.yaml")
	if err != nil {
		t.Fatal(err)
	}
	n, err := yaml.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	list := fixtures.Clauses()
	if len(n.Items) != len(list) {
		t.Fatalf("got %d, want %d", len(n.Items), len(list))
	}
	for i, c := range list {
		m := n.Items[i]
		level := m.Get("level").Text
		if each := m.Get("level"); !each.Scalar() {
			level = "v1 " + each.Get("v1").Text + ", v4 " + each.Get("v4").Text
		}
		got := []string{m.Get("id").Text, m.Get("document").Text, m.Get("section").Text, m.Get("generation").Text, level, m.Get("words").Text}
		if diff := cmp.Diff([]string{c.ID, c.Document, c.Section, c.Generation, c.Levels.Words("both", false), c.Words}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if probe := m.Get("probe"); probe != nil && probe.Bool() != c.Probe {
			t.Errorf("%s: got %v", c.ID, probe)
		}
	}
}

// Whatever is written, in whatever form, reads as what was meant.
func TestParseForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := &writer{t: t}
		want := w.any(0, 0, false)
		w.WriteString("\n")
		n, err := yaml.Parse([]byte(w.String()))
		if err != nil {
			t.Fatalf("%v in\n%s", err, w.String())
		}
		if diff := cmp.Diff(want, shown(n)); diff != "" {
			t.Fatalf("(-want +got):\n%s\nin\n%s", diff, w.String())
		}
	})
}

// writer writes values in all the forms of YAML that are read, and says what
// each is.
type writer struct {
	strings.Builder
	t       *rapid.T
	anchors []string // what each stands for
}

func (w *writer) draw(label string, n int) int { return rapid.IntRange(0, n-1).Draw(w.t, label) }

// any writes a value behind a key, a dash or the start of the file. What goes on
// in further lines is indented by so many spaces.
func (w *writer) any(depth, indent int, flow bool) string {
	if n := len(w.anchors); n > 0 && w.draw("alias", 8) == 0 {
		i := w.draw("of", n)
		fmt.Fprintf(w, "*a%d", i)
		return w.anchors[i]
	}
	anchor := -1
	if depth > 0 && w.draw("anchor", 8) == 0 {
		anchor = len(w.anchors)
		w.anchors = append(w.anchors, "null") // of an unfinished one
		fmt.Fprintf(w, "&a%d ", anchor)
	}
	kind := w.draw("kind", 4)
	var said string
	switch {
	case depth > 3 || kind > 1 || anchor >= 0:
		said = w.scalar(indent, flow, depth == 0)
	case flow || w.draw("flow", 3) == 0:
		said = w.brackets(depth, indent, kind == 0)
	default:
		said = w.block(depth, indent, kind == 0)
	}
	if anchor >= 0 {
		w.anchors[anchor] = said
	}
	return said
}

func (w *writer) brackets(depth, indent int, list bool) string {
	var parts []string
	w.WriteString(map[bool]string{true: "[", false: "{"}[list])
	for i := range w.draw("length", 4) {
		if i > 0 {
			w.WriteString(", ")
		}
		if w.draw("break", 4) == 0 {
			w.WriteString("\n" + strings.Repeat(" ", indent+1))
		}
		key := ""
		if !list {
			fmt.Fprintf(w, "k%d: ", i)
			key = fmt.Sprintf(`"k%d":`, i)
		}
		parts = append(parts, key+w.any(depth+1, indent+1, true))
	}
	w.WriteString(map[bool]string{true: "]", false: "}"}[list])
	return map[bool]string{true: "[", false: "{"}[list] + strings.Join(parts, ",") + map[bool]string{true: "]", false: "}"}[list]
}

func (w *writer) block(depth, indent int, list bool) string {
	var parts []string
	for i := range 1 + w.draw("length", 3) {
		if i > 0 || depth > 0 {
			if w.draw("comment", 4) == 0 {
				w.WriteString("\n# a comment: {[")
			}
			w.WriteString("\n" + strings.Repeat("\n", w.draw("blank", 2)) + strings.Repeat(" ", indent))
		}
		key := ""
		if list {
			w.WriteString("- ")
		} else {
			fmt.Fprintf(w, "k%d: ", i)
			key = fmt.Sprintf(`"k%d":`, i)
		}
		parts = append(parts, key+w.any(depth+1, indent+2, false))
	}
	if list {
		return "[" + strings.Join(parts, ",") + "]"
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (w *writer) scalar(indent int, flow, root bool) string {
	choice := []string{"a", "007", "yes", "用户", "b#", "-1", "it's", `c"d`, "!"}
	if !flow { // where a colon may be refused
		choice = append(choice, "x:y", "10:30")
	}
	words := rapid.SliceOfN(rapid.SampledFrom(choice), 1, 4).Draw(w.t, "words")
	s := strings.Join(words, " ")
	fold := s
	if w.draw("fold", 3) == 0 && !root {
		fold = strings.Join(words, "\n"+strings.Repeat(" ", indent+1))
	}
	switch form := w.draw("form", 5); {
	case form == 0:
		w.WriteString(strconv.Quote(s + "\t\n: #"))
		return quoted(s + "\t\n: #")
	case form == 1:
		w.WriteString("'" + strings.ReplaceAll(fold, "'", "''") + "'")
	case form == 2 && !flow && !root:
		w.WriteString("|-\n" + strings.Repeat(" ", indent+1) + s)
	case form == 3 && !flow && !root:
		w.WriteString(">-\n" + strings.Repeat(" ", indent+1) + fold)
	case strings.HasPrefix(s, "!") || strings.Contains(fold, "\n"): // which begins a tag, or is lost
		w.WriteString(`"` + strings.ReplaceAll(fold, `"`, `\"`) + `"`)
	default:
		w.WriteString(s)
	}
	return quoted(s)
}

// Whatever the bytes, there is a clean refusal, or a tree which reads as the
// same when it is written in flow style.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"a: &j b\nc: *j\n", "---", "%YAML 1.2\n---\na: b\n", "a: 'x'\nb: \"y\\n\"\nc: |\n  z\n   q\nd: >-\n  f\n  g\n", "- {a: b, c: [d, e]}\n- x: y\n  z: w\n",
		"call: &c\n  caller: 0123\nload:\n  <<: *c\n", "---\n---\na: b\n", "a:\n\tb: c\n", "? a\n: b\n", "\ufeffa: ~\r\nb: !!str 1\r\n", "a:\n-\nb:", "\"\\ud83d\\ude00\"",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		n, err := yaml.Parse(data)
		if err != nil {
			var bad *yaml.Error
			if !errors.As(err, &bad) || bad.Line < 1 || bad.Line > 1+strings.Count(string(data), "\n")+strings.Count(string(data), "\r") {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		want := shown(n)
		if n == nil || len(want) > 1<<16 {
			return
		}
		again, err := yaml.Parse([]byte(want))
		if err != nil && !strings.Contains(err.Error(), "aliases") {
			t.Fatalf("%v in %s", err, want)
		}
		if err == nil && shown(again) != want {
			t.Fatalf("%s is read as %s", want, shown(again))
		}
	})
}
