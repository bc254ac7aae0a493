package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

// ReportFile is a report that was asked for.
type ReportFile struct {
	Kind   string
	file   *os.File
	made   bool // it was created
	done   bool
	stdout io.Writer // instead of a file
}

// OpenReports opens the files before anything is sent, so that a run whose report cannot
// be written does not begin. An existing file is replaced. "-" is standard output; data
// names what else is printed there, "" for nothing. Text for people goes to the Env
// returned, whose Stdout is stderr then.
func OpenReports(w Env, data string, specs, kinds []string, hint string) (list []*ReportFile, people Env, err error) {
	people = w
	for _, spec := range specs {
		kind, path, ok := strings.Cut(spec, "=")
		if !ok || path == "" || !slices.Contains(kinds, kind) {
			CloseReports(list)
			why := fmt.Errorf("%q: want %s=FILE", spec, strings.Join(kinds, ", "))
			if !ok || path == "" {
				return nil, w, Usage(fmt.Errorf("--report: %w", why), hint)
			}
			command, _, _ := strings.Cut(hint, " --report ")
			return nil, w, BadPart(command, "report", [3]string{1: kind, 2: "=" + path}, kinds, why, command+" --help")
		}
		if path == "-" {
			if data != "" {
				CloseReports(list)
				return nil, w, Usage(fmt.Errorf("%s, --report %s: want only one of them on standard output", data, spec), hint)
			}
			data, people.Stdout = "--report "+spec, w.Stderr
			list = append(list, &ReportFile{Kind: kind, stdout: w.Stdout})
			continue
		}
		made := !fileExists(path)
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644) // emptied when there is something to write
		if err != nil {
			CloseReports(list)
			return nil, w, Usage(fmt.Errorf("--report: %w", err), "")
		}
		r := &ReportFile{Kind: kind, file: f, made: made}
		for _, o := range list {
			if r.is(o.file) {
				_ = f.Close()
				CloseReports(list)
				return nil, w, Usage(fmt.Errorf("--report: %s: want a file for each report", path), hint)
			}
		}
		list = append(list, r)
	}
	return list, people, nil
}

// is reports whether a file, which may be nil, is the report's, and one whose content would
// be replaced.
func (r *ReportFile) is(file *os.File) bool {
	if r.file == nil || file == nil || !isRegular(r.file) {
		return false
	}
	own, err := r.file.Stat()
	other, err2 := file.Stat()
	return err == nil && err2 == nil && os.SameFile(own, other)
}

// Replaces reports whether one of the reports would be written over a file.
func Replaces(list []*ReportFile, file *os.File) bool {
	return slices.ContainsFunc(list, func(r *ReportFile) bool { return r.is(file) })
}

// CloseReports closes the files, and removes those that were created and not written.
func CloseReports(list []*ReportFile) {
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

// Write writes the report, whole, so that no secret is cut in two.
func (r *ReportFile) Write(w Env, to func(io.Writer) error) error {
	r.done = true
	var text strings.Builder
	err := to(&text)
	switch {
	case r.stdout != nil && err == nil:
		_, err = io.WriteString(r.stdout, text.String())
		return err // which the stream remembers
	case r.stdout != nil:
		return Unwritten("--report "+r.Kind, err)
	case err != nil:
		return Unwritten("--report "+r.Kind, errors.Join(err, r.file.Close()))
	}
	err = r.file.Truncate(0)
	if err != nil && !isRegular(r.file) { // a pipe or a device cannot be
		err = nil
	}
	if err == nil {
		_, err = io.WriteString(r.file, w.Secrets.Hide(text.String()))
	}
	if err == nil {
		err = r.gone()
	}
	return Unwritten("--report "+r.Kind, errors.Join(err, r.file.Close()))
}

// gone is an error if the file of the report was removed or replaced since the run began.
func (r *ReportFile) gone() error {
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

// Append adds what is written to a file that others write to, too, without secrets.
func Append(w Env, path string, write func(io.Writer) error) error {
	var text strings.Builder
	if err := write(&text); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, w.Secrets.Hide(text.String()))
	return errors.Join(err, f.Close())
}
