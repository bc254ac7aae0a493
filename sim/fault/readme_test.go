package fault_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"ringback/sim/fault"
)

// The page of faults and the README say what the program says.
func TestReadme(t *testing.T) {
	page, err := os.ReadFile("../../cmd/ringback/help/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	section := string(readme)
	var want strings.Builder
	want.WriteString("| fault | the callback | a good receiver | example |\n|---|---|---|---|\n")
	for _, f := range fault.List() {
		name := f.Name
		if f.Usual != "" {
			name += "=" + f.Usual
		}
		fmt.Fprintf(&want, "| `%s` | %s | %s | `%s` |\n", name, f.About, f.Expect, f.Example)
	}
	if !strings.Contains(string(page), "\n\n"+want.String()+"\n") {
		t.Errorf("help faults lacks this table:\n%s", want.String())
	}
	for file, quoted := range map[string]func(string) bool{
		"empty_body.go": func(code string) bool { return strings.Contains(section, "```go\n"+code+"```\n") },
		"fault.go": func(code string) bool {
			_, row, _ := strings.Cut(section, "```go\n\t{Info{")
			row, _, ok := strings.Cut(row, "\n```")
			return ok && strings.Contains(code, "\t{Info{"+row+"\n")
		},
	} {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !quoted(string(code)) {
			t.Errorf("what the README shows of %s is not there", file)
		}
	}
}
