package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// Compact replaces the file by what write writes: a journal of whole steps with its
// header. It is written to a second file first, so that a crash at any time leaves one or
// the other; if anything fails, the old file remains in use.
func (f *File) Compact(write func(io.Writer) error) error {
	if err := f.compact(write); err != nil {
		return fmt.Errorf("journal %s is not compacted: %w", f.name, err)
	}
	return nil
}

func (f *File) compact(write func(io.Writer) error) error {
	switch {
	case f.stream:
		return errors.New("it is a device or a pipe")
	case f.path == "":
		return errors.New("it is a temporary file")
	}
	f.sweep()
	next, err := os.OpenFile(f.beside(), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	size, err := fill(next, write)
	if err == nil && !f.current() {
		err = errors.New("the file was removed or replaced meanwhile")
	}
	if err == nil {
		f.file, err = swap(f.path, f.file, next)
	}
	if err != nil {
		next.Close()
		os.Remove(next.Name())
		return err
	}
	f.size, f.torn = size, false
	return nil
}

// fill writes and locks a file that is to become the journal. It is locked before it has
// the journal's name, so that no other process can lock it first.
func fill(file *os.File, write func(io.Writer) error) (int64, error) {
	if err := Lock(file); err != nil {
		return 0, err
	}
	w := &measured{w: bufio.NewWriterSize(file, 64<<10)}
	if err := write(w); err != nil {
		return 0, err
	}
	if err := w.closed(); err != nil {
		return 0, err
	}
	if err := w.w.Flush(); err != nil {
		return 0, err
	}
	return w.size, file.Sync() // or else a crash of the machine could leave an empty journal
}

// measured counts the bytes written, and refuses lines that could not be read again.
type measured struct {
	w *bufio.Writer
	extent
}

func (m *measured) Write(p []byte) (int, error) {
	if err := m.add(p); err != nil {
		return 0, err
	}
	return m.w.Write(p)
}

// beside is where a compaction writes. The name belongs to the process that holds the
// journal's lock.
func (f *File) beside() string { return f.path + ".ringback-compacting" }

// sweep removes what a crash in the middle of a compaction left behind. If that
// fails, the next compaction says so.
func (f *File) sweep() {
	if st, err := os.Lstat(f.beside()); err == nil && st.Mode().IsRegular() {
		os.Remove(f.beside())
	}
}
