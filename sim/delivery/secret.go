package delivery

import (
	"strings"

	"ringback/sim/secret"
)

// Secrets returns the secrets of the configured URL.
func (e *Endpoint) Secrets() *secret.Set { return e.secrets }

// Shown returns the configured URL with its secrets hidden.
func (e *Endpoint) Shown() string { return secret.URL(e.URL) }

// HideTarget returns the path and query of a request to the endpoint with the
// endpoint's secrets hidden; the callback's parameters are shown.
func (e *Endpoint) HideTarget(target string) string {
	if e.secrets.Empty() {
		return target
	}
	if own, ok := strings.CutPrefix(target, e.prefix); ok {
		return secret.URL(e.Relative()) + e.separator + own
	}
	if target == e.Relative() { // without the callback's parameters, because of a fault
		return secret.URL(target)
	}
	if shown, ok := e.hideSorted(target); ok {
		return shown
	}
	return e.Hide(target)
}

// Hide returns a text with the endpoint's secrets hidden, which a receiver can repeat in
// a redirect or an error page. A text of MaxAnswer bytes or more may have been cut, so
// that a part of a secret at its end is hidden, too.
func (e *Endpoint) Hide(text string) string {
	if len(text) >= MaxAnswer {
		return e.secrets.HideCut(text)
	}
	return e.secrets.Hide(text)
}
