package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"ringback/fixtures/golden"
)

// The picture of the house in sim/README.md is drawn from the imports: a package
// stands one level above the highest one that it imports. make golden draws it anew.
func TestPictureOfTheHouse(t *testing.T) {
	const page, begin, end = "../../sim/README.md", "<!-- levels: make golden writes this -->\n\n", "\n<!-- end of levels -->"
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, begun := strings.Cut(string(data), begin)
	got, tail, ended := strings.Cut(rest, end)
	want := "```\n" + picture(t) + "```\n"
	switch {
	case !begun || !ended:
		t.Fatalf("%s has no place for the picture", page)
	case golden.Rewriting():
		if err := os.WriteFile(page, []byte(head+begin+want+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	case got != want:
		t.Errorf("the picture in %s is not that of today; make golden draws it:\n%s", page, want)
	}
}

// picture has the packages, the highest level first.
func picture(t *testing.T) string {
	imports := map[string][]string{}
	for pkg, files := range sources(t) {
		imports[pkg] = nil // one that imports nothing of ours stands on the ground
		for _, f := range files {
			for _, imp := range importsOf(t, f) {
				if ours, is := strings.CutPrefix(imp, "ringback/"); is {
					imports[pkg] = append(imports[pkg], ours)
				}
			}
		}
	}
	level := map[string]int{}
	var of func(pkg string) int
	of = func(pkg string) int {
		if _, known := level[pkg]; !known {
			level[pkg] = 0 // the compiler refuses circles
			for _, imp := range imports[pkg] {
				level[pkg] = max(level[pkg], of(imp)+1)
			}
		}
		return level[pkg]
	}
	rows := map[int][]string{}
	for _, pkg := range slices.Sorted(maps.Keys(imports)) {
		rows[of(pkg)] = append(rows[of(pkg)], pkg)
	}
	var b strings.Builder
	for _, n := range slices.Backward(slices.Sorted(maps.Keys(rows))) {
		line := fmt.Sprintf("%2d ", n)
		for _, pkg := range rows[n] {
			if len(line)+1+len(pkg) > 100 {
				b.WriteString(line + "\n")
				line = "   "
			}
			line += " " + pkg
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}
