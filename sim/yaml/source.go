package yaml

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/goccy/go-yaml/token"
)

// The parser makes values that YAML does not give of some files: it drops tabs
// between words and spaces at the ends of lines, folds blank lines wrongly, and
// takes a key that is not indented for part of the list above it. So each
// scalar is read a second time here, straight from its lines, and the places of
// nodes are compared. Where the two readings differ, the file is refused.
type source []string

// at is what stands in a line from a column on, and false if there is no such
// place. Both count from 1, columns in runes.
func (s source) at(line, column int) (string, bool) {
	if line < 1 || line > len(s) || column < 1 {
		return "", false
	}
	for i := range s[line-1] {
		if column--; column == 0 {
			return s[line-1][i:], true
		}
	}
	return "", column == 1
}

// blank reports whether a line has nothing but spaces and tabs.
func blank(s string) bool { return strings.Trim(s, " \t") == "" }

// markers of documents end a scalar that is not indented.
func marker(s string) bool {
	return s == "---" || s == "..." || strings.HasPrefix(s, "--- ") || strings.HasPrefix(s, "... ")
}

var (
	noPlain    = regexp.MustCompile(`^[-:]?([ \t\n]|$)|^[],[{}#&*!|>'"%@?` + "`" + `]|[ \t\n]#|:([ \t\n]|$)|[ \t]$`)
	afterKey   = regexp.MustCompile(`^[ \t]*:([ \t]|$)`)
	afterValue = regexp.MustCompile(`^[ \t]*$|^[ \t]+#`)
	afterFlow  = regexp.MustCompile(`^[ \t]*($|[]},])|^[ \t]+#`)
)

// ends reports whether a key or a value may end on a line before the rest.
func (s source) ends(line int, rest string, at place) bool {
	switch {
	case at.key:
		return afterKey.MatchString(rest)
	case at.flow:
		return afterFlow.MatchString(rest)
	case !afterValue.MatchString(rest):
		return false
	}
	for ; line < len(s); line++ { // the next line must not go on with it
		if next := s[line]; !emptyLine.MatchString(next) {
			return indentOf(next) < at.least-1
		} else if marker(next) {
			return true
		}
	}
	return true
}

// nothing reports whether no value stands behind the colon or dash of a token.
func (s source) nothing(t *token.Token, at place) bool {
	rest, ok := s.at(t.Position.Line, t.Position.Column)
	switch {
	case t.Type != token.MappingValueType && t.Type != token.SequenceEntryType: // {a, b}
		return at.flow
	case !ok || rest == "":
		return false
	}
	return s.ends(t.Position.Line, rest[1:], at) && !(at.flow && emptyLine.MatchString(rest[1:]))
}

// indentOf counts the spaces before a line's text.
func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// stands reports whether a token is at a column or behind it, and not behind a
// tab that indents.
func (s source) stands(t *token.Token, least int) bool {
	line, ok := s.at(t.Position.Line, 1)
	indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	return ok && t.Position.Column >= least && !strings.Contains(indent, "\t")
}

// lost is the first line with an exclamation mark if the tokens have fewer of
// them, else 0: the lexer drops some that stand alone.
func (s source) lost(tokens token.Tokens) int {
	n := 0
	for _, t := range tokens {
		n -= strings.Count(t.Origin, "!")
	}
	line := 0
	for i, l := range s {
		if c := strings.Count(l, "!"); c > 0 {
			n += c
			line = cmp.Or(line, i+1)
		}
	}
	if n > 0 {
		return line
	}
	return 0
}

// plain reports whether a scalar without quotes reads as value, with its lines
// indented by more than a column.
func (s source) plain(t *token.Token, value string, at place) bool {
	line := t.Position.Line
	text, ok := s.at(line, t.Position.Column)
	if !ok || value == "" || noPlain.MatchString(value) || at.flow && (value[0] == ':' || strings.ContainsAny(value, ",[]{}")) {
		return false
	}
	for !strings.HasPrefix(text, value) {
		part := strings.TrimRight(text, " \t")
		rest, ok := strings.CutPrefix(value, part)
		if !ok || part == "" {
			return false
		}
		breaks := 0
		for line++; line <= len(s) && blank(s[line-1]); line++ {
			breaks++
		}
		if at.key || line > len(s) || marker(s[line-1]) || indentOf(s[line-1]) < at.least-1 {
			return false
		}
		fold := " "
		if breaks > 0 {
			fold = strings.Repeat("\n", breaks)
		}
		if value, ok = strings.CutPrefix(rest, fold); !ok {
			return false
		}
		text = strings.TrimLeft(s[line-1], " \t")
	}
	return s.ends(line, text[len(value):], at)
}

// quoted reports whether a scalar in quotes reads as value.
func (s source) quoted(t *token.Token, value string, at place) bool {
	text, ok := s.at(t.Position.Line, t.Position.Column)
	if !ok || text == "" || text[0] != '"' && text[0] != '\'' {
		return false
	}
	single := text[0] == '\''
	var b strings.Builder
	breaks, line := 0, t.Position.Line
	for text = text[1:]; ; {
		part, rest, closed := cutQuoted(text, single)
		first, blank := line == t.Position.Line, blank(part)
		switch {
		case first:
		case !closed && blank:
			breaks++
		case breaks > 0:
			b.WriteString(strings.Repeat("\n", breaks))
		default:
			b.WriteByte(' ')
		}
		if !closed {
			part = strings.TrimRight(part, " \t")
		}
		if first || closed || !blank {
			text, ok := part, true
			if !single {
				text, ok = unescape(part)
			}
			if !ok || at.key && !first {
				return false
			}
			b.WriteString(text)
			breaks = 0
		}
		if closed {
			return b.String() == value && (s.ends(line, rest, at) || at.key && strings.HasPrefix(rest, ":"))
		}
		if line++; line > len(s) || marker(s[line-1]) {
			return false
		}
		text = strings.TrimLeft(s[line-1], " \t")
		if text != "" && indentOf(s[line-1]) < at.least-1 {
			return false
		}
	}
}

// cutQuoted cuts a line at its closing quote, if it has one. In single quotes
// two of them stand for one.
func cutQuoted(s string, single bool) (part, rest string, closed bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case single && strings.HasPrefix(s[i:], "''"):
			i++
		case single && c == '\'' || !single && c == '"':
			return b.String(), s[i+1:], true
		case !single && c == '\\' && i+1 < len(s):
			b.WriteByte(c)
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), "", false
}

// escapes are those of double quotes that stand for a letter or two; the others
// are \x, \u and \U.
var escapes = map[byte]string{
	'0': "\x00", 'a': "\a", 'b': "\b", 't': "\t", '\t': "\t", 'n': "\n", 'v': "\v", 'f': "\f", 'r': "\r", 'e': "\x1b",
	' ': " ", '"': `"`, '/': "/", '\\': `\`, 'N': "\u0085", '_': "\u00a0", 'L': "\u2028", 'P': "\u2029",
}

// unescape reads the escapes of double quotes in a line. An escape at its end,
// which joins lines, is not read.
func unescape(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			return "", false
		}
		if e, ok := escapes[s[i]]; ok {
			b.WriteString(e)
			continue
		}
		digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[s[i]]
		if digits == 0 || i+digits >= len(s) {
			return "", false
		}
		r, err := strconv.ParseUint(s[i+1:i+1+digits], 16, 32)
		if err != nil {
			return "", false
		}
		i += digits
		if low, ok := strings.CutPrefix(s[i+1:], `\u`); ok && utf16.IsSurrogate(rune(r)) && len(low) >= 4 { // as JSON writes it
			l, err := strconv.ParseUint(low[:4], 16, 32)
			if pair := utf16.DecodeRune(rune(r), rune(l)); err == nil && pair != unicode.ReplacementChar {
				r, i = uint64(pair), i+6
			}
		}
		if r > unicode.MaxRune || utf16.IsSurrogate(rune(r)) {
			return "", false
		}
		b.WriteRune(rune(r))
	}
	return b.String(), true
}

var emptyLine = regexp.MustCompile(`^(---|\.\.\.)?([ \t]*|[ \t]+#.*)$|^#`)

// empty reports whether the source has nothing but comments and markers.
func (s source) empty() bool {
	return !slices.ContainsFunc(s, func(l string) bool { return !emptyLine.MatchString(l) })
}

// block reports whether a scalar behind | or > reads as value, with its lines
// indented by more than a column.
func (s source) block(t *token.Token, value string, at place) bool {
	head, ok := s.at(t.Position.Line, t.Position.Column)
	m := blockHead.FindStringSubmatch(head)
	if !ok || m == nil {
		return false
	}
	lines := s[t.Position.Line:]
	indent := 0
	for _, l := range lines {
		if !blank(l) {
			indent = indentOf(l)
			break
		}
	}
	if indent == 0 || indent < at.least-1 {
		return false
	}
	var b strings.Builder
	breaks, folding, any := 0, false, false
	for i, l := range lines {
		if i == len(lines)-1 && l == "" {
			break
		}
		if strings.Trim(l, " ") == "" && len(l) <= indent {
			breaks++
			continue
		}
		if indentOf(l) < indent || marker(l) {
			break
		}
		l = l[indent:]
		folds := m[1] == ">" && l != "" && l[0] != ' ' && l[0] != '\t'
		switch {
		case any && folding && folds && breaks == 0:
			b.WriteByte(' ')
		case any && folding && folds:
			b.WriteString(strings.Repeat("\n", breaks))
		case any:
			b.WriteString(strings.Repeat("\n", breaks+1))
		default:
			b.WriteString(strings.Repeat("\n", breaks))
		}
		b.WriteString(l)
		breaks, folding, any = 0, folds, true
		if i == len(lines)-1 {
			return b.String() == value // no line ends
		}
	}
	switch {
	case m[2] == "+" && any:
		b.WriteString(strings.Repeat("\n", breaks+1))
	case m[2] == "+":
		b.WriteString(strings.Repeat("\n", breaks))
	case m[2] == "" && any:
		b.WriteByte('\n')
	}
	return b.String() == value
}

var blockHead = regexp.MustCompile(`^([|>])([-+]?)[ \t]*($|[ \t]#)`)
