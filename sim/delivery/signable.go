package delivery

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"ringback/sim/wire"
)

// SignedError is why requests to an address are not signed.
type SignedError struct {
	Key     string // the parameter that the address has itself
	Without string // the URL without any of these
}

func (e *SignedError) Error() string {
	return fmt.Sprintf("has a parameter %s itself, and callbacks are signed with one", e.Key)
}

// Signable is a [*SignedError] if the configured URL has a parameter of signatures
// itself: a receiver would not know which of the two to read.
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
