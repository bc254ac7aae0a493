package features

import (
	"regexp"
	"strings"
)

// Step is one sentence that scenarios can use.
type Step struct {
	Pattern string `json:"pattern"` // an anchored regular expression
	Form    string `json:"form"`    // how it reads: what varies is in {}, what may be missing in []
	About   string `json:"about"`   // what it does, or what it asks of the receiver
	Example string `json:"example"` // without a keyword like When
	handler any
	check   func(d *draft, args []string) error // of its words, before anything is sent; nil if any will do
	places  bool                                // it places a call
}

// definition is a step, ready for use.
type definition struct {
	Step
	pattern *regexp.Regexp
	acts    bool // it is a sentence of scripts
	judges  bool // it asks something of the receiver
	asks    bool // it asks what the receiver stored
}

// splitList reads a list as people write it: a, b and c.
func splitList(text string) (list []string) {
	for _, part := range strings.FieldsFunc(strings.ReplaceAll(text, " and ", ","), func(r rune) bool { return r == ',' }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}
