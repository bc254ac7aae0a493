package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ringback/cmd/cli"
	"ringback/sim/calibrate"
	"ringback/sim/text"
)

// writeChoices keeps the choices of a report in a settings file. A report that contradicts
// itself is refused, with a hint that begins like this.
func writeChoices(w cli.Env, r *calibrate.Report, path, hint string) error {
	for i := range r.Keys {
		if f := &r.Keys[i]; f.State == calibrate.Contradicted {
			return cli.Usage(fmt.Errorf("--write: %s stays as it is: %s is %s", path, f.Key, f.Why), hint+" --write "+text.Shell(path)+"   # what one backend sent")
		}
	}
	was, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return cli.Unwritten("--write", err)
	}
	var known []string
	for _, f := range r.Keys {
		if f.State == calibrate.Shown {
			known = append(known, f.Key+"="+f.Value)
		}
	}
	choices := r.Choices()
	is, err := cli.SetDialect(was, choices, known)
	switch {
	case err != nil:
		return cli.Usage(fmt.Errorf("--write: %s: %w", path, err), "")
	case bytes.Equal(is, was) && was == nil:
		text.Fprintf(w.Stderr, "%s is not made: all that is shown is the default\n", path)
		return nil
	case bytes.Equal(is, was):
		text.Fprintf(w.Stderr, "%s stays as it is: what is shown is in it, or is the default\n", path)
		return nil
	}
	if err := replaceFile(path, is); err != nil {
		return cli.Unwritten("--write", err)
	}
	what := "the defaults"
	if len(choices) > 0 {
		what = strings.Join(choices, ", ")
	}
	text.Fprintf(w.Stderr, "written to %s: dialect %s\n", path, what)
	return nil
}

// replaceFile gives a file other content, all of it or nothing. A new one anyone may read.
func replaceFile(path string, data []byte) error {
	mode := fs.FileMode(0o644)
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	info, err := os.Stat(path)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return fmt.Errorf("%s is no file", path)
	case err == nil:
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
