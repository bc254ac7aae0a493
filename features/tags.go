package features

import (
	"fmt"
	"slices"
	"strings"
)

// selection reports whether a scenario with these tags is wanted.
type selection func(tags []string) bool

// parseTags reads a tag expression: @a, not, and, or, and parentheses. An empty
// expression selects all. The older spelling (~@a, && and commas) is refused: it would be
// read as something else.
func parseTags(expression string) (selection, error) {
	p := &tagParser{words: strings.Fields(strings.NewReplacer("(", " ( ", ")", " ) ").Replace(expression))}
	if len(p.words) == 0 {
		return func([]string) bool { return true }, nil
	}
	want, err := p.or()
	if err == nil && p.at < len(p.words) {
		err = fmt.Errorf("%q is left over", p.words[p.at])
	}
	if err != nil {
		return nil, fmt.Errorf("tag expression %q: %w; want something like '@v1 and not (@group or @should)'", expression, err)
	}
	return want, nil
}

// tagParser reads by recursive descent.
type tagParser struct {
	words []string
	at    int
}

func (p *tagParser) take(word string) bool {
	if p.at < len(p.words) && p.words[p.at] == word {
		p.at++
		return true
	}
	return false
}

func (p *tagParser) or() (selection, error) {
	left, err := p.and()
	for err == nil && p.take("or") {
		a := left
		var b selection
		b, err = p.and()
		left = func(tags []string) bool { return a(tags) || b(tags) }
	}
	return left, err
}

func (p *tagParser) and() (selection, error) {
	left, err := p.not()
	for err == nil && p.take("and") {
		a := left
		var b selection
		b, err = p.not()
		left = func(tags []string) bool { return a(tags) && b(tags) }
	}
	return left, err
}

func (p *tagParser) not() (selection, error) {
	switch {
	case p.take("not"):
		a, err := p.not()
		return func(tags []string) bool { return !a(tags) }, err
	case p.take("("):
		a, err := p.or()
		if err == nil && !p.take(")") {
			err = fmt.Errorf("a parenthesis is not closed")
		}
		return a, err
	case p.at == len(p.words):
		return nil, fmt.Errorf("it ends too early")
	}
	tag := p.words[p.at]
	if len(tag) < 2 || tag[0] != '@' || strings.ContainsAny(tag, ",&|~") {
		return nil, fmt.Errorf("%q is no tag", tag)
	}
	p.at++
	return func(tags []string) bool { return slices.Contains(tags, tag) }, nil
}
