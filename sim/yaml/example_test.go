package yaml_test

import (
	"fmt"

	"ringback/sim/yaml"
)

// A scalar keeps its text: the id 007 is the number seven and can be read as text.
func Example() {
	root, err := yaml.Parse([]byte("verify:\n  level: should\n  user: 007\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	user := root.Get("verify").Get("user")
	n, _ := user.Int()
	fmt.Println(user.Line, user.Text, n)

	_, err = yaml.Parse([]byte("seed: 1\nseed: 2\n"))
	fmt.Println(err)
	// Output:
	// 3 007 7
	// line 2: has the key "seed" for the second time in a map
}
