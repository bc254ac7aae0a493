package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The house: which of our packages a package may import. The pure packages
// come first, in the order in which they may import each other; an edge may
// import any pure package and the edges it names, a face what it names.
var (
	pure = []string{
		"sim/schema", "sim/text", "sim/yaml", "sim/draw", "sim/timers", "sim/call", "sim/usersig", "sim/phone", "sim/wire", "sim/secret", "sim/delivery", "sim/fault", "sim/script", "sim/journal", "sim/recording", "sim/explain", "sim/outbox", "sim", "sim/scenario", "sim/traffic",
	}
	edges = map[string][]string{
		"sim/run":       nil,
		"sim/post":      nil,
		"sim/store":     nil,
		"sim/probe":     {"sim/post"},
		"sim/preflight": {"sim/probe"},
		"sim/session":   {"sim/run", "sim/post"},
		// nothing of ours: what both APIs do with requests and answers
		"sim/control/jsonhttp": nil,
		"sim/control/rest":     {"sim/run", "sim/session", "sim/control/jsonhttp"},
		"sim/control/simapi":   {"sim/run", "sim/session", "sim/control/jsonhttp", "sim/control/rest"},
		"sim/control":          {"sim/run", "sim/store", "sim/session", "sim/control/jsonhttp", "sim/control/rest", "sim/control/simapi"},
		"sim/attach":           {"sim/control/simapi"},
		"sim/record":           {"sim/store", "sim/post"},
		"sim/load":             {"sim/run", "sim/probe", "sim/session"},
		"sim/load/locust":      {"sim/load"},
		"sim/explore":          {"sim/run", "sim/probe", "sim/session", "sim/preflight"},
		"sim/replay":           {"sim/run", "sim/store", "sim/session"},
		// pure but for reading
		"sim/calibrate":      {"sim/store"},
		"sim/calibrate/diff": {"sim/calibrate"},
	}
	faces = map[string][]string{
		"fixtures/receiver": {}, // nothing of ours: it decodes for itself
		"fixtures/hostile":  {}, // nothing of ours either
		"fixtures/ported":   {}, // nothing of ours either
		"fixtures/damage":   {}, // nor here
		"fixtures/golden":   {},
		"fixtures/schemas":  {"sim/yaml"},
		"fixtures/harness":  {"sim/call", "sim/delivery"},
		"fixtures/browser":  {"fixtures/harness"},
		"fixtures":          {},
		"features/report":   slices.Concat(pure, []string{"sim/preflight"}),
		"features":          {"*"},
		"cmd/cli":           {"*"},
		"cmd/term":          {"*"},
		"cmd/nogo":          {}, // nothing at all: it comes before others
		"cmd/ringback":      {"*"},
		"cmd/dist":          {}, // runs the go command
		"tui/draw":          pure,
		"tui/jsonview":      slices.Concat(pure, []string{"tui/draw"}),
		"tui/history":       slices.Concat(pure, []string{"tui/draw"}),
		"tui/pane":          slices.Concat(pure, []string{"tui/draw", "tui/jsonview", "tui/history"}),
		"tui":               slices.Concat(pure, []string{"tui/draw", "tui/jsonview", "tui/history", "tui/pane"}),
		// runs programs, and imports nothing of ours
		"fixtures/sidebyside": {},
		// wraps the reference receiver, and nothing else of ours
		"fixtures/receiver/broken": {"fixtures/receiver"},
	}
)

// tools are what a pure package may import besides: what has no I/O, no goroutines of its
// own and no clock. Of those with a list, only what it names: the rest are clocks, what
// goroutines share, and the shared random generator.
var tools = map[string][]string{
	"bufio": nil, "bytes": nil, "cmp": nil, "compress/flate": nil, "compress/zlib": nil, "container/heap": nil, "crypto/hmac": nil, "crypto/sha256": nil,
	"encoding": nil, "encoding/base64": nil, "encoding/binary": nil, "encoding/hex": nil, "encoding/json": nil, "errors": nil, "fmt": nil, "hash/adler32": nil,
	"io": nil, "iter": nil, "maps": nil, "math": nil, "net/netip": nil, "net/url": nil, "reflect": nil, "regexp": nil, "slices": nil, "sort": nil, "strconv": nil,
	"strings": nil, "unicode": nil, "unicode/utf16": nil, "unicode/utf8": nil,

	"math/rand/v2": {"New", "NewPCG", "PCG", "Rand"},
	"sync":         {"OnceValue"}, // what is worked out once it is needed is the same as at the start
	"time": {
		"Date", "DateOnly", "DateTime", "Duration", "Hour", "Microsecond", "Millisecond", "Minute", "Month", "Parse", "ParseDuration", "RFC3339", "RFC3339Nano", "Second", "Time",
		"UTC", "Unix", "UnixMilli",
	},

	"github.com/brianvoe/gofakeit/v6": nil, "github.com/charmbracelet/x/ansi": nil, "github.com/cucumber/gherkin/go/v42": nil,
	"github.com/cucumber/messages/go/v34": nil, "github.com/google/jsonschema-go/jsonschema": nil, "github.com/tidwall/gjson": nil, "go.yaml.in/yaml/v3": nil,
}

func TestHouse(t *testing.T) {
	files := sources(t)
	imports := map[string][]string{}
	for pkg, list := range files {
		for _, f := range list {
			imports[pkg] = append(imports[pkg], importsOf(t, f)...)
			if slices.Contains(pure, pkg) {
				for _, fault := range impure(t, f) {
					t.Errorf("%s %s, but it is a pure package", pkg, fault)
				}
			}
		}
	}
	for pkg, list := range imports {
		for _, imp := range list {
			if ours, isOurs := strings.CutPrefix(imp, "ringback/"); isOurs && !mayImport(pkg, ours) {
				t.Errorf("%s imports %s: the house has no such arrow", pkg, ours)
			}
		}
	}
	readme, err := os.ReadFile("../../sim/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range imports {
		if !known(pkg) {
			t.Errorf("%s is not in the house: draw it in this test and in the README", pkg)
		}
		if !strings.Contains(string(readme), "| `"+pkg+"` |") {
			t.Errorf("%s is missing from the README's table", pkg)
		}
	}
}

// bare are the packages without an example: they serve tests, or one other package,
// which has one. So do the packages of commands.
var bare = []string{
	"fixtures/browser", "fixtures/damage", "fixtures/golden", "fixtures/harness", "fixtures/ported", "fixtures/schemas", "sim/control/simapi",
}

// A package says what it is for, and shows it by an example that the tests run.
func TestPackagesHaveExamples(t *testing.T) {
	for pkg, files := range sources(t) {
		if strings.HasPrefix(pkg, "cmd/") || files[0].Name.Name == "main" {
			continue
		}
		if !slices.ContainsFunc(files, func(f *ast.File) bool {
			return strings.HasPrefix(f.Doc.Text(), "Package "+f.Name.Name+" ")
		}) {
			t.Errorf("%s has no package comment", pkg)
		}
		tests, err := filepath.Glob("../../" + pkg + "/*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		shown := slices.ContainsFunc(tests, func(path string) bool {
			src, err := os.ReadFile(path)
			return err == nil && regexp.MustCompile(`(?m)^func Example`).Match(src)
		})
		if is := slices.Contains(bare, pkg); shown == is {
			t.Errorf("%s has an example: %t, and is among the packages without one: %t", pkg, shown, is)
		}
	}
}

// make race leaves out the pure packages, and no others.
func TestRaceLeavesOutThePure(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^PURE +:= (.*)$`).FindSubmatch(makefile)
	if m == nil {
		t.Fatal("the Makefile has no PURE")
	}
	left := regexp.MustCompile("^(" + string(m[1]) + ")$")
	for pkg := range sources(t) {
		if isPure := slices.Contains(pure, pkg); isPure != left.MatchString(pkg) {
			t.Errorf("%s is pure: %t, and PURE in the Makefile says: %t", pkg, isPure, !isPure)
		}
	}
}

// An engine and a loop are put together in one place, for whoever runs a simulator:
// see package session. Load measures by hand, and says why.
func TestSessionsRunSimulators(t *testing.T) {
	may := []string{"sim/session", "sim/load"}
	for pkg, files := range sources(t) {
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "New" && !slices.Contains(may, pkg) {
					if x, ok := sel.X.(*ast.Ident); ok && x.Name == "run" && slices.Contains(importsOf(t, f), "ringback/sim/run") {
						t.Errorf("%s makes a loop: want a session", pkg)
					}
				}
				return true
			})
		}
	}
}

func known(pkg string) bool {
	_, edge := edges[pkg]
	_, face := faces[pkg]
	return edge || face || slices.Contains(pure, pkg)
}

func mayImport(from, to string) bool {
	if i := slices.Index(pure, from); i >= 0 {
		return slices.Contains(pure[:i], to)
	}
	if allowed, ok := edges[from]; ok {
		return slices.Contains(pure, to) || slices.Contains(allowed, to)
	}
	allowed := faces[from]
	return slices.Contains(allowed, "*") || slices.Contains(allowed, to)
}

// sources parses all files of each package, tests left out.
func sources(t *testing.T) map[string][]*ast.File {
	t.Helper()
	all := map[string][]*ast.File{}
	root := "../.."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(dir)
		all[pkg] = append(all[pkg], f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func importsOf(t *testing.T, f *ast.File) (list []string) {
	t.Helper()
	for _, spec := range f.Imports {
		imp, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, imp)
	}
	return list
}

// impure is what of a file no pure package has: imports that are none of its tools, and
// what of them is none; goroutines.
func impure(t *testing.T, f *ast.File) (faults []string) {
	t.Helper()
	parts := map[string]string{} // by the name that the package has in the file
	for i, imp := range importsOf(t, f) {
		only, ok := tools[imp]
		switch {
		case strings.HasPrefix(imp, "ringback/"):
		case !ok:
			faults = append(faults, "imports "+imp)
		case only != nil && f.Imports[i].Name != nil:
			faults = append(faults, "imports "+imp+" under another name")
		case only != nil:
			parts[path.Base(strings.TrimSuffix(imp, "/v2"))] = imp
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			faults = append(faults, "starts a goroutine")
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && parts[x.Name] != "" && !slices.Contains(tools[parts[x.Name]], n.Sel.Name) {
				faults = append(faults, "uses "+x.Name+"."+n.Sel.Name)
			}
		}
		return true
	})
	return faults
}

func TestImpure(t *testing.T) {
	for _, tt := range []struct{ source, want string }{
		{`import ("sync"; "time"); var _ = sync.OnceValue(func() time.Duration { return time.Second })`, ""},
		{`import gherkin "github.com/cucumber/gherkin/go/v42"`, ""},
		{`import "math/rand/v2"; var _ = rand.New(rand.NewPCG(1, 2)).IntN(3)`, ""},
		{`import "sync"; var _ = sync.OnceFunc(nil)`, "uses sync.OnceFunc"},
		{`import "sync"; var _ = sync.OnceValues[int, int]`, "uses sync.OnceValues"},
		{`import "sync"; type t struct { sync.Mutex }`, "uses sync.Mutex"},
		{`import "time"; var _ = time.Now`, "uses time.Now"},
		{`import "time"; var _ *time.Timer`, "uses time.Timer"},
		{`import "math/rand/v2"; var _ = rand.Int64()`, "uses rand.Int64"},
		{`import s "sync"`, "imports sync under another name"},
		{`import . "time"`, "imports time under another name"},
		{`import _ "math/rand/v2"`, "imports math/rand/v2 under another name"},
		{`import "math/rand"`, "imports math/rand"},
		{`import "os/signal"`, "imports os/signal"},
		{`import "crypto/rand"`, "imports crypto/rand"},
		{`import "example.com/clock"`, "imports example.com/clock"},
		{`func f() { go f() }`, "starts a goroutine"},
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p; "+tt.source, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(impure(t, f), ", "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.source, got, tt.want)
		}
	}
}

// awake are the tests whose sleeps take time, and why: not to wait for something.
var awake = map[string]string{
	"features/late_test.go":                  "a receiver whose worker is slow",
	"fixtures/receiver/broken/bench_test.go": "receivers that do something later, which is not seen from outside",
	"sim/control/page_test.go":               "to soak: so many calls a second",
}

// Tests wait for what they wait for, not for a while: they sleep within synctest alone,
// whose time is none, and what gives no sign is polled for by harness.Poll. Where it is
// not seen that a function is called within synctest, a comment says that it is.
func TestNoTestSleeps(t *testing.T) {
	sleeping := map[string]bool{}
	root := "../.."
	err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		said := map[int]bool{} // the lines that say so
		for _, c := range f.Comments {
			said[set.Position(c.Pos()).Line] = strings.HasPrefix(c.Text(), "of the bubble")
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch {
			case isOf(n, "synctest", "Test"):
				return false
			case isOf(n, "time", "Sleep") || isOf(n, "time", "Tick"):
				at := set.Position(n.Pos())
				name, err := filepath.Rel(root, at.Filename)
				if err != nil {
					t.Error(err)
				}
				if name = filepath.ToSlash(name); awake[name] != "" {
					sleeping[name] = true
				} else if !said[at.Line] {
					t.Errorf("%s:%d sleeps: want a wait for what it waits for, harness.Poll, or synctest and the comment \"of the bubble\"", name, at.Line)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range awake {
		if !sleeping[name] {
			t.Errorf("%s does not sleep", name)
		}
	}
}

// isOf reports whether a node calls a function of a package.
func isOf(n ast.Node, pkg, name string) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != name {
		return false
	}
	x, ok := f.X.(*ast.Ident)
	return ok && x.Name == pkg
}
