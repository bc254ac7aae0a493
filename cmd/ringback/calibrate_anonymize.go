package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"ringback/cmd/cli"
	"ringback/sim/calibrate"
	"ringback/sim/recording"
	"ringback/sim/text"
)

// anonymous is the file of --anonymize. Without one it takes nothing.
type anonymous struct {
	*calibrate.Anonymizer
	path  string
	file  *os.File
	w     *bufio.Writer
	line  []byte
	n     int64
	deeds map[string]calibrate.Deed // what was said of calls, by the beginnings of their ids
	said  map[string]calibrate.Deed // by the ids that they have in the file
}

// newAnonymous creates the file. One that is there stays as it is.
func newAnonymous(path string, deeds map[string]calibrate.Deed) (*anonymous, error) {
	if path == "" {
		return nil, nil
	}
	const hint = "ringback calibrate monday.ndjson --anonymize shared.ndjson"
	if err := cli.OnlyFile("anonymize", path, hint); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil, cli.Usage(fmt.Errorf("--anonymize: %s exists; it stays as it is, want the name of a new file", path), hint)
	case err != nil:
		return nil, cli.Usage(fmt.Errorf("--anonymize: %w", err), hint)
	}
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	return &anonymous{Anonymizer: calibrate.NewAnonymizer(key), path: path, file: file, w: bufio.NewWriterSize(file, 256<<10), deeds: deeds, said: map[string]calibrate.Deed{}}, nil
}

// add writes an exchange.
func (a *anonymous) add(s *calibrate.Source, e *recording.Exchange) error {
	if a == nil {
		return nil
	}
	for id, deed := range a.deeds {
		if e.Call != "" && strings.HasPrefix(e.Call, id) {
			a.said[a.Call(e.Call)] = deed
		}
	}
	a.n++
	a.line = a.Append(a.line[:0], s, e)
	if _, err := a.w.Write(a.line); err != nil {
		return fmt.Errorf("--anonymize: %w", err)
	}
	return nil
}

// close completes the file, or removes it if the run failed.
func (a *anonymous) close(w cli.Env, failed error) error {
	if a == nil {
		return failed
	}
	err := errors.Join(a.w.Flush(), a.file.Close())
	if err != nil {
		err = cli.Usage(fmt.Errorf("--anonymize: %w", err), "")
	}
	if err = errors.Join(failed, err); err != nil {
		_ = os.Remove(a.path)
		return err
	}
	text.Fprintf(w.Stderr, "%s: %s without ids, addresses, names and texts; the times are moved\n", a.path, text.Count(a.n, "exchange"))
	for _, id := range slices.Sorted(maps.Keys(a.said)) {
		text.Fprintf(w.Stderr, "in the new file use --call %s=%s\n", id, string(a.said[id]))
	}
	return nil
}
