package journal

import "slices"

// Warned says that something is taken, or sent, that the documents do not have. Each
// is said once, until a reset.
type Warned struct {
	About string `json:"about"` // random, actions or platform
	Text  string `json:"text"`
}

func (*Warned) kind() string { return "warned" }

// maxWarned bounds how many warnings a state keeps, so that no client fills it.
const maxWarned = 1000

// News reports whether a warning has yet to be said.
func (s *State) News(w Warned) bool {
	return len(s.Warned) < maxWarned && !slices.Contains(s.Warned, w)
}
