package simapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"ringback/sim/control/jsonhttp"
	"ringback/sim/text"
)

// readBody reads a JSON object. No body is an empty object. Names are
// case-sensitive, and of a key that is there twice the last counts, as in all
// JSON that is read here; encoding/json by itself would take the names in any
// letter case, and make one value of two.
func readBody(r *http.Request, into any) error {
	var text json.RawMessage
	dec := json.NewDecoder(r.Body)
	switch err := dec.Decode(&text); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return explainBody(err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return badBody("something follows the JSON object")
	}
	if !utf8.Valid(text) {
		return badBody("is not UTF-8")
	}
	return readValue("", bytes.TrimSpace(text), reflect.ValueOf(into).Elem(), "")
}

func badBody(format string, args ...any) error {
	p := wrong("body", "", format, args...)
	p.Field = ""
	return p
}

// explainBody says in the words of the API why a body could not be read.
func explainBody(err error) error {
	var syntax *json.SyntaxError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return err
	case errors.Is(err, os.ErrDeadlineExceeded):
		return NewProblem(http.StatusRequestTimeout, KindSlow, "body: want it within %s", jsonhttp.BodyTime)
	case errors.As(err, &syntax):
		return badBody("is not JSON: %v at byte %d", err, syntax.Offset)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return badBody("ends within the JSON")
	}
	return badBody("%v", err)
}

// readValue reads a value, which is at a field of the body, or with "" the whole
// of it. Its words are those of a vocabulary.
func readValue(at string, text json.RawMessage, into reflect.Value, words string) error {
	switch t := into.Type(); {
	case string(text) == "null" && at != "":
		return nil
	case t.Kind() == reflect.Struct:
		return readObjectInto(at, text, into)
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		var list []json.RawMessage
		if err := json.Unmarshal(text, &list); err != nil {
			return mistyped(at, t, jsonhttp.Kind(text))
		}
		into.Set(reflect.MakeSlice(t, len(list), len(list)))
		for i := range list {
			if err := readValue(at, list[i], into.Index(i), ""); err != nil {
				return err
			}
		}
		return nil
	}
	var wrongType *json.UnmarshalTypeError
	switch err := json.Unmarshal(text, into.Addr().Interface()); {
	case errors.As(err, &wrongType) && strings.HasPrefix(wrongType.Value, "number ") && jsonType(wrongType.Type) == "a number":
		return wrong(at, "", "%s is out of range, or has a fraction", strings.TrimPrefix(wrongType.Value, "number "))
	case errors.As(err, &wrongType):
		value, _, _ := strings.Cut(wrongType.Value, " ")
		return mistyped(at, wrongType.Type, value)
	case err != nil:
		return wrong(at, "", "%v", err)
	}
	if into.Kind() == reflect.String && into.Len() > 0 {
		return checkWord(words, at, into.String())
	}
	return nil
}

func mistyped(at string, want reflect.Type, got string) error {
	if at == "" {
		return badBody("want a JSON object, got %s", got)
	}
	return wrong(at, "", "want %s, got %s", jsonType(want), got)
}

func readObjectInto(at string, text json.RawMessage, into reflect.Value) error {
	var keys map[string]json.RawMessage
	if text[0] != '{' || json.Unmarshal(text, &keys) != nil {
		return mistyped(at, into.Type(), jsonhttp.Kind(text))
	}
	var names []string
	fields := map[string]reflect.StructField{}
	for _, f := range reflect.VisibleFields(into.Type()) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			names, fields[name] = append(names, name), f
		}
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		path := strings.TrimPrefix(at+"."+key, ".")
		f, ok := fields[key]
		if !ok {
			return unknownField(path, key, names)
		}
		if err := readValue(path, keys[key], into.FieldByIndex(f.Index), f.Tag.Get("enum")); err != nil {
			return err
		}
	}
	return nil
}

func unknownField(path, key string, names []string) error {
	if meant := text.Nearest(key, names); meant != "" {
		return wrong(path, meant, "no such field; did you mean %s?", meant)
	}
	return wrong(path, "/sim/v1/openapi.json lists the fields", "no such field")
}

func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a number"
}
