package main

import (
	"bytes"
	"flag"
	"go/ast"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
)

// The profile by which the compiler decides what to inline.
const pgo = "default.pgo"

var profiles = flag.String("profiles", "", "make default.pgo of these CPU profiles, with commas between (make profile)")

// The profile names functions that are there, and no place on the machine where it
// was made.
func TestProfile(t *testing.T) {
	if *profiles != "" {
		renewProfile(t, strings.Split(*profiles, ","))
	}
	p := readProfile(t, pgo)
	for _, m := range p.Mapping {
		if m.File != "" {
			t.Errorf("%s names the program %s", pgo, m.File)
		}
	}
	ours := 0
	declared := functions(t)
	for _, f := range p.Function {
		if strings.HasPrefix(f.Filename, "/") {
			t.Errorf("%s names the file %s", pgo, f.Filename)
		}
		if misleading.MatchString(f.Name) {
			t.Errorf("%s has samples of %s; make profile leaves them out", pgo, f.Name)
		}
		if !strings.HasPrefix(f.Name, "ringback/") || strings.Contains(f.Name, "_test.") {
			continue
		}
		ours++
		if name := declaration(f.Name); !declared[name] {
			t.Errorf("%s names %s, and there is no %s any more; make profile renews it", pgo, f.Name, name)
		}
	}
	if ours < 100 {
		t.Errorf("%s names %d of our functions", pgo, ours)
	}
}

func readProfile(t *testing.T, path string) *profile.Profile {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := profile.Parse(bytes.NewReader(data))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return p
}

// misleading are samples that a profile is better without. Where Sum256 is hot, the
// compiler (Go 1.26) resolves its call of hash.Hash by the profile rather than by the
// type that it knows, which moves the digest to the heap: 2 allocations of 160 B for
// each call's ids.
var misleading = regexp.MustCompile(`^crypto/sha256\.Sum256$`)

// renewProfile merges profiles, without what misleads and without the paths of the
// programs that made them.
func renewProfile(t *testing.T, paths []string) {
	t.Helper()
	var list []*profile.Profile
	for _, path := range paths {
		list = append(list, readProfile(t, path))
	}
	p, err := profile.Merge(list)
	if err != nil {
		t.Fatal(err)
	}
	p.FilterSamplesByName(nil, misleading, nil, nil)
	p = p.Compact()
	for _, m := range p.Mapping {
		m.File, m.BuildID = "", ""
	}
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(pgo, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

var (
	typeArguments = regexp.MustCompile(`\[[^\[\]]*\]`)
	insideOf      = regexp.MustCompile(`(-fm|-range\d+|\.(func|gowrap|deferwrap)\d+).*$`)
)

// declaration is the function that a symbol is, or is a part of.
func declaration(symbol string) string {
	for {
		outer := typeArguments.ReplaceAllString(symbol, "")
		if outer == symbol {
			return insideOf.ReplaceAllString(symbol, "")
		}
		symbol = outer
	}
}

// functions are those that the module declares, as the linker names them.
func functions(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for pkg, files := range sources(t) {
		for _, f := range files {
			for _, d := range f.Decls {
				fn, ok := d.(*ast.FuncDecl)
				if !ok {
					continue
				}
				names["ringback/"+pkg+"."+receiverOf(fn)+fn.Name.Name] = true
			}
		}
	}
	return names
}

// receiverOf is how the linker names the receiver of a method, with a dot behind.
func receiverOf(fn *ast.FuncDecl) string {
	if fn.Recv == nil {
		return ""
	}
	t, form := fn.Recv.List[0].Type, "%."
	if star, ok := t.(*ast.StarExpr); ok {
		t, form = star.X, "(*%)."
	}
	switch generic := t.(type) {
	case *ast.IndexExpr:
		t = generic.X
	case *ast.IndexListExpr:
		t = generic.X
	}
	return strings.Replace(form, "%", t.(*ast.Ident).Name, 1)
}
