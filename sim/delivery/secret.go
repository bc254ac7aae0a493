package delivery

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// hidden stands for the values of a configured URL's own query. They are
// secrets, since CallKit signs nothing.
const hidden = "…"

// shortSecret is the length up to which a value is hidden only together with
// its key: "1" alone is no secret, and hiding it everywhere would hide all.
const shortSecret = 4

// HideQuery is a URL, or a path with a query, without the values of its query.
func HideQuery(u string) string {
	rest, query, ok := strings.Cut(u, "?")
	if !ok {
		return u
	}
	query, _, _ = strings.Cut(query, "#")
	pairs := strings.Split(query, "&")
	for i, p := range pairs {
		switch key, _, ok := strings.Cut(p, "="); {
		case ok:
			pairs[i] = key + "=" + hidden
		case p != "": // a bare key may be the secret
			pairs[i] = hidden
		}
	}
	return rest + "?" + strings.Join(pairs, "&")
}

// Secret tells whether the endpoint has anything to hide.
func (e *Endpoint) Secret() bool { return e.secrets != nil }

// Shown is the configured URL without its secrets.
func (e *Endpoint) Shown() string { return HideQuery(e.URL) }

// HideTarget is path and query of a request to the endpoint without the
// endpoint's secrets; the callback's own parameters stay.
func (e *Endpoint) HideTarget(target string) string {
	if e.secrets == nil {
		return target
	}
	if rest, ok := strings.CutPrefix(target, e.prefix); ok {
		return HideQuery(strings.TrimSuffix(e.prefix, e.joint)) + e.joint + rest
	}
	return e.Hide(target)
}

// Hide is a text without the endpoint's secrets: a receiver may repeat them in
// a redirect or an error page.
func (e *Endpoint) Hide(text string) string {
	if e.secrets == nil {
		return text
	}
	return e.secrets.Replace(text)
}

// secretsOf finds what of a query is to be hidden; nil is nothing.
func secretsOf(query string) *strings.Replacer {
	var pairs []string
	for _, p := range strings.Split(query, "&") {
		key, value, ok := strings.Cut(p, "=")
		if !ok {
			key, value = "", p
		}
		for _, v := range spellings(value) {
			if len(v) > shortSecret {
				pairs = append(pairs, v, hidden)
			} else if ok && v != "" {
				pairs = append(pairs, key+"="+v, key+"="+hidden)
			}
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	return strings.NewReplacer(pairs...)
}

// spellings are the ways in which a value of a query may come back: as typed,
// decoded, encoded, and each inside a JSON string.
func spellings(value string) []string {
	all := []string{value}
	if plain, err := url.QueryUnescape(value); err == nil {
		all = append(all, plain, url.QueryEscape(plain))
	}
	for _, v := range slices.Clone(all) {
		if b, err := json.Marshal(v); err == nil {
			all = append(all, string(b[1:len(b)-1]))
		}
		all = append(all, strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v))
	}
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
}
