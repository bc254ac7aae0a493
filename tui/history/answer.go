package history

import (
	"slices"
	"strconv"

	"ringback/sim/text"
)

// Stored is what a receiver's probe answered about a call.
type Stored struct {
	Call   string  // its CallId
	Fields []Field // what is shown, the number of ends first
	Err    string  // why nothing is known; "" if something is
}

// Field is a value that a receiver holds.
type Field struct {
	Name, Got string
	Want      string // "" if any value is right
	Wrong     bool
}

// Wrong reports whether something is stored that should not be, or the other way round.
func (s *Stored) Wrong() bool {
	return slices.ContainsFunc(s.Fields, func(f Field) bool { return f.Wrong })
}

// Text says it, at most in so many characters if that is possible: what is wrong first.
// good and bad are the signs for it.
func (s *Stored) Text(good, bad string, most int) string {
	if s.Err != "" {
		return "not known what is stored: " + s.Err
	}
	forms := []string{"stored " + text.Count(s.ends(), "end") + " " + good, good}
	if i := slices.IndexFunc(s.Fields, func(f Field) bool { return f.Wrong }); i >= 0 {
		f := s.Fields[i]
		what, short := f.Name+" "+f.Got, f.Name
		if i == 0 {
			what, short = text.Count(s.ends(), "end"), f.Got
		}
		forms = []string{"stored " + what + " " + bad + " want " + f.Want, what + " " + bad + " want " + f.Want, what + " " + bad, short + " " + bad, bad}
	}
	for _, f := range forms {
		if len([]rune(f)) <= most {
			return f
		}
	}
	return forms[len(forms)-1]
}

func (s *Stored) ends() int {
	n := 0
	if len(s.Fields) > 0 {
		n, _ = strconv.Atoi(s.Fields[0].Got)
	}
	return n
}
