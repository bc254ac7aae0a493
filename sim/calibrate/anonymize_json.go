package calibrate

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// rewriter replaces what is in JSON, and leaves its layout as it is.
type rewriter struct {
	*replacer
	in, out []byte
}

func (a *replacer) body(body []byte, known *node) []byte {
	if len(body) == 0 {
		return body
	}
	return a.json(body, known)
}

// json replaces all keys and values that are not known to be harmless. What is no JSON,
// or no longer, is replaced as a text.
func (a *replacer) json(body []byte, known *node) []byte {
	w := rewriter{replacer: a, in: body}
	if !w.value(known, 0) {
		w.rest()
	}
	w.space()
	w.rest() // behind the value
	return w.out
}

func (w *rewriter) rest() {
	w.out = append(w.out, w.text(string(w.in))...)
	w.in = nil
}

func (w *rewriter) space() {
	n := len(w.in) - len(bytes.TrimLeft(w.in, " \t\r\n"))
	w.out = append(w.out, w.in[:n]...)
	w.in = w.in[n:]
}

// take passes one byte on, if it is the next one.
func (w *rewriter) take(c byte) bool {
	w.space()
	if len(w.in) == 0 || w.in[0] != c {
		return false
	}
	w.out = append(w.out, c)
	w.in = w.in[1:]
	return true
}

// value replaces a value. If it is no JSON, what was read of it is replaced, and it
// returns false.
func (w *rewriter) value(known *node, depth int) bool {
	w.space()
	if len(w.in) == 0 || depth > 1000 {
		return false
	}
	if known == nil {
		known = new(node)
	}
	switch c := w.in[0]; {
	case c == '{':
		return w.members('{', '}', func() bool {
			raw, ok := w.token()
			if !ok || raw[0] != '"' {
				return false
			}
			w.in = w.in[len(raw):]
			var key string
			if json.Unmarshal(raw, &key) != nil {
				return false
			}
			next := known.keys[key]
			if next != nil || safeKeys[strings.ToLower(key)] {
				w.out = append(w.out, raw...)
			} else {
				w.quote(raw, w.text(key))
			}
			return w.take(':') && w.value(next, depth+1)
		})
	case c == '[':
		return w.members('[', ']', func() bool { return w.value(known.each, depth+1) })
	}
	raw, ok := w.token()
	if !ok {
		return false
	}
	w.in = w.in[len(raw):]
	switch c := raw[0]; {
	case c == '"':
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return false
		}
		if to := w.word(known, s); to == s {
			w.out = append(w.out, raw...)
		} else {
			w.quote(raw, to)
		}
	case c == 't', c == 'f', c == 'n':
		w.out = append(w.out, raw...)
	default:
		w.out = append(w.out, w.number(known, string(raw))...)
	}
	return true
}

func (w *rewriter) members(open, end byte, member func() bool) bool {
	w.take(open)
	if w.take(end) {
		return true
	}
	for member() {
		if w.take(end) {
			return true
		}
		if !w.take(',') {
			break
		}
	}
	return false
}

// token is the string, number or literal that comes next.
func (w *rewriter) token() (raw []byte, ok bool) {
	w.space()
	n := 0
	if len(w.in) > 0 && w.in[0] == '"' {
		for n = 1; n < len(w.in) && w.in[n] != '"'; n++ {
			if w.in[n] == '\\' {
				n++
			}
		}
		n++
	} else {
		for n < len(w.in) && !bytes.ContainsRune([]byte(" \t\r\n,:[]{}\""), rune(w.in[n])) {
			n++
		}
	}
	if n == 0 || n > len(w.in) || !json.Valid(w.in[:n]) {
		return nil, false
	}
	return w.in[:n:n], true
}

// quote appends a string, escaped as the one was that it replaces.
func (w *rewriter) quote(was []byte, s string) {
	ascii := bytes.Contains(was, []byte(`\u`))
	w.out = append(w.out, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			w.out = append(w.out, '\\', byte(r))
		case r < ' ' || r >= utf8.RuneSelf && ascii:
			quoted := strconv.QuoteToASCII(string(r))
			if r < ' ' || r > 0xffff {
				b, _ := json.Marshal(string(r)) // a string always can
				quoted = string(b)
			}
			w.out = append(w.out, quoted[1:len(quoted)-1]...)
		default:
			w.out = utf8.AppendRune(w.out, r)
		}
	}
	w.out = append(w.out, '"')
}

// safeKeys are the keys that the documents have anywhere, in lower case.
var safeKeys = func() map[string]bool {
	safe := map[string]bool{}
	var walk func(*node)
	walk = func(n *node) {
		for key, inside := range n.keys {
			safe[strings.ToLower(key)] = true
			walk(inside)
		}
		if n.each != nil {
			walk(n.each)
		}
	}
	for _, n := range []*node{v1Event, anyV4, answerBody} {
		walk(n)
	}
	return safe
}()
