package fault

import (
	"errors"
	"strings"
)

// ContentType sends the same JSON under another Content-Type.
//
// A good receiver reads the JSON all the same, since the documents name no
// Content-Type, or refuses the callback; it does not store an empty call.
type ContentType struct{ Type string }

// Apply adds the change.
func (f ContentType) Apply(p *Plan) { p.rewrite(f) }

// Rewrite changes the header.
func (f ContentType) Rewrite(m *Message) { m.ContentType = f.Type }

func parseContentType(amount string) (Fault, error) {
	kind, params, _ := strings.Cut(amount, ";")
	main, sub, _ := strings.Cut(strings.TrimRight(kind, " "), "/")
	if !isToken(main) || !isToken(sub) || strings.ContainsFunc(params, notPrintable) {
		return nil, errors.New("want a media type, like content_type=text/plain")
	}
	return ContentType{amount}, nil
}

// isToken reports whether s is a word of a header (RFC 9110 5.6.2).
func isToken(s string) bool {
	return s != "" && strings.Trim(s, letters+"!#$%&'*+-.^_`|~") == ""
}

func notPrintable(r rune) bool { return r < ' ' || r > '~' }
