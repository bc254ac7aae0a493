package journal

import "slices"

// Warned says once, until a reset, that something was accepted or sent that the documents
// do not have.
type Warned struct {
	About string `json:"about"` // random, actions or platform
	Text  string `json:"text"`
}

func (*Warned) kind() string { return "warned" }

// maxWarned bounds how many warnings a state keeps, so that clients cannot fill memory.
const maxWarned = 1000

// IsNew reports whether a warning has not been given yet.
func (s *State) IsNew(w Warned) bool {
	return len(s.Warned) < maxWarned && !slices.Contains(s.Warned, w)
}
