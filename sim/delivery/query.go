package delivery

import (
	"bytes"
	"slices"
	"strings"

	"ringback/sim/secret"
)

// FreezeSorted is [FreezeAs] with all parameters, the endpoint's own and the
// callback's, sorted by the bytes of their names. Of equal names the endpoint's come
// first.
func FreezeSorted(e *Endpoint, contentType string, query, body []byte) *Request {
	return new(Request).FreezeSorted(e, contentType, query, body)
}

// FreezeSorted is the function [FreezeSorted] with the memory of r; see
// [Request.Freeze].
func (r *Request) FreezeSorted(e *Endpoint, contentType string, query, body []byte) *Request {
	if len(query) == 0 {
		return r.FreezeAs(e, contentType, nil, body)
	}
	path, own := e.pathAndQuery()
	var room [16][]byte
	pairs := appendPairs(appendPairs(room[:0], []byte(own)), query)
	slices.SortStableFunc(pairs, func(a, b []byte) int { return bytes.Compare(name(a), name(b)) })
	return r.freeze(e, path+"?", contentType, bytes.Join(pairs, []byte("&")), body)
}

// pathAndQuery returns the path and the query of the configured URL.
func (e *Endpoint) pathAndQuery() (path, query string) {
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

// Parameters returns the callback's parameters in the path and query of a request to
// the endpoint, which follow the endpoint's own or are sorted among them. ok is false
// if the request is not one to the endpoint.
func (e *Endpoint) Parameters(target []byte) (query []byte, ok bool) {
	if string(target) == e.Relative() { // without them, because of a fault
		return nil, true
	}
	if query, ok = bytes.CutPrefix(target, []byte(e.prefix)); ok {
		return query, true
	}
	var pairs [][]byte
	ok = e.partition(target, func(pair []byte, own bool) {
		if !own {
			pairs = append(pairs, pair)
		}
	})
	return bytes.Join(pairs, []byte("&")), ok
}

// partition calls visit for each parameter of a request whose parameters are sorted,
// and says which are the endpoint's own. ok is false if some of these are missing.
func (e *Endpoint) partition(target []byte, visit func(pair []byte, own bool)) (ok bool) {
	path, query := e.pathAndQuery()
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
		visit(pair, i >= 0)
	}
	return len(left) == 0
}

// hideSorted is HideTarget for a request whose parameters are sorted.
func (e *Endpoint) hideSorted(target string) (shown string, ok bool) {
	var pairs []string
	ok = e.partition([]byte(target), func(pair []byte, own bool) {
		p := string(pair)
		if own {
			p = strings.TrimPrefix(secret.URL("/?"+p), "/?")
		}
		pairs = append(pairs, p)
	})
	path, _ := e.pathAndQuery()
	return secret.URL(path) + "?" + strings.Join(pairs, "&"), ok
}
