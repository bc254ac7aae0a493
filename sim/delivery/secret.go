package delivery

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Mask shows the values of configured URLs' own queries as "…": they are
// secrets, since CallKit signs nothing, and a receiver may repeat them in a
// redirect or an error page. A nil mask hides nothing.
type Mask struct{ r *strings.Replacer }

// shortSecret is the length up to which a value is hidden only together with
// its key: "1" alone is no secret, and hiding it everywhere would hide all.
const shortSecret = 4

// NewMask hides what is in the queries of these URLs.
func NewMask(urls ...string) *Mask {
	var pairs []string
	for _, u := range urls {
		_, query, _ := strings.Cut(u, "?")
		query, _, _ = strings.Cut(query, "#")
		for _, p := range strings.Split(query, "&") {
			key, value, ok := strings.Cut(p, "=")
			if !ok {
				key, value = "", p // a bare key may be the secret
			}
			for _, v := range spellings(value) {
				if len(v) > shortSecret {
					pairs = append(pairs, v, "…")
				} else if ok && v != "" {
					pairs = append(pairs, key+"="+v, key+"=…")
				}
			}
		}
	}
	if len(pairs) == 0 {
		return nil
	}
	return &Mask{strings.NewReplacer(pairs...)}
}

// Hide is the text without the secrets.
func (m *Mask) Hide(s string) string {
	if m == nil {
		return s
	}
	return m.r.Replace(s)
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
