package script

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// WriteYAML writes a script so that [ReadYAML] reads the same. The error says
// what is wrong with the script, or that it is longer than [MaxBytes].
func WriteYAML(s *Script) ([]byte, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	var b strings.Builder
	if s.Name != "" {
		b.WriteString("name: " + yamlTitle(s.Name) + "\n")
	}
	if s.About != "" {
		b.WriteString("about: " + yamlTitle(s.About) + "\n")
	}
	if b.Len() > 0 {
		b.WriteString("script:\n")
	}
	for _, o := range s.Operations {
		b.WriteString("- " + strings.Join(yamlPairs(o), "\n  ") + "\n")
	}
	return checkWritten(b.String())
}

// checkWritten refuses a file that would be too long to read back.
func checkWritten(s string) ([]byte, error) {
	if len(s) > MaxBytes {
		return nil, Errors{{Why: fmt.Sprintf("the script has %d bytes, at most %d", len(s), MaxBytes)}}
	}
	return []byte(s), nil
}

// yamlPairs are the keys and values of an operation.
func yamlPairs(o Operation) (pairs []string) {
	v, f, errs := encode(o.Do)
	if len(errs) > 0 {
		return nil
	}
	f["do"] = v.word
	if o.At > 0 || v.word == "wait" {
		f["at"] = spanText(o.At)
	}
	for _, k := range keys {
		if value, ok := f[k.name]; ok {
			pairs = append(pairs, k.name+": "+yamlValue(k.kind, value))
		}
	}
	return pairs
}

// yamlHint is one key of an operation, or with no key all of it.
func yamlHint(o Operation, key string) string {
	pairs := yamlPairs(o)
	for _, p := range pairs {
		if strings.HasPrefix(p, key+": ") {
			return p
		}
	}
	return "- {" + strings.Join(pairs, ", ") + "}"
}

func yamlValue(k kind, value any) string {
	switch value := value.(type) {
	case bool:
		return strconv.FormatBool(value)
	case int:
		return strconv.Itoa(value)
	case []string:
		list := make([]string, len(value))
		for i, s := range value {
			list[i] = yamlText(s)
		}
		return "[" + strings.Join(list, ", ") + "]"
	}
	s, _ := value.(string)
	if k == word {
		return s
	}
	return yamlText(s)
}

// yamlText writes a text, in quotes unless every reader of YAML takes it for
// text without them.
func yamlText(s string) string {
	reserved := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	if isWord(s) && isLetter(s[0]) && !slices.Contains(reserved, strings.ToLower(s)) {
		return s
	}
	return yamlQuote(s)
}

// pair is how JSON writes a character beyond U+FFFF; YAML has one escape for it.
var pair = regexp.MustCompile(`\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})`)

func yamlQuote(s string) string {
	return pair.ReplaceAllStringFunc(quote(s), func(escapes string) string {
		r, _ := unquote(`"` + escapes + `"`)
		return fmt.Sprintf(`\U%08x`, []rune(r)[0])
	})
}

// yamlTitle writes a text that may be several words.
func yamlTitle(s string) string {
	words := strings.Split(s, " ")
	for _, w := range words {
		if !isWord(w) {
			return yamlQuote(s)
		}
	}
	if len(words) == 1 || !isLetter(s[0]) {
		return yamlText(s)
	}
	return s
}

func isLetter(b byte) bool { return 'a' <= b|0x20 && b|0x20 <= 'z' }
