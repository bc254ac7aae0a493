package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ringback/tui"
)

// shelf is where a screen puts what is taken away: files.
type shelf struct{}

// Do copies and saves.
func (s shelf) Do(o tui.Order) tui.Done {
	switch o := o.(type) {
	case tui.Copy:
		return s.copy(o)
	case tui.Save:
		mode := fs.FileMode(0o644)
		if o.Secret {
			mode = 0o600
		}
		return save(o.Name, strings.NewReader(string(o.Data)), mode)
	}
	return tui.Done{Err: fmt.Errorf("%T: cannot be done here", o)}
}

// copy writes a text into a file, since not every terminal takes it.
func (shelf) copy(o tui.Copy) tui.Done {
	if err := os.WriteFile(o.Name, []byte(o.Text), 0o600); err != nil {
		return tui.Done{Err: err}
	}
	return tui.Done{Note: "written to " + o.Name}
}

// save writes a new file. If the name is taken it takes the next: c-2.feature.
func save(name string, from io.Reader, mode fs.FileMode) tui.Done {
	ext := filepath.Ext(name)
	path := name
	for n := 2; ; n++ {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if errors.Is(err, fs.ErrExist) && n < 1000 {
			path = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(name, ext), n, ext)
			continue
		}
		if err != nil {
			return tui.Done{Err: err}
		}
		_, err = io.Copy(f, from)
		if err = errors.Join(err, f.Close()); err != nil {
			return tui.Done{Err: err}
		}
		return tui.Done{Note: "saved as " + path}
	}
}

// archive is a recording from which things can be taken away.
type archive struct {
	*tui.Recording
	shelf
}

// Do plays the recording, copies and saves.
func (a *archive) Do(o tui.Order) tui.Done {
	switch o.(type) {
	case tui.Copy, tui.Save:
		return a.shelf.Do(o)
	}
	return a.Recording.Do(o)
}
