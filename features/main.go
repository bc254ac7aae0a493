package features

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ringback/features/report"
	"ringback/sim/text"
)

// Main plays a suite as `ringback verify` does, for a program or a test with steps of its
// own: it prints the verdict, writes reports like "junit=ringback.xml" (the kinds are those
// of [report.Writers]), and returns the exit code. Under GitHub Actions it also writes
// annotations and the summary.
//
//	os.Exit(features.Main(ctx, suite, "junit=ringback.xml", "html=ringback.html"))
func Main(ctx context.Context, s Suite, reports ...string) int {
	return mainTo(ctx, os.Stdout, os.Stderr, os.Getenv, s, reports)
}

// ExitCode is the exit code of `ringback verify` for what [Run] returned: 2, 130, 3, or that
// of the report. See `ringback help exit-codes`.
func ExitCode(rep *report.Report, err error) int {
	switch {
	case errors.Is(err, context.Canceled):
		return 130
	case errors.Is(err, ErrUnreachable):
		return 3
	case err != nil:
		return 2
	}
	return rep.ExitCode()
}

func mainTo(ctx context.Context, stdout, stderr io.Writer, getenv func(string) string, s Suite, reports []string) int {
	github := getenv("GITHUB_ACTIONS") != ""
	clean := func(write func(io.Writer) error) ([]byte, error) {
		var b bytes.Buffer
		err := write(&b)
		out := text.Stream{GitHub: github}
		return append(bytes.Clone(out.Clean(b.Bytes())), out.Flush()...), err
	}
	say := func(format string, args ...any) {
		words, _ := clean(func(w io.Writer) error { _, err := fmt.Fprintf(w, "ringback: "+format+"\n", args...); return err })
		_, _ = stderr.Write(words)
	}
	if err := checkReports(reports); err != nil {
		say("%v", err)
		return 2
	}
	if s.Note == nil {
		s.Note = func(text string) { say("warning: %s", text) }
	}
	if s.Hangs == nil {
		s.Hangs = s.Note
	}
	if s.Forbidden == nil {
		s.Forbidden = func(status int) {
			say("warning: the receiver refuses the first call: HTTP %d. Does it check signatures (features.Sign), or want a token in its URL?", status)
		}
	}
	s.inGo = true
	s.complete()
	fmt.Fprintf(stdout, "ringback  seed %d  epoch %s  run %s\n", s.Seed, s.Epoch.Time().Format(time.RFC3339), text.Line(s.Options.Run))
	rep, err := Run(ctx, s)
	code := ExitCode(rep, err)
	switch {
	case code == 130:
		say("interrupted; there is no verdict")
	case err != nil:
		say("%s", s.hide(err.Error()))
	}
	if rep == nil {
		return code
	}
	words, lost := clean(func(w io.Writer) error { return rep.WriteTerminal(w, report.TerminalOptions{}) })
	if _, err := stdout.Write(words); err != nil {
		lost = errors.Join(lost, err)
	}
	if github {
		lost = errors.Join(lost, rep.WriteAnnotations(stdout))
	}
	if path := getenv("GITHUB_STEP_SUMMARY"); path != "" {
		if err := appendTo(path, rep.WriteMarkdown); err != nil { // which no one asked this program for
			say("warning: GITHUB_STEP_SUMMARY: %v", err)
		}
	}
	for _, r := range reports {
		kind, path, _ := strings.Cut(r, "=")
		var b bytes.Buffer
		err := report.Writers[kind](rep, &b)
		if err == nil {
			err = os.WriteFile(path, b.Bytes(), 0o644)
		}
		lost = errors.Join(lost, err)
	}
	if lost != nil {
		say("%v", lost)
		return 2
	}
	return code
}

// checkReports finds what is wrong with reports that are asked for, before anything is sent.
func checkReports(list []string) error {
	seen := map[string]bool{}
	for _, r := range list {
		kind, path, _ := strings.Cut(r, "=")
		if report.Writers[kind] == nil || path == "" || path == "-" {
			return fmt.Errorf("report %s: want KIND=FILE, with one of %s; try: %s", text.Quote(r, maxQuoted), strings.Join(slices.Sorted(maps.Keys(report.Writers)), ", "), `"junit=ringback.xml"`)
		}
		if path = filepath.Clean(path); seen[path] {
			return fmt.Errorf("report %s: another report is written to this file; want two", text.Quote(r, maxQuoted))
		}
		seen[path] = true
		if st, err := os.Stat(filepath.Dir(path)); err != nil || !st.IsDir() {
			return fmt.Errorf("report %s: there is no folder %s", text.Quote(r, maxQuoted), filepath.Dir(path))
		}
	}
	return nil
}

// appendTo adds what is written to a file that others write to, too.
func appendTo(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
