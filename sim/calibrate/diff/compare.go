package diff

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ringback/sim/delivery"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

// compare holds the callbacks of a call against those that were simulated.
func (t *tally) compare(c *recordedCall, simulated []*delivery.Delivery) {
	byKey := map[string][]*delivery.Delivery{}
	place := map[*delivery.Delivery]int{}
	for i, s := range simulated {
		k := keyOf(s.Word, simulatedSaid(s))
		byKey[k] = append(byKey[k], s)
		place[s] = i
	}
	var pairs []*delivery.Delivery
	var of []*recordedCallback
	for _, cb := range c.callbacks {
		k := keyOf(cb.word, cb.said)
		if len(byKey[k]) == 0 {
			t.differs(cb, c, cb.word, Callback, "", "sent", "not sent")
			continue
		}
		s := byKey[k][0]
		byKey[k] = byKey[k][1:]
		pairs, of = append(pairs, s), append(of, cb)
		t.compareCallback(c, cb, s)
	}
	for _, s := range simulated {
		if k := keyOf(s.Word, simulatedSaid(s)); slices.Contains(byKey[k], s) {
			t.differs(c.callbacks[0], c, s.Word, Callback, "", "not sent", "sent")
		}
	}
	sorted := slices.Clone(pairs)
	slices.SortFunc(sorted, func(a, b *delivery.Delivery) int { return place[a] - place[b] })
	for i := range pairs {
		if pairs[i] != sorted[i] {
			t.differs(of[i], c, pairs[i].Word, Order, "", "before "+sorted[i].Word.Label(), "behind "+sorted[i].Word.Label())
			break
		}
	}
}

// keyOf is by what a callback is found on the other side: its word and whom it is about.
func keyOf(w wire.Word, s recording.Said) string {
	about := []string{s.User}
	if w == wire.AfterMemberChanged {
		about = slices.Sorted(slices.Values(s.Changed))
	}
	if w == wire.AfterStartCall || w == wire.AfterEndCall {
		about = nil
	}
	return fmt.Sprint(w, about)
}

func simulatedSaid(s *delivery.Delivery) recording.Said {
	e := recording.Exchange{Body: s.Request.Body(), Callback: recording.Callback{Generation: s.Generation, Word: s.Word.String()}}
	return e.Said()
}

// compareCallback compares two callbacks, field by field.
func (t *tally) compareCallback(c *recordedCall, cb *recordedCallback, s *delivery.Delivery) {
	differs := func(what string) func(name, was, is string) {
		return func(name, was, is string) { t.differs(cb, c, cb.word, what, name, was, is) }
	}
	query := recording.Exchange{Head: s.Request.Bytes()}
	compareLists(parameters(cb.Query()), parameters(query.Query()), "the order of parameters", differs(Parameter))
	was, _ := fields(cb.Body)
	is, _ := fields(s.Request.Body())
	compareLists(was, is, "the order of keys", differs(Field))
	if kind := recording.Field(cb.Head, "Content-Type"); bytes.Contains(cb.Head, []byte(": ")) && kind != s.Request.ContentType() {
		t.differs(cb, c, cb.word, Header, "Content-Type", cmp.Or(kind, missing), s.Request.ContentType())
	}
}

const missing = "missing"

// value is a value with the path to it.
type value struct {
	path   string
	text   string // as JSON, or the text of a parameter
	masked string // what of it must be the same
}

// compareLists compares values by their paths.
func compareLists(was, is []value, order string, differs func(name, was, is string)) {
	find := func(list []value, path string) *value {
		i := slices.IndexFunc(list, func(v value) bool { return v.path == path })
		if i < 0 {
			return nil
		}
		return &list[i]
	}
	same := true
	for i := range was {
		switch o := find(is, was[i].path); {
		case o == nil:
			same = false
			differs(general(was[i].path), was[i].text, missing)
		case o.masked != was[i].masked:
			differs(general(was[i].path), was[i].text, o.text)
		}
	}
	for i := range is {
		if find(was, is[i].path) == nil {
			same = false
			differs(general(is[i].path), missing, is[i].text)
		}
	}
	if same && !slices.EqualFunc(was, is, func(a, b value) bool { return a.path == b.path }) {
		differs(order, pathsOf(was), pathsOf(is))
	}
}

var index = regexp.MustCompile(`\[\d+\]`)

// general is a path whatever the places in lists.
func general(path string) string { return index.ReplaceAllString(path, "[]") }

func pathsOf(list []value) string {
	var paths []string
	for _, v := range list {
		paths = append(paths, v.path)
	}
	return strings.Join(paths, ", ")
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

// drawn are parameters whose values are made anew for each callback.
var drawn = map[string]bool{"requestid": true, "sign": true, "requesttime": true}

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
