package jsonview

import (
	"encoding/json"
	"strings"
	"testing"

	"ringback/tui/draw"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

// Wherever JSON was cut, what is there is shown, and nothing is said to be missing;
// what is no JSON is none however much of it there is.
func TestCutBody(t *testing.T) {
	const doc = `{"ErrorCode" : -1.5e3, "ErrorMessage":"a\"\\\n\u00e9\ud83d\udc69z" , "l":[1,[true,null,{"k":"v"}],{}], "x":{"y":"z"} }`
	v := &draw.Style{Glyphs: &draw.Fancy}
	for i := 1; i < len(doc); i++ {
		b, err := parseBody([]byte(doc[:i]), true, &v1AnswerShape)
		if err != nil {
			t.Errorf("%s: %v", doc[:i], err)
			continue
		}
		for _, h := range []int{0, 100} {
			text := strings.Join(b.draw(v, 200, h), "")
			if strings.Contains(text, "missing") || !strings.Contains(text, draw.Fancy.More) {
				t.Errorf("%s: %s", doc[:i], text)
			}
			for _, word := range []string{"ErrorCode", "-1.5e3", "ErrorMessage", "é", "👩z", "true", "null", `"k"`, `"v"`, `"y"`} {
				at := strings.Index(doc, word)
				if at < 0 {
					at = strings.Index(doc, `"z"`) // written as an escape
				}
				if i > at+len(word)+12 && at >= 0 && !strings.Contains(text, word) {
					t.Errorf("%s: no %s in %s", doc[:i], word, text)
				}
			}
		}
	}
	if _, err := parseBody([]byte(doc), true, &v1AnswerShape); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"<html>", `{"a" 1`, `{"a":tru1`, `{'a':`, `[1,}`, "\"a\nb", `{"a":"\x`, `[1] x`} {
		if b, err := parseBody([]byte(bad), true, &v1AnswerShape); err == nil {
			t.Errorf("%s is JSON: %+v", bad, b)
		}
	}
	if _, err := parseBody([]byte(`{"a":1`), false, &v1AnswerShape); err == nil {
		t.Error("half of an object is a body")
	}
}

// However narrow the pane, no line of a body is wider, and every character is
// there.
func TestBodyIsWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("ab 界\u0301👩\u200d\u202e\"\\")), 0, 60, -1), 1, 6).Draw(t, "texts")
		body := map[string]any{"ErrorCode": "0", texts[0]: texts, "o": map[string]any{"k" + texts[0]: texts[len(texts)-1]}}
		data, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		g := rapid.SampledFrom([]*draw.Glyphs{&draw.Fancy, &draw.ASCII}).Draw(t, "glyphs")
		v := &draw.Style{Glyphs: g}
		w, h := rapid.IntRange(4, 90).Draw(t, "w"), rapid.SampledFrom([]int{0, 1000}).Draw(t, "h")
		lines := Draw(v, data, 0, &v1AnswerShape, w, h)
		for _, l := range lines {
			if n := ansi.StringWidth(l); n > w {
				t.Fatalf("%d cells of %d: %q", n, w, l)
			}
		}
		squeeze := strings.NewReplacer(" ", "", "\n", "")
		all := squeeze.Replace(strings.Join(lines, ""))
		for _, s := range texts {
			if want := squeeze.Replace(g.Clean(quoted(s))); !strings.Contains(all, want) {
				t.Fatalf("no %s in %s", want, all)
			}
		}
	})
}
