package text_test

import (
	"fmt"

	"ringback/sim/text"
)

// Text of a receiver is printed on one line, and cannot control the terminal.
func Example() {
	fmt.Println(text.Line("not found\n\x1b[2J"))
	fmt.Println(text.Count(1, "attempt"), "of", text.Count(7, "attempt"))
	fmt.Println(text.Shell("it's --target=http://127.0.0.1/cb?a=1&b=2"))
	fmt.Println(text.Nearest("not_anser", []string{"normal_end", "not_answer", "reject"}))
	// Output:
	// not found\x0a\x1b[2J
	// 1 attempt of 7 attempts
	// 'it'\''s --target=http://127.0.0.1/cb?a=1&b=2'
	// not_answer
}
