package simapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"ringback/sim/text"
)

// param is a parameter in a query or header.
type param struct {
	name, in, about string
	words           string // its vocabulary; "" is any text
	list            bool   // of such words, separated by commas
}

// checkQuery refuses what of a query its route would not read as it was meant:
// a parameter that the route does not have, one that is there twice or is empty,
// a word that it does not know, and what net/url would drop without a word.
func checkQuery(raw string, params []param) error {
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, err := readPair(pair)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(params, func(p param) bool { return p.in == "query" && p.name == name })
		switch {
		case i < 0:
			return unknownParam(name, params)
		case seen[name]:
			return wrong(name, "", "is there twice, want it once")
		case value == "":
			return wrong(name, "", "is empty; leave it out if you do not want it")
		}
		seen[name] = true
		words := []string{value}
		if params[i].list {
			words = strings.Split(value, ",")
		}
		for _, w := range words {
			if err := checkWord(params[i].words, name, w); err != nil {
				return err
			}
		}
	}
	return nil
}

// readPair reads NAME=VALUE as it stands in a query.
func readPair(pair string) (name, value string, err error) {
	rawName, rawValue, _ := strings.Cut(pair, "=")
	shown, _, separated := strings.Cut(rawName, ";")
	if separated || strings.Contains(rawValue, ";") {
		return "", "", wrong(shown, "", "a semicolon follows; parameters are separated by &, and a semicolon within a value is written %%3B")
	}
	if name, err = url.QueryUnescape(rawName); err == nil {
		shown = name
		value, err = url.QueryUnescape(rawValue)
	}
	switch {
	case err != nil:
		return "", "", wrong(shown, "", "%v; a percent sign is written %%25", err)
	case !utf8.ValidString(name + value):
		return "", "", wrong(strings.ToValidUTF8(shown, "\ufffd"), "", "is not UTF-8")
	}
	return name, value, nil
}

func unknownParam(name string, params []param) error {
	var names []string
	for _, p := range params {
		if p.in == "query" {
			names = append(names, p.name)
		}
	}
	switch meant := text.Nearest(name, names); {
	case meant != "":
		return wrong(name, meant, "no such parameter; did you mean %s?", meant)
	case names == nil:
		return wrong(name, "", "no such parameter; there are none here")
	}
	return wrong(name, names[0], "no such parameter; there are %s", strings.Join(names, ", "))
}

// withQuery lets a handler see only a query that it reads as it was meant.
func withQuery(params []param, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := checkQuery(r.URL.RawQuery, params); err != nil {
			WriteProblem(w, problemOf(err))
			return
		}
		next(w, r)
	}
}
