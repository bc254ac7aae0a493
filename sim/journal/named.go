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

// Ref is what a person calls a call: its CallId, its number in the run, as 12 or
// #12, or the first characters of its CallId.
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

// ParseRef reads it. Any text can be a CallId.
func ParseRef(s string) Ref {
	digits := strings.TrimPrefix(s, "#")
	r := Ref{text: s, prefix: utf8.RuneCountInString(s) >= minPrefix}
	if len(digits) <= maxDigits && strings.Trim(digits, "0123456789") == "" {
		r.number, _ = strconv.ParseUint(digits, 10, 64)
	}
	return r
}

// Number is the number that the text can be, or 0.
func (r Ref) Number() uint64 { return r.number }

// Fit is how well a text fits a call: the best fit decides, since a foreign CallId
// may look like a number, or begin as another one does.
type Fit uint8

// The fits, the better the higher.
const (
	NoFit Fit = iota
	ByPrefix
	ByNumber
	ByCallID
)

// Fits is how well the text fits a call.
func (r Ref) Fits(id string, number uint64) Fit {
	switch {
	case r.text == id:
		return ByCallID
	case r.number != 0 && r.number == number:
		return ByNumber
	case r.prefix && begins(id, r.text):
		return ByPrefix
	}
	return NoFit
}

// begins reports whether an id begins with a text. The letters of a UUID are alike in
// both cases.
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

// Lookup finds the call that a person means among some that it is shown.
type Lookup struct {
	Ref   Ref
	fit   Fit
	calls []numbered // of the best fit, the first few
	more  bool       // than those: how many is not counted, since the same one may come again
}

type numbered struct {
	number uint64
	id     string
}

// See shows it a call; the same one again changes nothing.
func (l *Lookup) See(id string, number uint64) {
	fit := l.Ref.Fits(id, number)
	if fit == NoFit || fit < l.fit {
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

// ErrNotNamed is why a call is not found.
var ErrNotNamed = errors.New("not found, or no longer kept")

// AmbiguousError is why of several calls none is the one that is meant.
type AmbiguousError struct {
	First string // its CallId
	why   string
}

func (e *AmbiguousError) Error() string { return e.why }

// Found is the CallId of the call that is meant; else the error is [ErrNotNamed] or
// an [AmbiguousError] that lists the calls.
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
		return fmt.Errorf("%w; the beginning of a CallId has at least %d characters", ErrNotNamed, minPrefix)
	}
	return ErrNotNamed
}

// Named finds the call that a person means by a text: its CallId; else its number,
// as 12 or #12; else the first characters, at least 8, of its CallId. The errors
// are those of [Lookup.Found].
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
