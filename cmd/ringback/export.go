package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"ringback/tui"
)

// exporter writes what is copied or saved on a screen to files.
type exporter struct{}

// Do copies and saves.
func (s exporter) Do(o tui.Command) tui.Done {
	switch o := o.(type) {
	case tui.Copy:
		return s.copy(o)
	case tui.Save:
		mode := fs.FileMode(0o644)
		if o.Secret {
			mode = 0o600
		}
		return withToken(save(o.Name, bytes.NewReader(o.Data), mode), o.Token)
	}
	return tui.Done{Err: fmt.Errorf("%T: cannot be done here", o)}
}

// copy writes a text to a file, since not every terminal has a clipboard.
func (exporter) copy(o tui.Copy) tui.Done {
	if err := os.WriteFile(o.Name, []byte(o.Text), 0o600); err != nil {
		return tui.Done{Err: err}
	}
	return withToken(tui.Done{Note: "written to " + o.Name}, o.Token)
}

// withToken says that what was copied or saved holds a secret.
func withToken(d tui.Done, token bool) tui.Done {
	if token && d.Err == nil {
		d.Note += "; contains your token"
	}
	return d
}

// save writes a new file.
func save(name string, from io.Reader, mode fs.FileMode) tui.Done {
	f, err := createNew(name, mode)
	if err != nil {
		return tui.Done{Err: err}
	}
	_, err = io.Copy(f, from)
	if err = errors.Join(err, f.Close()); err != nil {
		return tui.Done{Err: err}
	}
	return tui.Done{Note: "saved as " + f.Name()}
}

// createNew creates a new file. If the name is taken it uses the next one:
// call-1-2.feature.
func createNew(name string, mode fs.FileMode) (f *os.File, err error) {
	for path := range numbered(name) {
		if f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode); !errors.Is(err, fs.ErrExist) {
			break
		}
	}
	return f, err
}

// numbered yields a name, and the next ones to use if it is taken.
func numbered(name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		ext := filepath.Ext(name)
		for n, path := 2, name; n <= 1000 && yield(path); n++ {
			path = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
		}
	}
}
