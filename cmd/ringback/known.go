package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ringback/cmd/cli"
	"ringback/features/report"
	"ringback/sim/text"
)

const knownHint = "ringback verify --write-known-failures known-failures.txt"

// readKnown reads the list of --known-failures: a tag a line, and comments behind #. One
// that is to be written, too, may not be there yet.
func (c *verifyFlags) readKnown() (tags []string, err error) {
	if c.known == "" {
		return nil, nil
	}
	data, err := cli.ReadText(c.known)
	switch {
	case errors.Is(err, fs.ErrNotExist) && c.writeKnown != "" && filepath.Clean(c.writeKnown) == filepath.Clean(c.known):
		return nil, nil // a new list
	case err != nil:
		return nil, cli.Usage(fmt.Errorf("--known-failures: %w", err), knownHint)
	}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		line, _, _ := strings.Cut(string(line), "#")
		tag := strings.TrimSpace(line)
		switch {
		case tag == "":
		case tag[0] != '@' || len(strings.Fields(tag)) > 1:
			return nil, cli.Usage(fmt.Errorf("--known-failures: %s:%d: %s: want the tag of one scenario, like @an-event-callback-of-invite_user-is-acknowledged, or a comment behind #",
				c.known, n, text.Quote(tag, 60)), knownHint)
		default:
			tags = append(tags, tag)
		}
	}
	return tags, nil
}

// mayWriteKnown refuses to replace a list, unless under --force, before anything is
// sent.
func (c *verifyFlags) mayWriteKnown() error {
	if c.writeKnown == "" {
		return nil
	}
	if err := cli.OnlyFile("write-known-failures", c.writeKnown, knownHint); err != nil {
		return err
	}
	switch st, err := os.Stat(c.writeKnown); {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(c.writeKnown)); err != nil {
			return cli.Usage(fmt.Errorf("--write-known-failures: %w", err), knownHint)
		}
		return nil
	case err != nil:
		return cli.Usage(fmt.Errorf("--write-known-failures: %w", err), knownHint)
	case st.IsDir():
		return cli.Usage(fmt.Errorf("--write-known-failures: %s is a folder; want a file", c.writeKnown), knownHint)
	case st.Size() > 0 && !c.Force:
		return cli.Usage(fmt.Errorf("--write-known-failures: %s is not empty", c.writeKnown), cli.AsTyped+"--force   # replaces it")
	}
	return nil
}

// writeKnownFailures writes the list of what fails, and of what was known to and was not
// judged. The exit code is then 0, unless a scenario is at fault itself, or nothing was
// judged.
func (c *verifyFlags) writeKnownFailures(w cli.Env, rep *report.Report) error {
	if rep.Verdict() == "none" {
		return verdictOf(rep)
	}
	tags := rep.Failing()
	var b strings.Builder
	b.WriteString("# Scenarios of ringback verify that are known to fail: a tag a line.\n")
	for _, tag := range tags {
		b.WriteString(tag + "\n")
	}
	if err := os.WriteFile(c.writeKnown, []byte(b.String()), 0o644); err != nil {
		return cli.Unwritten("--write-known-failures", err)
	}
	text.Fprintf(w.Stderr, "ringback: %s written to %s\nhint: ringback verify --known-failures %s\n", text.Count(len(tags), "known failure"), c.writeKnown, text.Shell(c.writeKnown))
	if rep.Count(report.Errored) > 0 || slices.ContainsFunc(rep.Scenarios, func(s report.Result) bool { return s.Status == report.Failed && s.Tag == "" }) {
		return verdictOf(rep) // of the suite itself, which a list cannot name
	}
	return nil
}
