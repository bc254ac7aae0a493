package probe

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// lastOfEqual drops all but the last of equal keys in each object, as encoding/json does,
// by which answers are judged; gjson would take the first. The text must be valid.
func lastOfEqual(text []byte) []byte {
	out, done := make([]byte, 0, len(text)), 0
	for _, m := range repeatedMembers(text) {
		if m.from >= done { // else it is within one that was left out
			out, done = append(out, text[done:m.from]...), m.to
		}
	}
	return append(out, text[done:]...)
}

// span is a part of a text.
type span struct{ from, to int }

// repeatedMembers finds the members of objects whose key occurs again later, each up to
// the next member, in the order in which they begin.
func repeatedMembers(text []byte) (repeated []span) {
	type level struct {
		object bool
		keys   []string // of its members
		from   []int    // where those begin
		value  bool     // the value of the last one is next
	}
	open := []level{{}}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber() // one of 1e999 is no error
	for {
		from := int(dec.InputOffset())
		token, err := dec.Token()
		if err != nil { // the end
			break
		}
		top := &open[len(open)-1]
		if key, ok := token.(string); ok && top.object && !top.value {
			from += strings.IndexByte(string(text[from:dec.InputOffset()]), '"')
			top.keys, top.from, top.value = append(top.keys, key), append(top.from, from), true
			continue
		}
		top.value = false
		switch token {
		case json.Delim('{'), json.Delim('['):
			open = append(open, level{object: token == json.Delim('{')})
		case json.Delim('}'), json.Delim(']'):
			last := map[string]int{}
			for i, key := range top.keys {
				last[key] = i
			}
			for i, key := range top.keys {
				if last[key] != i {
					repeated = append(repeated, span{top.from[i], top.from[i+1]})
				}
			}
			open = open[:len(open)-1]
		}
	}
	slices.SortFunc(repeated, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	return repeated
}
