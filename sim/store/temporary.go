package store

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Names of temporary files. No other files have such names.
const tempPrefix, tempSuffix = "ringback-temporary-", ".ndjson"

// Temporary creates a journal that no later run continues: see [TempFile].
func Temporary() (*File, error) {
	file, closer, err := TempFile()
	if err != nil {
		return nil, err
	}
	return &File{name: file.Name(), file: file, closer: closer}, nil
}

// TempFile creates a file that is gone once closer is called or the process ends, in any
// way: the file is removed at once and stays open. On systems that cannot remove an open
// file, closer removes it, and the next TempFile removes those of killed processes.
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

// sweepTemp removes the temporary files of processes that were killed. Those in use have
// no name, or cannot be removed.
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
