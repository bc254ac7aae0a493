package recording

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"

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

// read finds it by tokens, so a body that is damaged is read as far as it goes.
func read(body []byte) (c content) {
	values, _ := wire.Values(body)
	for _, v := range values {
		var to *string
		switch {
		case v.Key == "CallbackCommand" && v.In == "":
			to = &c.command
		case v.Key == "CallId" && (v.In == "" || v.In == "CallInfo" || v.In == "CallRecord"):
			to = &c.call
		case v.Key == "CallResult" && v.In == "":
			to = &c.result
		default:
			continue
		}
		var s string
		if json.Unmarshal(body[v.From:v.To], &s) == nil && *to == "" {
			*to = s
		}
	}
	return c
}
