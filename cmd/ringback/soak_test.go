package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each test that plays more under RINGBACK_SOAK is played by make soak, or make explored:
// what is cut out of every run for its time is lost otherwise.
func TestSoakPlaysAll(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	played := map[string]*regexp.Regexp{} // by package
	for _, m := range regexp.MustCompile(`(?m)^\tRINGBACK_SOAK=1 \$\(GO\) test \./(\S+)(?: -run (\S+))?`).FindAllStringSubmatch(string(makefile), -1) {
		pattern := strings.Trim(m[2], "'")
		if before := played[m[1]]; before != nil {
			pattern = before.String() + "|" + pattern
		}
		played[m[1]] = regexp.MustCompile(pattern)
	}
	longer := 0
	for _, root := range []string{"sim", "features", "fixtures", "tui", "cmd"} {
		for dir, tests := range soaked(t, filepath.Join("../..", root)) {
			for _, name := range tests {
				longer++
				if pkg := strings.TrimPrefix(filepath.ToSlash(dir), "../../"); played[pkg] == nil || !played[pkg].MatchString(name) {
					t.Errorf("%s of %s plays more under RINGBACK_SOAK, and make soak in the Makefile does not run it", name, pkg)
				}
			}
		}
	}
	if longer < 30 {
		t.Errorf("%d tests are found that play more to soak", longer)
	}
}

// soaked are the tests below a folder, by their own, that ask for RINGBACK_SOAK or call
// what does.
func soaked(t *testing.T, root string) map[string][]string {
	t.Helper()
	type funcs map[string]map[string]bool // what each calls
	dirs := map[string]funcs{}
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		in := dirs[filepath.Dir(path)]
		if in == nil {
			in = funcs{}
			dirs[filepath.Dir(path)] = in
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			calls := map[string]bool{}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					calls[n.Name] = true
				case *ast.CallExpr:
					if get, ok := n.Fun.(*ast.SelectorExpr); ok && get.Sel.Name == "Getenv" {
						if name, ok := n.Args[0].(*ast.BasicLit); ok {
							calls[strings.Trim(name.Value, `"`)] = true
						}
					}
				}
				return true
			})
			in[f.Name.Name] = calls
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string][]string{}
	for dir, in := range dirs {
		asks := map[string]bool{"RINGBACK_SOAK": true}
		for more := true; more; {
			more = false
			for name, calls := range in {
				for called := range calls {
					if asks[called] && !asks[name] {
						asks[name], more = true, true
					}
				}
			}
		}
		for name := range in {
			if asks[name] && strings.HasPrefix(name, "Test") {
				tests[dir] = append(tests[dir], name)
			}
		}
	}
	return tests
}
