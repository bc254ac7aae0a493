package control

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"

	"ringback/sim/control/simapi"
)

// minToken is the min length of a token: shorter ones could be guessed, and could not
// be hidden in texts.
const minToken = 8

// CheckToken refuses what [Config.Token] can't be: too short, or with characters that
// the header does not take (RFC 6750, 2.1). The error does not show it.
func CheckToken(token string) error {
	if len(token) < minToken {
		return fmt.Errorf("has %d characters, want at least %d", len(token), minToken)
	}
	if strings.ContainsFunc(strings.TrimRight(token, "="), notInToken) {
		return fmt.Errorf("want letters, digits and - . _ ~ + / only, like openssl rand -hex 16 prints")
	}
	return nil
}

func notInToken(r rune) bool {
	return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("-._~+/", r))
}

// bearer lets only requests with the token through to the simulation API and to the
// metrics, whether or not there is such a route; all others are answered 401. With an
// empty token it lets all through.
func bearer(token string, next http.Handler) http.Handler {
	if token == "" {
		return next
	}
	want := sha256.Sum256([]byte(token))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !guarded(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		scheme, given, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		got := sha256.Sum256([]byte(strings.TrimLeft(given, " "))) // of equal length, so that the comparison says nothing of it
		right := subtle.ConstantTimeCompare(got[:], want[:]) == 1
		if !right || !strings.EqualFold(scheme, "Bearer") {
			refuseToken(w, given != "")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func guarded(path string) bool {
	return path == "/metrics" || path == "/sim/v1" || strings.HasPrefix(path, "/sim/v1/")
}

func refuseToken(w http.ResponseWriter, given bool) {
	challenge, why := `Bearer realm="ringback"`, "want the header Authorization: Bearer TOKEN, with the token of ringback serve --token"
	if given {
		challenge, why = challenge+`, error="invalid_token"`, "the token is not that of ringback serve --token"
	}
	w.Header().Set("WWW-Authenticate", challenge)
	simapi.WriteProblem(w, simapi.NewProblem(http.StatusUnauthorized, simapi.KindToken, "%s", why))
}
