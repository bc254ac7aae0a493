package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// pgo is the profile by which the program is compiled: it names our functions.
const pgo = "cmd/ringback/default.pgo"

// rehome gives the module another path, wherever files name one of its packages:
// publishing it is this and a push.
func rehome(to string) error {
	if to == "" {
		return errors.New("-rehome: want the module's new path; try: make rehome MODULE=example.com/you/ringback")
	}
	if to > "text/template" { // of the packages that are initialized by their names' order
		return fmt.Errorf("-rehome: %s comes behind text/template, and cmd/nogo must be initialized before that", to)
	}
	from, err := output("go", "list", "-m")
	if err != nil {
		return err
	}
	if _, err := output("go", "mod", "edit", "-module", to); err != nil {
		return fmt.Errorf("-rehome: %w", err)
	}
	listed, err := output("git", "ls-files")
	if err != nil {
		return err
	}
	files := strings.Split(listed, "\n")
	names := namesOf(from, files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		moved := data
		switch {
		case file == "CHANGELOG.md": // it tells of what was
		case file == pgo:
			if moved, err = rehomeProfile(data, from, to); err != nil {
				return err
			}
		case !bytes.Contains(data, []byte{0}):
			for _, name := range names {
				moved = name.ReplaceAll(moved, []byte("${1}"+to+"${2}"))
			}
		}
		if bytes.Equal(moved, data) {
			continue
		}
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if err := os.WriteFile(file, moved, info.Mode()); err != nil {
			return err
		}
	}
	return nil
}

// namesOf finds a module in texts: before one of its folders, where the paths of its
// packages are put together, and in what is said to the go command. It does not find
// a path of files that ends in the same words.
func namesOf(module string, files []string) []*regexp.Regexp {
	var folders []string
	for _, f := range files {
		if top, _, ok := strings.Cut(f, "/"); ok && path.Ext(f) == ".go" {
			folders = append(folders, regexp.QuoteMeta(top))
		}
	}
	slices.Sort(folders)
	name := regexp.QuoteMeta(module)
	return []*regexp.Regexp{
		regexp.MustCompile(`(^|[^\w./-])` + name + `(/(?:(?:` + strings.Join(slices.Compact(folders), "|") + `)\b|["$]))`),
		regexp.MustCompile("(\\b(?:module|require|replace|modpath) `?)" + name + `(\b)`),
	}
}

// rehomeProfile renames the functions of a module in a profile.
func rehomeProfile(data []byte, from, to string) ([]byte, error) {
	p, err := profile.ParseData(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", pgo, err)
	}
	for _, f := range p.Function {
		for _, name := range []*string{&f.Name, &f.SystemName, &f.Filename} {
			if rest, ok := strings.CutPrefix(*name, from+"/"); ok {
				*name = to + "/" + rest
			}
		}
	}
	var b bytes.Buffer
	err = p.Write(&b)
	return b.Bytes(), err
}
