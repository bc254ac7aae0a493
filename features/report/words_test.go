package report

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each flag that a report names has a name in Go, and is named by it.
func TestNamed(t *testing.T) {
	files, err := filepath.Glob("../*.go")
	more, _ := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	asked, found := regexp.MustCompile(`amed\("(--[^"]+)"`), map[string]bool{}
	for _, name := range append(files, more...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range asked.FindAllStringSubmatch(string(source), -1) {
			if found[m[1]] = true; Named(m[1], true) == "" || Named(m[1], false) != m[1] {
				t.Errorf("%s: %s is %q in Go", name, m[1], Named(m[1], true))
			}
		}
	}
	for flag := range fields {
		if !found[flag] {
			t.Errorf("nothing names %s", flag)
		}
	}
}
