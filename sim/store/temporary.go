package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Names of temporary files. No file that somebody wants to keep has one.
const tempPrefix, tempSuffix = "ringback-temporary-", ".ndjson"

// Temporary makes a journal for a run that no one goes on with: see [TempFile].
func Temporary() (*File, error) {
	file, closer, err := TempFile()
	if err != nil {
		return nil, err
	}
	return &File{name: file.Name(), file: file, closer: closer}, nil
}

// TempFile makes a file that is gone when closer has closed it, or when its
// process has ended, however that ended: it loses its name at once. Where an open
// file can't lose it, closer removes the file, and the next TempFile what a
// process left that was killed.
func TempFile() (file *os.File, closer func() error, err error) {
	sweepTemp()
	if file, err = os.CreateTemp("", tempPrefix+"*"+tempSuffix); err != nil {
		return nil, nil, err
	}
	if err := os.Remove(file.Name()); err == nil || errors.Is(err, fs.ErrNotExist) { // another process may have swept it
		return file, file.Close, nil
	}
	return file, func() error { return errors.Join(file.Close(), os.Remove(file.Name())) }, nil
}

// sweepTemp removes the temporary files of processes that were killed. Those
// that are in use have no name any more, or can't be removed.
func sweepTemp() {
	dir := os.TempDir()
	entries, _ := os.ReadDir(dir) // what can't be read is not swept
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), tempPrefix)
		if number, ends := strings.CutSuffix(number, tempSuffix); ok && ends && e.Type().IsRegular() && strings.Trim(number, "0123456789") == "" {
			_ = os.Remove(filepath.Join(dir, e.Name()))
		}
	}
}
