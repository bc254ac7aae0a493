package diff

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"ringback/sim/recording"
)

// value is a value with the path to it.
type value struct {
	path   string
	text   string // as JSON, or the text of a parameter
	masked string // what of it must be the same
}

// times are the keys of times, of which it is compared what they count.
var times = map[string]bool{
	"EventTime": true, "StartCallTs": true, "AcceptTs": true, "EndTs": true, "StartTime": true, "AcceptTime": true, "EndTime": true,
}

var errNoObject = errors.New("want a JSON object")

// fields are the values of a body, in order.
func fields(body []byte) (list []value, err error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errNoObject
	}
	if err := object(dec, "", &list); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errNoObject
	}
	return list, nil
}

func object(dec *json.Decoder, path string, list *[]value) error {
	empty := true
	for ; dec.More(); empty = false {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		at := key.(string)
		if path != "" {
			at = path + "." + at
		}
		if err := one(dec, at, key.(string), list); err != nil {
			return err
		}
	}
	if empty && path != "" {
		*list = append(*list, value{path, "{}", "{}"})
	}
	_, err := dec.Token()
	return err
}

func one(dec *json.Decoder, path, key string, list *[]value) error {
	t, err := dec.Token()
	switch t {
	case json.Delim('{'):
		return object(dec, path, list)
	case json.Delim('['):
		n := 0
		for ; dec.More(); n++ {
			if err := one(dec, fmt.Sprintf("%s[%d]", path, n), key, list); err != nil {
				return err
			}
		}
		if n == 0 {
			*list = append(*list, value{path, "[]", "[]"})
		}
		_, err := dec.Token()
		return err
	}
	if err != nil {
		return err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(t); err != nil {
		return err
	}
	v := value{path: path, text: strings.TrimSuffix(b.String(), "\n")}
	if v.masked = v.text; times[key] {
		v.masked = unitOf(v.text)
	}
	*list = append(*list, v)
	return nil
}

// unitOf is what a time counts, by its length: the seconds of this century have ten digits.
func unitOf(text string) string {
	switch digits := strings.Trim(text, "0123456789") == ""; {
	case text == "0" || !digits:
		return text
	case len(text) <= 11:
		return "seconds"
	case len(text) <= 14:
		return "milliseconds"
	}
	return text
}

// drawn are parameters whose values are not compared: they are made anew for each callback,
// or name the phone that acted last, which callbacks do not always tell.
var drawn = map[string]bool{"requestid": true, "sign": true, "requesttime": true, "clientip": true, "optplatform": true}

// parameters are those of a query, in order. The values of the address's own may be secret.
func parameters(query []byte) (list []value) {
	seen := map[string]int{}
	for pair := range bytes.SplitSeq(query, []byte("&")) {
		if len(pair) == 0 {
			continue
		}
		name, text, _ := strings.Cut(string(pair), "=")
		path := name
		if seen[name]++; seen[name] > 1 {
			path = fmt.Sprintf("%s[%d]", name, seen[name])
		}
		v := value{path, text, text}
		if plain, err := url.QueryUnescape(text); err == nil {
			v.masked = plain
		}
		if v.text == "" {
			v.text = `""`
		}
		switch lower := strings.ToLower(name); {
		case drawn[lower]:
			v.masked = ""
		case !recording.CallbacksOwn(lower):
			v.text = "…"
		}
		list = append(list, v)
	}
	return list
}
