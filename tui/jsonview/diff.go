package jsonview

// DiffLine is a line that both texts have, or only one of them.
type DiffLine struct {
	Mark rune // '-': only the first, '+': only the second, ' ': both
	Text string
}

// MaxDiff is how many lines are compared; more are left out.
const MaxDiff = 300

// Diff compares two texts line by line, by their longest common subsequence.
func Diff(a, b []string) (out []DiffLine) {
	a, b = a[:min(len(a), MaxDiff)], b[:min(len(b), MaxDiff)]
	long := make([][]int, len(a)+1)
	for i := range long {
		long[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				long[i][j] = long[i+1][j+1] + 1
			} else {
				long[i][j] = max(long[i+1][j], long[i][j+1])
			}
		}
	}
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, DiffLine{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && long[i+1][j] >= long[i][j+1]:
			out = append(out, DiffLine{'-', a[i]})
			i++
		default:
			out = append(out, DiffLine{'+', b[j]})
			j++
		}
	}
	return out
}
