package main

import (
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
)

// hider is a writer that shows the values of the target's own query as "…":
// they are secrets, and a receiver may repeat them in a redirect or an error
// page.
type hider struct {
	out io.Writer
	r   *strings.Replacer
}

// shortSecret is the length up to which a value is hidden only together with
// its key: "1" alone is no secret, and hiding it everywhere would hide all.
const shortSecret = 4

// hide wraps a writer. Each write must hold whole lines.
func hide(out io.Writer, target string) io.Writer {
	_, query, _ := strings.Cut(target, "?")
	query, _, _ = strings.Cut(query, "#")
	var pairs []string
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
	if len(pairs) == 0 {
		return out
	}
	return &hider{out, strings.NewReplacer(pairs...)}
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

func (h *hider) Write(b []byte) (int, error) {
	if _, err := io.WriteString(h.out, h.r.Replace(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}
