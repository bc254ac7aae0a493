package recording

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"ringback/sim/wire"
)

// Recognize says which callback the request is, by its query (PROTOCOL 1.2 and 1.6) and
// its body alone: what else it holds, which dialect it has and whether the words
// are known does not matter.
func (e *Exchange) Recognize() Callback {
	if !bytes.HasPrefix(e.Head, []byte("POST ")) {
		return Callback{}
	}
	var c Callback
	var v1, v4 string
	for pair := range bytes.SplitSeq(e.Query(), []byte("&")) {
		name, value, _ := bytes.Cut(pair, []byte("="))
		switch strings.ToLower(string(name)) {
		case "sdkappid":
			c.App = unescaped(value)
		case "command":
			v1 = unescaped(value)
		case "callbackcommand":
			v4 = unescaped(value)
		}
	}
	b := read(e.Body)
	switch {
	case v4 != "" || b.command != "":
		c.Generation, c.Word = wire.V4, v4
		if c.Word == "" {
			c.Word = b.command
		}
	case v1 == statusCommand && b.result != "":
		c.Generation, c.Word = wire.V1, strings.ToLower(b.result)
	case v1 != "" && (b.call != "" || isWord(v1)):
		c.Generation, c.Word = wire.V1, v1
	default:
		return Callback{}
	}
	c.Call = b.call
	return c
}

// statusCommand is the command of a status callback, whose word is its result (60130).
const statusCommand = "call_end"

func isWord(s string) bool {
	return s == statusCommand || new(wire.Word).UnmarshalText([]byte(s)) == nil
}

func unescaped(value []byte) string {
	if s, err := url.QueryUnescape(string(value)); err == nil {
		return s
	}
	return string(value)
}

// content is what of a body says which callback it is.
type content struct{ command, call, result string }

// read finds it. A body that is damaged is read as far as it goes. It allocates nothing
// but what it finds: wire.Values takes twenty times as long.
func read(body []byte) (c content) {
	var in [16][]byte // the key that holds the object or array at each depth
	var key []byte
	depth := 0
	for i := 0; i < len(body); i++ {
		switch b := body[i]; b {
		case '{', '[':
			if depth++; depth < len(in) {
				in[depth] = key
			}
		case '}', ']':
			if depth--; depth < 0 {
				return c
			}
			key = nil
		case '"':
			end := stringEnd(body, i)
			if end < 0 {
				return c
			}
			text := body[i+1 : end]
			i = end
			switch at := skipBlanks(body, end+1); {
			case at < len(body) && body[at] == ':':
				key, i = text, at
			case depth > 0 && depth < len(in):
				c.note(in[depth], key, text)
			}
		}
	}
	return c
}

// stringEnd is where the quote is that ends the string which begins at i, or -1.
func stringEnd(body []byte, i int) int {
	for i++; i < len(body); i++ {
		switch body[i] {
		case '"':
			return i
		case '\\':
			i++
		}
	}
	return -1
}

func skipBlanks(body []byte, i int) int {
	for i < len(body) && (body[i] == ' ' || body[i] == '\t' || body[i] == '\r' || body[i] == '\n') {
		i++
	}
	return i
}

// note takes in the text of a string.
func (c *content) note(in, key, text []byte) {
	var to *string
	switch {
	case string(key) == "CallId" && (len(in) == 0 || string(in) == "CallInfo" || string(in) == "CallRecord"):
		to = &c.call
	case string(key) == "CallbackCommand" && len(in) == 0:
		to = &c.command
	case string(key) == "CallResult" && len(in) == 0:
		to = &c.result
	default:
		return
	}
	if *to != "" {
		return
	}
	if bytes.IndexByte(text, '\\') < 0 && utf8.Valid(text) {
		*to = string(text)
		return
	}
	var s string
	if json.Unmarshal(slices.Concat([]byte{'"'}, text, []byte{'"'}), &s) == nil {
		*to = s
	}
}
