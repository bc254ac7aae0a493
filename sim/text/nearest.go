package text

import "strings"

// Nearest returns the word that was probably meant, or "": one that begins with s, or
// one at a [Distance] of at most two and at most half of the letters. Letter case is
// ignored.
func Nearest(s string, words []string) string {
	s = strings.ToLower(s)
	best, least := "", min(3, len(s)/2+1)
	for _, w := range words {
		lower := strings.ToLower(w)
		d := least
		switch {
		case strings.HasPrefix(lower, s):
			d = 1
		case len(s) <= len(w)+2 && len(w) <= len(s)+2:
			d = Distance(s, lower)
		}
		if d < least {
			best, least = w, d
		}
	}
	return best
}

// Meant returns a suggestion to append to an error, like "; did you mean reject?", or "".
func Meant(s string, words []string) string {
	if w := Nearest(s, words); w != "" {
		return "; did you mean " + w + "?"
	}
	return ""
}

// Distance returns the edit distance of two words in bytes (Levenshtein).
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal, row[j+1] = row[j+1], min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
