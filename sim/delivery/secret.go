package delivery

import (
	"strings"

	"ringback/sim/secret"
)

// Secrets are those of the configured URL.
func (e *Endpoint) Secrets() *secret.Set { return e.secrets }

// Shown is the configured URL without its secrets.
func (e *Endpoint) Shown() string { return secret.URL(e.URL) }

// HideTarget is path and query of a request to the endpoint without the
// endpoint's secrets; the callback's own parameters stay.
func (e *Endpoint) HideTarget(target string) string {
	if e.secrets.Empty() {
		return target
	}
	if own, ok := strings.CutPrefix(target, e.prefix); ok {
		return secret.URL(e.Relative()) + e.joint + own
	}
	if target == e.Relative() { // a fault left the callback's own out
		return secret.URL(target)
	}
	if shown, ok := e.hideSorted(target); ok {
		return shown
	}
	return e.Hide(target)
}

// Hide is a text without the endpoint's secrets: a receiver may repeat them in
// a redirect or an error page. One as long as what is kept of an answer may end
// within a secret.
func (e *Endpoint) Hide(text string) string {
	if len(text) >= MaxAnswer {
		return e.secrets.HideCut(text)
	}
	return e.secrets.Hide(text)
}
