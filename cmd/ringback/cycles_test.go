package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ringback/fixtures/golden"
)

// cycles is the table of what is allowed: for each package, how many of the arrows
// between its files run back up. A package that it does not name has none. Numbers
// only become smaller: make golden lowers them, and raises none.
const cycles = "testdata/cycles.txt"

// TestCycles counts how entangled the files of each package are. An arrow runs from
// a file to another one that declares what it uses: a type, a field, a method, a
// function. Put the files in the order that a reader would like best, each after
// those that use it: the arrows that still run from a later file to an earlier one
// run back up. There are none exactly if no files depend on each other in a circle.
//
// Circles between packages need no counting: the compiler refuses them.
func TestCycles(t *testing.T) {
	if testing.Short() {
		t.Skip("type-checks the whole module")
	}
	allowed := map[string]int{}
	table, err := os.ReadFile(cycles)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		var pkg string
		var n int
		if _, err := fmt.Sscanf(line, "%s %d\n", &pkg, &n); err != nil {
			t.Fatalf("%s: %q: %v", cycles, line, err)
		}
		allowed[pkg] = n
	}
	lower := ""
	for _, p := range packagesOfModule(t) {
		up := p.up()
		if len(up) > allowed[p.path] {
			t.Errorf("%s: %d arrows between its files run back up, and %s allows %d:\n  %s",
				p.path, len(up), cycles, allowed[p.path], strings.Join(up, "\n  "))
		}
		t.Logf("%s: %d files, %d arrows, %d run back up", p.path, len(p.files), len(p.arrows), len(up))
		if n := min(len(up), allowed[p.path]); n > 0 {
			lower += fmt.Sprintln(p.path, n)
		}
	}
	if golden.Rewriting() {
		golden.Compare(t, filepath.Base(cycles), lower)
	}
}

// filesOfPackage are a package's files and the arrows between them.
type filesOfPackage struct {
	path   string
	files  []string
	arrows map[[2]string]string // from file, to file: a name that the first uses
}

// packagesOfModule type-checks each package, tests left out, in the order of paths. With a
// profile, go list would name each package that the program imports twice.
func packagesOfModule(t *testing.T) (list []filesOfPackage) {
	t.Helper()
	out, err := exec.Command("go", "list", "-pgo=off", "-export", "-deps", "-json=ImportPath,Export,Dir,Module,GoFiles", "ringback/...").Output()
	if err != nil {
		if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
			t.Fatalf("go list: %v\n%s", err, failed.Stderr)
		}
		t.Fatal(err)
	}
	type listed struct {
		ImportPath, Export, Dir string
		Module                  *struct{ Main bool }
		GoFiles                 []string
	}
	exports := map[string]string{}
	var ours []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		exports[p.ImportPath] = p.Export
		if p.Module != nil && p.Module.Main {
			ours = append(ours, p)
		}
	}
	slices.SortFunc(ours, func(a, b listed) int { return strings.Compare(a.ImportPath, b.ImportPath) })
	fset := token.NewFileSet()
	open := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	conf := types.Config{Importer: importer.ForCompiler(fset, "gc", open)}
	for _, p := range ours {
		var files []*ast.File
		for _, name := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		uses := map[*ast.Ident]types.Object{}
		pkg, err := conf.Check(p.ImportPath, fset, files, &types.Info{Uses: uses})
		if err != nil {
			t.Fatal(err)
		}
		arrows := map[[2]string]string{}
		for id, used := range uses {
			if used.Pkg() != pkg {
				continue
			}
			arrow := [2]string{filepath.Base(fset.Position(id.Pos()).Filename), filepath.Base(fset.Position(used.Pos()).Filename)}
			if name, seen := arrows[arrow]; arrow[0] != arrow[1] && (!seen || used.Name() < name) {
				arrows[arrow] = used.Name()
			}
		}
		list = append(list, filesOfPackage{path: p.ImportPath, files: p.GoFiles, arrows: arrows})
	}
	return list
}

// up returns the arrows that run back up in the best order of the files that a
// search finds: from many starts it moves single files as long as that helps. The
// search sees only arrows that are part of a circle, so where there is no circle the
// result is certain.
func (p *filesOfPackage) up() (arrows []string) {
	users := map[string][]string{}
	for arrow := range p.arrows {
		users[arrow[1]] = append(users[arrow[1]], arrow[0])
	}
	inCircle := map[[2]string]int{} // 1 for each arrow whose end uses its start, directly or not
	for _, f := range p.files {
		before := []string{f}
		for i := 0; i < len(before); i++ {
			for _, user := range users[before[i]] {
				if !slices.Contains(before, user) {
					before = append(before, user)
				}
			}
		}
		for _, user := range before {
			if p.arrows[[2]string{f, user}] != "" {
				inCircle[[2]string{f, user}] = 1
			}
		}
	}
	random := rand.New(rand.NewPCG(1, 1))
	for try := range 30 {
		order := slices.Clone(p.files)
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for better := true; better; {
			better = false
			for _, f := range p.files {
				at := slices.Index(order, f)
				rest := slices.Delete(slices.Clone(order), at, at+1)
				// more counts the arrows that run up with f in front of rest[i], less
				// those with f in front of all; best is the place with the fewest.
				more, best, least, now := 0, 0, 0, 0
				for i := range order {
					if more < least {
						best, least = i, more
					}
					if i == at {
						now = more
					}
					if i < len(rest) {
						more += inCircle[[2]string{f, rest[i]}] - inCircle[[2]string{rest[i], f}]
					}
				}
				if least < now {
					order, better = slices.Insert(rest, best, f), true
				}
			}
		}
		var found []string
		for arrow := range inCircle {
			if slices.Index(order, arrow[0]) > slices.Index(order, arrow[1]) {
				found = append(found, fmt.Sprintf("%s -> %s (%s)", arrow[0], arrow[1], p.arrows[arrow]))
			}
		}
		if try == 0 || len(found) < len(arrows) {
			arrows = found
		}
	}
	slices.Sort(arrows)
	return arrows
}
