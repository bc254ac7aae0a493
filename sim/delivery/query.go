package delivery

import (
	"bytes"
	"slices"
	"strings"

	"ringback/sim/secret"
)

// FreezeSorted is [FreezeAs] with all parameters in the order of their names, byte
// by byte: the endpoint's own, as they are, among those of the callback. Of one name
// the endpoint's own come first.
func FreezeSorted(e *Endpoint, contentType string, query, body []byte) *Request {
	return new(Request).FreezeSorted(e, contentType, query, body)
}

// FreezeSorted is [FreezeSorted] on a request that is blank, as [Request.Freeze] is.
func (r *Request) FreezeSorted(e *Endpoint, contentType string, query, body []byte) *Request {
	if len(query) == 0 {
		return r.FreezeAs(e, contentType, nil, body)
	}
	path, own := e.parts()
	var room [16][]byte
	pairs := appendPairs(appendPairs(room[:0], []byte(own)), query)
	slices.SortStableFunc(pairs, func(a, b []byte) int { return bytes.Compare(name(a), name(b)) })
	return r.freeze(e, path+"?", contentType, bytes.Join(pairs, []byte("&")), body)
}

// parts are path and query of the configured URL.
func (e *Endpoint) parts() (path, query string) {
	path, query, _ = strings.Cut(e.Relative(), "?")
	return path, query
}

func appendPairs(list [][]byte, query []byte) [][]byte {
	for pair := range bytes.SplitSeq(query, []byte("&")) {
		if len(pair) > 0 {
			list = append(list, pair)
		}
	}
	return list
}

func name(pair []byte) []byte {
	name, _, _ := bytes.Cut(pair, []byte("="))
	return name
}

// Parameters are a callback's own parameters in path and query of a request to
// the endpoint: what is behind the endpoint's own, or among them if all are sorted.
// ok is false if the request is not one to it.
func (e *Endpoint) Parameters(target []byte) (query []byte, ok bool) {
	if string(target) == e.Relative() { // a fault left them out
		return nil, true
	}
	if query, ok = bytes.CutPrefix(target, []byte(e.prefix)); ok {
		return query, true
	}
	var pairs [][]byte
	ok = e.sort(target, func(pair []byte, own bool) {
		if !own {
			pairs = append(pairs, pair)
		}
	})
	return bytes.Join(pairs, []byte("&")), ok
}

// sort tells the endpoint's own parameters from the others of a request whose
// parameters are sorted. ok is false if it has not all of them.
func (e *Endpoint) sort(target []byte, each func(pair []byte, own bool)) (ok bool) {
	path, query := e.parts()
	all, ok := bytes.CutPrefix(target, []byte(path+"?"))
	if !ok {
		return false
	}
	left := appendPairs(nil, []byte(query))
	for _, pair := range appendPairs(nil, all) {
		i := slices.IndexFunc(left, func(own []byte) bool { return bytes.Equal(own, pair) })
		if i >= 0 {
			left = slices.Delete(left, i, i+1)
		}
		each(pair, i >= 0)
	}
	return len(left) == 0
}

// hideSorted is HideTarget of a request whose parameters are sorted.
func (e *Endpoint) hideSorted(target string) (shown string, ok bool) {
	var pairs []string
	ok = e.sort([]byte(target), func(pair []byte, own bool) {
		p := string(pair)
		if own {
			p = strings.TrimPrefix(secret.URL("/?"+p), "/?")
		}
		pairs = append(pairs, p)
	})
	path, _ := e.parts()
	return secret.URL(path) + "?" + strings.Join(pairs, "&"), ok
}
