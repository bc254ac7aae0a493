package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"ringback/sim/journal"
)

// File is a journal that is being written. It is locked until it is closed, on systems
// that have locks, so that no other process can write to it. It is not safe for
// concurrent use.
type File struct {
	name   string // as the caller knows it
	path   string // absolute and without links: what a compaction replaces; "" if nothing can
	file   *os.File
	stream bool  // a device or a pipe
	size   int64 // where the last whole step ends
	torn   bool  // half a step may be behind that
	tail   Tail
	seq    uint64
	closer func() error // nil: the file's own
}

// Create opens a journal for a new run: a new file, or an empty one. A file that is not
// empty is left as it is; the error is a [NotEmptyError]. A device or a pipe is only
// written to.
func Create(path string) (*File, error) {
	return open(path, (*File).untouched)
}

// Replace is like [Create], but empties the file, whatever it holds.
func Replace(path string) (*File, error) {
	return open(path, func(*File) (int64, error) { return 0, nil })
}

// NotEmptyError means that a file for a new journal is not empty.
type NotEmptyError struct {
	Path    string // as the caller named it
	Journal bool   // it holds a journal, of any format, or the beginning of one
}

func (e *NotEmptyError) Error() string {
	what := "is no journal"
	if e.Journal {
		what = "holds a journal"
	}
	return fmt.Sprintf("%s exists and %s; it stays as it is", e.Path, what)
}

// Open opens a journal to continue it, or creates an empty one, and passes each of
// its events to fold, in order. A torn tail is cut off (see [File.Tail]). On an error,
// also one of fold, the file is unchanged.
//
// A device or a pipe is only written to.
func Open(path string, fold func(*journal.Event) error) (*File, error) {
	return open(path, func(f *File) (int64, error) { return f.recall(fold) })
}

// open opens the file and truncates it to the size that keep returns.
func open(path string, keep func(*File) (int64, error)) (*File, error) {
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		return openStream(path)
	}
	f, err := openLocked(path)
	if err != nil {
		return nil, err
	}
	if f.size, err = keep(f); err == nil {
		err = f.tidy()
	}
	if err != nil {
		f.file.Close()
		return nil, err
	}
	return f, nil
}

func openStream(path string) (*File, error) {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, named(path, err)
	}
	return &File{name: path, file: file, stream: true}, nil
}

// openLocked opens and locks the file. Between the two, the process that held the lock
// may have compacted the journal: the lock is then on a file that has been replaced.
func openLocked(path string) (*File, error) {
	for range 100 { // more is no coincidence
		f, err := tryLocked(path)
		if err != nil || f.current() {
			return f, err
		}
		f.file.Close()
	}
	return nil, fmt.Errorf("journal %s: it is replaced again and again", path)
}

func tryLocked(path string) (*File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, named(path, err)
	}
	if err := Lock(file); err != nil {
		file.Close()
		if errors.Is(err, errInUse) {
			return nil, fmt.Errorf("journal %s %w", path, err)
		}
		return nil, named(path, err)
	}
	return &File{name: path, path: realPath(path), file: file}, nil
}

var errInUse = errors.New("is in use by another ringback")

// realPath returns the absolute path of the file that links lead to. A path that leads
// nowhere is returned as it is; opening it fails later.
func realPath(path string) string {
	if p, err := filepath.EvalSymlinks(path); err == nil {
		path = p
	}
	if p, err := filepath.Abs(path); err == nil {
		path = p
	}
	return path
}

// current reports whether the path still leads to this file.
func (f *File) current() bool {
	is, err := f.file.Stat()
	if err != nil {
		return false
	}
	st, err := os.Stat(f.path)
	return err == nil && os.SameFile(st, is)
}

// untouched refuses a file that is not empty.
func (f *File) untouched() (int64, error) {
	st, err := f.file.Stat()
	if err != nil || st.Size() == 0 {
		return 0, named(f.name, err)
	}
	_, err = newLines(f.file).next()
	if err != nil && !errors.Is(err, errNoJournal) {
		return 0, named(f.name, err)
	}
	return 0, &NotEmptyError{Path: f.name, Journal: err == nil}
}

// recall keeps all whole steps, and passes their events to fold.
func (f *File) recall(fold func(*journal.Event) error) (int64, error) {
	p := newPass(f.file, fold)
	if err := p.run(); err != nil {
		return 0, f.refusal(err)
	}
	f.tail, f.seq = p.tail, p.released
	return p.whole, nil
}

// refusal says what is wrong with a file that is left as it is.
func (f *File) refusal(err error) error {
	if errors.Is(err, errNoJournal) {
		return &NotEmptyError{Path: f.name}
	}
	return named(f.name, err)
}

// tidy sets the mode of a file that is known to be a journal: it may hold the secrets of
// a configured URL's query.
func (f *File) tidy() error {
	if err := f.file.Chmod(0o600); err != nil {
		return named(f.name, err)
	}
	if err := f.file.Truncate(f.size); err != nil {
		return named(f.name, err)
	}
	f.sweep()
	return nil
}

// Tail returns what Open found at the end of the file.
func (f *File) Tail() Tail { return f.tail }

// Seq is the number of the last event that Open found, also if its kind is not
// known: the next one has the number that follows.
func (f *File) Seq() uint64 { return f.seq }

// Size returns the size of the file in bytes; 0 for a device or a pipe.
func (f *File) Size() int64 { return f.size }

// Append adds the lines of a whole step, with one write. When that fails, say
// because the disk is full, the file is cut back to the step before.
func (f *File) Append(lines []byte) error {
	if len(lines) == 0 { // a step in which nothing happened
		return nil
	}
	if err := check(lines); err != nil {
		return named(f.name, err)
	}
	if err := f.mend(); err != nil {
		return named(f.name, err)
	}
	if f.stream {
		n, err := f.file.Write(lines)
		f.torn = err != nil && n > 0
		return named(f.name, err)
	}
	if _, err := f.file.WriteAt(lines, f.size); err != nil {
		f.torn = true
		_ = f.mend() // or else the next Append does it
		return named(f.name, err)
	}
	f.size += int64(len(lines))
	return nil
}

// check refuses lines that could not be read again.
func check(lines []byte) error {
	var e extent
	if err := e.add(lines); err != nil {
		return err
	}
	return e.closed()
}

// mend truncates the file to its last whole step.
func (f *File) mend() error {
	if !f.torn {
		return nil
	}
	if f.stream {
		return errors.New("half a step was written, so nothing can follow it")
	}
	if err := f.file.Truncate(f.size); err != nil {
		return err
	}
	f.torn = false
	return nil
}

// named is an error about a journal of this name.
func named(name string, err error) error { return namedAs("journal", name, err) }

// namedAs is an error about a file of this name, and what it is.
func namedAs(what, name string, err error) error {
	if err == nil {
		return nil
	}
	if system, ok := err.(*fs.PathError); ok {
		err = system.Err // its path may be a temporary file's, or what a link leads to
	}
	if name != "" {
		name = " " + name
	}
	return fmt.Errorf("%s%s: %w", what, name, err)
}

// ReadAt reads what the file holds, of which the first [File.Size] bytes are whole
// steps.
func (f *File) ReadAt(p []byte, off int64) (int, error) { return f.file.ReadAt(p, off) }

// Close closes the file and gives up its lock.
func (f *File) Close() error {
	if f.closer != nil {
		return f.closer()
	}
	if !f.stream {
		Unlock(f.file)
	}
	return f.file.Close()
}
