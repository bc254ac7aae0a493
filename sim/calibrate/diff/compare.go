package diff

import (
	"bytes"
	"cmp"
	"fmt"
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
	for i := range pairs {
		for j := i + 1; j < len(pairs); j++ {
			if place[pairs[j]] < place[pairs[i]] && of[i].before(of[j]) {
				t.differs(of[i], c, pairs[i].Word, Order, "", "before "+pairs[j].Word.Label(), "behind "+pairs[j].Word.Label())
				return
			}
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
	is, _ := fields(s.Request.Body())
	compareLists(cb.fields, is, "the order of keys", differs(Field))
	if kind := recording.Field(cb.Head, "Content-Type"); bytes.Contains(cb.Head, []byte(": ")) && kind != s.Request.ContentType() {
		t.differs(cb, c, cb.word, Header, "Content-Type", cmp.Or(kind, missing), s.Request.ContentType())
	}
}

const missing = "missing"

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
