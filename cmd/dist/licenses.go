package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
)

// modules are those that a program is made of, in order of their paths; the module
// of the program itself is none of them.
func modules(info *debug.BuildInfo) []*debug.Module {
	list := slices.Clone(info.Deps)
	slices.SortFunc(list, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// known are the licenses that modules may have: words that no other of them has, in
// the order in which they are looked for, and what SPDX calls the license.
var known = []struct{ words, id string }{
	{"Mozilla Public License Version 2.0", "MPL-2.0"},
	{"Mozilla Public License, version 2.0", "MPL-2.0"},
	{"Apache License Version 2.0", "Apache-2.0"},
	{"Neither the name of", "BSD-3-Clause"},
	{"Redistribution and use in source and binary forms", "BSD-2-Clause"},
	{"Permission to use, copy, modify, and/or distribute this software", "ISC"},
	{"Permission is hereby granted, free of charge", "MIT"},
}

var (
	licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)
	spaces      = regexp.MustCompile(`\s+`)
)

// licenseOf is the SPDX id of a license by its text, and "" of one that is not known.
func licenseOf(text string) string {
	text = spaces.ReplaceAllString(text, " ")
	for _, k := range known {
		if strings.Contains(text, k.words) {
			return k.id
		}
	}
	return ""
}

// licenses are the files of a module that say what may be done with it, by their
// names, and what SPDX calls the first that is known.
func licenses(m *debug.Module) (files map[string][]byte, id string, err error) {
	if m.Replace != nil {
		m = m.Replace
	}
	dir, err := output("go", "list", "-m", "-f", "{{.Dir}}", m.Path)
	if err != nil {
		return nil, "", err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, "", err
	}
	files = map[string][]byte{}
	for _, e := range entries {
		if e.IsDir() || !licenseFile.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, "", err
		}
		files[e.Name()] = text
		if id == "" {
			id = licenseOf(string(text))
		}
	}
	if id == "" {
		return nil, "", fmt.Errorf("%s: has no license that is known, among %d files", m.Path, len(files))
	}
	return files, id, nil
}

// writeLicenses writes the files of all modules, and that of Go's own library, each
// in a folder of its module's path.
func writeLicenses(dir string, modules []*debug.Module) error {
	root, err := output("go", "env", "GOROOT")
	if err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(root, "LICENSE"))
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, "go", "LICENSE"), text); err != nil {
		return err
	}
	for _, m := range modules {
		files, _, err := licenses(m)
		if err != nil {
			return err
		}
		for name, text := range files {
			if err := writeFile(filepath.Join(dir, filepath.FromSlash(m.Path), name), text); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
