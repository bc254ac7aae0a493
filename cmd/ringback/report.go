package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// reportFile is a report that was asked for.
type reportFile struct {
	kind   string
	file   *os.File
	made   bool // it was not there before
	done   bool
	stdout io.Writer // instead of a file
}

// openReports opens the files before anything is sent, so that a run whose report
// cannot be written does not begin. A file that is there is replaced, since a report is of the
// last run; - is the standard output, which data already names what else is
// printed there. What people read goes then where the world that it returns says.
func openReports(w world, data string, specs, kinds []string, hint string) (list []*reportFile, people world, err error) {
	people = w
	for _, spec := range specs {
		kind, path, ok := strings.Cut(spec, "=")
		if !ok || path == "" || !slices.Contains(kinds, kind) {
			closeReports(list)
			why := fmt.Errorf("%q: want %s=FILE", spec, strings.Join(kinds, ", "))
			if !ok || path == "" {
				return nil, w, usage(fmt.Errorf("--report: %w", why), hint)
			}
			command, _, _ := strings.Cut(hint, " --report ")
			return nil, w, badPart(command, "report", [3]string{1: kind, 2: "=" + path}, kinds, why, command+" --help")
		}
		if path == "-" {
			if data != "" {
				closeReports(list)
				return nil, w, usage(fmt.Errorf("%s, --report %s: want only one of them on standard output", data, spec), hint)
			}
			data, people.stdout = "--report "+spec, w.stderr
			list = append(list, &reportFile{kind: kind, stdout: w.stdout})
			continue
		}
		made := !fileExists(path)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644) // emptied when there is something to write
		if err != nil {
			closeReports(list)
			return nil, w, usage(fmt.Errorf("--report: %w", err), "")
		}
		list = append(list, &reportFile{kind: kind, file: f, made: made})
	}
	return list, people, nil
}

// closeReports leaves no report behind that was not written.
func closeReports(list []*reportFile) {
	for _, r := range list {
		if r.done || r.file == nil {
			continue
		}
		_ = r.file.Close()
		if r.made {
			_ = os.Remove(r.file.Name())
		}
	}
}

// write writes the report, whole, so that no secret is cut in two.
func (r *reportFile) write(w world, to func(io.Writer) error) error {
	r.done = true
	var text strings.Builder
	err := to(&text)
	switch {
	case r.stdout != nil && err == nil:
		_, err = io.WriteString(r.stdout, text.String())
		return err // which the stream remembers
	case r.stdout != nil:
		return unwritten("--report "+r.kind, err)
	case err != nil:
		return unwritten("--report "+r.kind, errors.Join(err, r.file.Close()))
	}
	err = r.file.Truncate(0)
	if err != nil && !isRegular(r.file) { // a pipe or a device cannot be
		err = nil
	}
	if err == nil {
		_, err = io.WriteString(r.file, w.secrets.hide(text.String()))
	}
	if err == nil {
		err = r.gone()
	}
	return unwritten("--report "+r.kind, errors.Join(err, r.file.Close()))
}

// gone says that the report would be nowhere: its file was there when the run
// began, and somebody took it away since.
func (r *reportFile) gone() error {
	if !isRegular(r.file) {
		return nil
	}
	own, err := r.file.Stat()
	if err != nil {
		return err
	}
	there, err := os.Stat(r.file.Name())
	if err == nil && !os.SameFile(own, there) {
		err = fmt.Errorf("%s was replaced during the run", r.file.Name())
	}
	return err
}

func isRegular(f *os.File) bool {
	st, err := f.Stat()
	return err == nil && st.Mode().IsRegular()
}
