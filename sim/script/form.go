package script

import (
	"fmt"
	"regexp"
	"strings"

	"ringback/sim/text"
)

// form is how a sentence reads. As text it is words with {key} where a value
// stands, [...] around what is left out if its value is not there, and
// [key:...] around words that stand for a flag.
type form []part

type part struct {
	words string // as they are
	key   string // the value of a key; with inner, the flag that inner stands for
	inner form   // may be left out
}

// parseForm reads a form; it panics on one that is not closed, since all forms
// are in this package.
func parseForm(s string) (f form) {
	for s != "" {
		i := strings.IndexAny(s, "{[")
		if i < 0 {
			i = len(s)
		}
		if i > 0 {
			f = append(f, part{words: s[:i]})
			s = s[i:]
			continue
		}
		end := strings.IndexByte(s, s[0]+2) // } is { + 2, and ] is [ + 2
		inside := s[1:end]
		s = s[end+1:]
		flagKey, words, isFlag := strings.Cut(inside, ":")
		switch {
		case findKey(inside) != nil:
			f = append(f, part{key: inside})
		case isFlag:
			f = append(f, part{key: flagKey, inner: form{{words: words}}})
		default:
			f = append(f, part{inner: parseForm(inside)})
		}
	}
	return f
}

// String is the form for people: a flag has no key.
func (f form) String() string {
	var b strings.Builder
	for _, p := range f {
		switch {
		case p.inner != nil:
			b.WriteString("[" + p.inner.String() + "]")
		case p.key != "":
			b.WriteString("{" + p.key + "}")
		default:
			b.WriteString(p.words)
		}
	}
	return b.String()
}

// The patterns of values, by kind. A name or a text is written as it is, or as a JSON
// string.
const (
	oneText  = `(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*")`
	listText = oneText + `(?:(?:, and |, | and )` + oneText + `)*`
	wordText = `[^\s,"]+`
)

var kindPatterns = [...]string{name: oneText, names: listText, free: oneText, texts: listText, word: wordText, number: wordText}

// pattern is the form as a regular expression; group writes a group for the
// value of a key.
func (f form) pattern(group func(key, pattern string) string) string {
	var b strings.Builder
	for _, p := range f {
		switch {
		case p.words != "":
			b.WriteString(regexp.QuoteMeta(p.words))
		case p.inner != nil && p.key != "":
			b.WriteString(group(p.key, p.inner.pattern(group)) + "?")
		case p.inner != nil:
			b.WriteString("(?:" + p.inner.pattern(group) + ")?")
		default:
			b.WriteString(group(p.key, kindPatterns[findKey(p.key).kind]))
		}
	}
	return b.String()
}

func captured(key, pattern string) string { return "(?P<" + key + ">" + pattern + ")" }
func uncaptured(_, pattern string) string { return "(?:" + pattern + ")" }

// fill writes the form with values; ok is false if one is missing.
func (f form) fill(values fields, used map[string]bool) (s string, ok bool) {
	var b strings.Builder
	for _, p := range f {
		switch {
		case p.words != "":
			b.WriteString(p.words)
		case p.inner != nil && (p.key == "" || values.flag(p.key)):
			if inner, ok := p.inner.fill(values, used); ok {
				b.WriteString(inner)
			}
			used[p.key] = true
		case p.inner == nil:
			value := values[p.key]
			list, isList := value.([]string)
			if value == nil || isList && len(list) == 0 {
				return "", false
			}
			b.WriteString(formatValue(value, findKey(p.key).kind))
			used[p.key] = true
		}
	}
	return b.String(), true
}

// formatValue writes a value as sentences have it.
func formatValue(value any, k kind) string {
	list, isList := value.([]string)
	if !isList {
		s := fmt.Sprint(value)
		if k == name && !isWord(s) || k == free {
			s = quote(s)
		}
		return s
	}
	said := make([]string, len(list))
	for i, s := range list {
		if said[i] = s; k == texts || !isWord(s) {
			said[i] = quote(s)
		}
	}
	return strings.Join(said, ", ")
}

var (
	oneAtStart = regexp.MustCompile(`^` + oneText)
	sepAtStart = regexp.MustCompile(`^(?:, and |, | and )`)
)

// parse parses the value of a key in a sentence.
func (k *key) parse(said string) (any, error) {
	switch k.kind {
	case name, free:
		return ParseText(said)
	case names, texts:
		var list []string
		for rest := said; ; {
			one := oneAtStart.FindString(rest)
			if one == "" {
				return nil, fmt.Errorf("%s: want names with commas between them, like bob, carol", text.Quote(said, maxQuoted))
			}
			s, err := ParseText(one)
			if err != nil {
				return nil, err
			}
			list = append(list, s)
			if rest = rest[len(one):]; rest == "" {
				return list, nil
			}
			rest = rest[len(sepAtStart.FindString(rest)):]
		}
	case number:
		return parseNumber(said)
	case flag:
		return true, nil
	}
	return said, nil
}

// FormatText writes a text as [ParseText] reads it.
func FormatText(s string) string {
	if isWord(s) && s != "" {
		return s
	}
	return quote(s)
}

// ParseText reads a text of a sentence: as it is, or as a JSON string.
func ParseText(said string) (string, error) {
	if strings.HasPrefix(said, `"`) {
		return unquote(said)
	}
	return said, nil
}
