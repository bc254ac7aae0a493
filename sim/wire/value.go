package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"
)

// Value is a string, a number, true, false or null of a body: its key, the key
// that holds its object, "" at the top, and where it stands.
type Value struct {
	In, Key  string
	From, To int
}

// Values are those of a body, in order. They are found by tokens, so text that
// looks like JSON is no value. Whole reports whether the body is JSON up to its
// end; if not, the values are those before it stops being JSON.
func Values(body []byte) (list []Value, whole bool) {
	type level struct {
		in, key string
		object  bool
		isKey   bool // the next token of the object is a key
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber() // numbers may have any size
	stack := []level{{}}
	for {
		before := dec.InputOffset()
		token, err := dec.Token()
		if err != nil {
			return list, errors.Is(err, io.EOF) && len(stack) == 1
		}
		top := &stack[len(stack)-1]
		switch token {
		case json.Delim('{'), json.Delim('['):
			top.isKey = top.object
			stack = append(stack, level{in: top.key, key: top.key, object: token == json.Delim('{'), isKey: token == json.Delim('{')})
			continue
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
			continue
		}
		if top.isKey {
			top.key, top.isKey = token.(string), false
			continue
		}
		top.isKey = top.object
		to := int(dec.InputOffset())
		text := bytes.TrimLeft(body[before:to], " \t\r\n,:")
		list = append(list, Value{top.in, top.key, to - len(text), to})
	}
}

// Parameter finds the value of the first parameter of a query that has one of
// the names.
func Parameter(query []byte, names ...string) (from, to int, ok bool) {
	for to < len(query) {
		from, to = to, to+len(query[to:])
		if i := bytes.IndexByte(query[from:], '&'); i >= 0 {
			to = from + i
		}
		if name, _, found := bytes.Cut(query[from:to], []byte("=")); found && slices.Contains(names, string(name)) {
			return from + len(name) + 1, to, true
		}
		to++
	}
	return 0, 0, false
}

// Moved returns a value of a body when all times are shifted by an amount. A time of 0,
// which is not known, stays 0; ok reports whether the value changes.
func (v Value) Moved(g Generation, body []byte, by time.Duration) (after string, ok bool) {
	unit := v.unit(g)
	if unit == 0 || by/unit == 0 {
		return "", false
	}
	n, err := strconv.ParseInt(string(body[v.From:v.To]), 10, 64)
	if err != nil || n == 0 {
		return "", false
	}
	return strconv.FormatInt(n+int64(by/unit), 10), true
}

// unit is what a value counts if it is a time, else 0 (60130; 68940).
func (v Value) unit(g Generation) time.Duration {
	switch v.In + "." + v.Key {
	case ".EventTime":
		if g == V4 {
			return time.Millisecond
		}
		return time.Second
	case ".StartCallTs", ".AcceptTs", ".EndTs", "CallRecord.StartTime", "CallRecord.EndTime", "CallRecord.AcceptTime":
		return time.Second
	}
	return 0
}
