package draw_test

import (
	"fmt"

	"ringback/tui/draw"
)

// Names of users and answers of receivers take the cells that they are given, whatever
// they hold.
func Example() {
	for _, name := range []string{"alice", "李雷", "bob\x1b[2J"} {
		fmt.Printf("|%s|\n", draw.ASCII.Fit(draw.ASCII.Clean(name), 12))
	}
	layout := draw.Arrange(120, 36, draw.Calls, false)
	fmt.Println(layout.Panes[draw.Inspector])
	// Output:
	// |alice       |
	// |\u674e\u96f7|
	// |bob\u001b[2J|
	// {47 20 73 14}
}
