package delivery

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"ringback/sim/wire"
)

// SignedError means that requests to an address cannot be signed.
type SignedError struct {
	Key     string // the parameter of signatures in the URL
	Without string // the URL without any such parameter
}

func (e *SignedError) Error() string {
	return fmt.Sprintf("has a parameter %s itself, and callbacks are signed with one", e.Key)
}

// Signable returns a [*SignedError] if the configured URL already has a parameter of
// signatures, since a receiver would not know which of the two to check.
func (e *Endpoint) Signable() error {
	before, _, _ := strings.Cut(e.URL, "#")
	before, query, _ := strings.Cut(before, "?")
	key := ""
	pairs := slices.DeleteFunc(strings.Split(query, "&"), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		signs := slices.Contains(wire.SignKeys(), name)
		if signs && key == "" {
			key = name
		}
		return signs
	})
	if key == "" {
		return nil
	}
	if len(pairs) > 0 {
		before += "?" + strings.Join(pairs, "&")
	}
	return &SignedError{key, before}
}
