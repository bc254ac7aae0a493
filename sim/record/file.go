package record

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"ringback/sim/recording"
	"ringback/sim/store"
)

// File is a recording that is being written, by one process at a time. It is safe for
// concurrent use. A line is in the file, written by the system, when the call that
// writes it returns: a process that is killed loses none.
type File struct {
	// Failing is told when a line can't be written, unless the one before could not be
	// either; it may be nil.
	Failing func(error)

	path string
	file *os.File

	mu     sync.Mutex
	size   int64 // of the lines that are whole; -1: a device or a pipe
	n      int64 // of the latest exchange
	before int64 // exchanges that were there
	torn   int64 // bytes that were cut off
	known  recording.Deliveries
	buf    []byte
	lost   int   // lines that could not be written
	err    error // why, the first time
	failed bool  // the latest
}

// ErrOtherTarget means that a file holds a recording of another receiver.
var ErrOtherTarget = errors.New("is a recording of another target")

// NotRecordingError means that a file is there, and that it is not one to go on with.
type NotRecordingError struct {
	Path string
	Why  error
}

func (e *NotRecordingError) Error() string {
	return fmt.Sprintf("%s: %v; it stays as it is", e.Path, e.Why)
}

func (e *NotRecordingError) Unwrap() error { return e.Why }

// Open makes a recording, or goes on with one of the same target: its numbers go on, a
// torn last line is cut off, and exchanges that had no end are written down as lost. A
// file with anything else in it is a [*NotRecordingError] and stays as it is. The file's
// mode is 0600. A device or a pipe is only written to.
func Open(path string, h recording.Header) (*File, error) {
	if st, err := os.Stat(path); err == nil && !st.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		f := &File{path: path, file: file, size: -1}
		return f, f.begin(h)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, file: file}
	if err := f.open(h); err != nil {
		file.Close()
		return nil, err
	}
	return f, nil
}

func (f *File) open(h recording.Header) error {
	if err := store.Lock(f.file); err != nil {
		return fmt.Errorf("%s %w", f.path, err)
	}
	st, err := f.file.Stat()
	if err != nil {
		return err
	}
	var lost []int64
	if st.Size() > 0 {
		if lost, err = f.recall(h, st.Size()); err != nil {
			return err
		}
	}
	if err := f.file.Chmod(0o600); err != nil {
		return err
	}
	if err := f.file.Truncate(f.size); err != nil {
		return err
	}
	if _, err := f.file.Seek(f.size, io.SeekStart); err != nil {
		return err
	}
	if f.size == 0 {
		return f.begin(h)
	}
	for _, n := range lost {
		f.buf = recording.AppendAnswer(f.buf[:0], n, time.Now(), &recording.Answer{Outcome: recording.Lost}, false)
		if !f.write() {
			return f.err
		}
	}
	return nil
}

func (f *File) begin(h recording.Header) error {
	f.buf = recording.AppendHeader(f.buf[:0], h)
	f.write()
	return f.err
}

// recall reads what is there, and says which exchanges have no end.
func (f *File) recall(h recording.Header, size int64) (lost []int64, err error) {
	no := func(why error) error { return &NotRecordingError{f.path, why} }
	r := recording.NewReader(f.file)
	was, err := r.Header()
	switch {
	case err != nil && f.tornHeader(h, size):
		f.torn = size
		return nil, nil
	case err != nil:
		return nil, no(err)
	case was.Target != h.Target:
		return nil, no(ErrOtherTarget)
	}
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, no(err)
		}
		f.n = max(f.n, e.N)
		f.before++
		f.known.First(e)
		if e.Answer.Outcome == recording.Unknown {
			lost = append(lost, e.N)
		}
	}
	flaws := r.Flaws()
	if flaws.Joined > 0 {
		return nil, no(errors.New("is several recordings in one file"))
	}
	f.torn, f.size = flaws.Torn, size-flaws.Torn
	return lost, nil
}

// tornHeader reports whether the file is the beginning of its first line.
func (f *File) tornHeader(h recording.Header, size int64) bool {
	line := recording.AppendHeader(nil, h)
	b := make([]byte, len(line))
	n, _ := f.file.ReadAt(b, 0)
	return int64(n) == size && n < len(line) && bytes.HasPrefix(line, b[:n])
}

// Before is how many exchanges there were when it was opened, and how many bytes of a
// torn line were cut off.
func (f *File) Before() (exchanges, torn int64) { return f.before, f.torn }

// first writes the first line of a request, and numbers it. ok is false if it could not
// be written, and then no other line of the exchange may be.
func (f *File) first(e *recording.Exchange, key recording.Key, more bool) (ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.n++
	e.N = f.n
	return f.request(e, key, more)
}

// later writes a later one.
func (f *File) later(e *recording.Exchange, key recording.Key, more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.request(e, key, more)
}

func (f *File) request(e *recording.Exchange, key recording.Key, more bool) bool {
	e.Delivery = f.known.FirstOf(key, e.N)
	f.buf = recording.AppendRequest(f.buf[:0], e, more)
	return f.write()
}

func (f *File) answer(n int64, at time.Time, a *recording.Answer, more bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buf = recording.AppendAnswer(f.buf[:0], n, at, a, more)
	f.write()
}

// write writes the line in buf. If that fails, say because the disk is full, the file is
// cut back to the line before, so that later ones can be read.
func (f *File) write() bool {
	n, err := f.file.Write(f.buf)
	if err == nil {
		if f.size >= 0 {
			f.size += int64(n)
		}
		f.failed = false
		return true
	}
	if f.size >= 0 && n > 0 {
		_ = f.file.Truncate(f.size)
		_, _ = f.file.Seek(f.size, io.SeekStart)
	}
	f.lost++
	if f.err == nil {
		f.err = err
	}
	if !f.failed && f.Failing != nil {
		f.Failing(err)
	}
	f.failed = true
	return false
}

// Failed is the first error of writing, and how many lines could not be written.
func (f *File) Failed() (lines int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.lost, f.err
}

// Close closes the file. The error is the first of those of writing.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	store.Unlock(f.file)
	err := f.file.Close()
	if f.err != nil {
		err = f.err
	}
	return err
}
