package journal

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"ringback/sim/text"
)

// Ref is a short name for a call: its CallId, its number in the run (12 or #12), or the
// first 8 characters or more of its CallId.
type Ref struct {
	text   string
	number uint64 // 0: it has not the form of one
	prefix bool   // it is long enough for one
}

const (
	// maxDigits is how many digits a number has at most: any more are the beginning
	// of a CallId, as a UUID can have it.
	maxDigits = 7
	// minPrefix is how many characters of a CallId it takes: fewer fit too many.
	minPrefix = 8
	// maxNamed is how many calls an error lists.
	maxNamed = 8
)

// ParseRef parses a short name. Any text may be a CallId.
func ParseRef(s string) Ref {
	digits := strings.TrimPrefix(s, "#")
	r := Ref{text: s, prefix: utf8.RuneCountInString(s) >= minPrefix}
	if len(digits) <= maxDigits && strings.Trim(digits, "0123456789") == "" {
		r.number, _ = strconv.ParseUint(digits, 10, 64)
	}
	return r
}

// Number returns the call number that the text may be, or 0.
func (r Ref) Number() uint64 { return r.number }

// Match is how a name matches a call. The best match wins, since a CallId of another
// system may look like a number, or share its first characters with another.
type Match uint8

// The kinds of matches, from worst to best.
const (
	NoMatch Match = iota
	ByPrefix
	ByNumber
	ByCallID
)

// Match returns how the name matches a call.
func (r Ref) Match(id string, number uint64) Match {
	switch {
	case r.text == id:
		return ByCallID
	case r.number != 0 && r.number == number:
		return ByNumber
	case r.prefix && begins(id, r.text):
		return ByPrefix
	}
	return NoMatch
}

// begins reports whether an id begins with a text, ignoring the case of a UUID.
func begins(id, text string) bool {
	return strings.HasPrefix(id, text) || len(text) <= len(id) && isUUID(id) && strings.EqualFold(id[:len(text)], text)
}

func isUUID(s string) bool {
	if len(s) != len("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") {
		return false
	}
	for i, c := range []byte(s) {
		switch dash := c == '-'; {
		case dash != (i == 8 || i == 13 || i == 18 || i == 23), !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)):
			return false
		}
	}
	return true
}

// Lookup finds the call with a short name among calls that it is given one by one.
type Lookup struct {
	Ref   Ref
	fit   Match
	calls []numbered // of the best fit, the first few
	more  bool       // than those: how many is not counted, since the same one may come again
}

type numbered struct {
	number uint64
	id     string
}

// See adds a call. Adding it again has no effect.
func (l *Lookup) See(id string, number uint64) {
	fit := l.Ref.Match(id, number)
	if fit == NoMatch || fit < l.fit {
		return
	}
	if fit > l.fit {
		l.fit, l.calls, l.more = fit, l.calls[:0], false
	}
	if slices.ContainsFunc(l.calls, func(c numbered) bool { return c.id == id }) {
		return
	}
	byNumber := func(a, b numbered) int { return cmp.Or(cmp.Compare(a.number, b.number), cmp.Compare(a.id, b.id)) }
	seen := numbered{number, strings.Clone(id)}
	i, _ := slices.BinarySearchFunc(l.calls, seen, byNumber)
	if l.calls = slices.Insert(l.calls, i, seen); len(l.calls) > maxNamed {
		l.calls, l.more = l.calls[:maxNamed], true
	}
}

// ErrCallNotFound means that no call has the name.
var ErrCallNotFound = errors.New("not found, or no longer kept")

// AmbiguousError means that several calls match the name.
type AmbiguousError struct {
	First string // its CallId
	why   string
}

func (e *AmbiguousError) Error() string { return e.why }

// Found returns the CallId of the matching call. The error is [ErrCallNotFound], or an
// [AmbiguousError] that lists the calls.
func (l *Lookup) Found() (id string, err error) {
	switch len(l.calls) {
	case 0:
		return "", l.Ref.missing()
	case 1:
		return l.calls[0].id, nil
	}
	how := "begin so"
	if l.fit == ByNumber {
		how = "have this number"
	}
	var list []string
	for _, c := range l.calls {
		list = append(list, fmt.Sprintf("%s (#%d)", text.Quote(c.id, 80), c.number))
	}
	count := fmt.Sprint(len(list))
	if l.more {
		count, list = "more than "+count, append(list, "and others")
	}
	return "", &AmbiguousError{l.calls[0].id, fmt.Sprintf("%s calls %s: %s", count, how, strings.Join(list, ", "))}
}

func (r Ref) missing() error {
	if r.number == 0 && r.text != "" && !r.prefix {
		return fmt.Errorf("%w; the beginning of a CallId has at least %d characters", ErrCallNotFound, minPrefix)
	}
	return ErrCallNotFound
}

// Named returns the call with a CallId; else with a number, 12 or #12; else with a CallId
// that begins with ref, of at least 8 characters. Errors are those of [Lookup.Found].
func (s *State) Named(ref string) (*Call, error) {
	if c := s.Call(ref); c != nil {
		return c, nil
	}
	l := Lookup{Ref: ParseRef(ref)}
	for c := range s.Calls() {
		l.See(c.ID, c.Number)
	}
	id, err := l.Found()
	if err != nil {
		return nil, err
	}
	return s.Call(id), nil
}
