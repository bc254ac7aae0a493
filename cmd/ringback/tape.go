package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"ringback/sim/journal"
	"ringback/sim/recording"
	"ringback/sim/store"
	"ringback/tui"
)

// tape is a file with a journal or a recording, as the screen reads it. A pipe is copied
// into a temporary file, so that it can be read again.
type tape struct {
	ctx      context.Context
	path     string
	follow   bool   // what is added to the file is read, too
	recorded bool   // it is a recording
	target   string // of the recording

	mu   sync.Mutex // guards file
	file source
}

// source is what a tape reads.
type source interface {
	io.ReaderAt
	io.Closer
	Stat() (os.FileInfo, error)
}

// openTape opens a file. What its beginning shows to be wrong is an error.
func openTape(ctx context.Context, path string, follow bool) (*tape, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	t := &tape{ctx: ctx, path: path, follow: follow, file: f}
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		if t.file, err = newSpool(ctx, f); err != nil {
			return nil, err
		}
	}
	if err := t.begin(); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

// Close closes the file.
func (t *tape) Close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.file.Close()
}

var errEnough = errors.New("that is enough")

// begin looks at the beginning of the file.
func (t *tape) begin() error {
	r := recording.NewReader(bufio.NewReader(t.once(t.ctx)))
	if begin, err := bufio.NewReader(t.once(t.ctx)).Peek(headerSize); recording.Begins(begin) {
		header, err := r.Header()
		t.recorded, t.target = true, header.Target
		return err
	} else if t.ctx.Err() != nil {
		return err
	}
	_, err := store.Read(t.once(t.ctx), func(*journal.Event) error { return errEnough })
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// headerSize is enough of a file to see what it is.
const headerSize = 64

// check reads the whole file, for screens that no one watches while it is read.
func (t *tape) check() error {
	st := journal.NewState(journal.Keep) // there may be manual copies of callbacks of calls that were over
	_, err := store.Read(t.once(t.ctx), st.Apply)
	return err
}

// once reads the file from its beginning to its present end.
func (t *tape) once(ctx context.Context) *growing {
	t.mu.Lock()
	defer t.mu.Unlock()
	return &growing{ctx: ctx, path: t.path, file: t.file}
}

// whole is the file with its present size.
func (t *tape) whole() (file io.ReaderAt, size int64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	info, err := t.file.Stat()
	if err != nil {
		return nil, 0, err
	}
	return t.file, info.Size(), nil
}

// Open begins to read the file.
func (t *tape) Open() tui.TapeReader {
	ctx, cancel := context.WithCancel(t.ctx)
	r := &tapeReader{batches: make(chan []*journal.Event, 4), cancel: cancel, ctx: ctx, again: t.follow && t.recorded, began: time.Now()}
	r.source = t.once(ctx)
	if t.follow && !t.recorded {
		r.source.idle = r.setIdle
	}
	go r.run(t)
	return r
}

// reopen opens what has the file's name now.
func (t *tape) reopen() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if f, err := os.Open(t.path); err == nil {
		t.file.Close()
		t.file = f
	}
}

// growing is a file as a reader, which may wait for more at the end.
type growing struct {
	ctx   context.Context
	path  string
	file  source
	at    atomic.Int64 // bytes that were read
	flush func() error // called before each read
	idle  func(bool)   // called at the end, with which a read waits; nil: it ends there
}

// Name returns the name of the file, for errors.
func (g *growing) Name() string { return g.path }

// poll is how often a file is asked whether it has grown.
const poll = 100 * time.Millisecond

// Read reads on.
func (g *growing) Read(b []byte) (int, error) {
	if g.flush != nil {
		if err := g.flush(); err != nil {
			return 0, err
		}
	}
	for {
		if err := g.ctx.Err(); err != nil {
			return 0, err
		}
		n, err := g.file.ReadAt(b, g.at.Load())
		g.at.Add(int64(n))
		switch {
		case n > 0:
			return n, nil
		case !errors.Is(err, io.EOF) || g.idle == nil:
			return 0, err
		case g.replaced():
			return 0, tui.ErrReplaced
		}
		g.idle(true)
		t := time.NewTimer(poll)
		select {
		case <-t.C:
		case <-g.ctx.Done():
		}
		t.Stop()
		g.idle(false)
	}
}

// replaced reports whether the file is another one now, as after a compaction, or was cut.
func (g *growing) replaced() bool {
	was, err := g.file.Stat()
	if err != nil || was.Size() < g.at.Load() {
		return err == nil
	}
	is, err := os.Stat(g.path)
	return err == nil && !os.SameFile(was, is)
}

// tapeReader reads a tape in a goroutine, some events ahead.
type tapeReader struct {
	source  *growing
	ctx     context.Context
	cancel  context.CancelFunc
	batch   []*journal.Event // to be handed over
	batches chan []*journal.Event

	again bool // what is added shows only when all is read again
	began time.Time

	mu   sync.Mutex // guards what follows
	tail store.Tail
	err  error
	took time.Duration // to read all
	idle bool          // it waits at the end of the file
}

// maxAhead is how many events are handed over at once.
const maxAhead = 2000

func (r *tapeReader) run(t *tape) {
	defer close(r.batches)
	r.source.flush = r.flush
	tail, err := store.Read(r.source, func(e *journal.Event) error {
		if r.batch = append(r.batch, e); len(r.batch) >= maxAhead {
			return r.flush()
		}
		return nil
	})
	_ = r.flush()
	switch {
	case err == nil:
		err = io.EOF
	case errors.Is(err, tui.ErrReplaced):
		t.reopen()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tail, r.err, r.took = tail, err, time.Since(r.began)
}

// flush hands over what was read.
func (r *tapeReader) flush() error {
	if len(r.batch) == 0 {
		return nil
	}
	select {
	case r.batches <- r.batch:
		r.batch = nil
		return nil
	case <-r.ctx.Done():
		return r.ctx.Err()
	}
}

// lookWait is how long a look at the tape waits for it.
const lookWait = 50 * time.Millisecond

// Next returns the next events.
func (r *tapeReader) Next() ([]*journal.Event, error) {
	idle := r.waits() // first: what comes meanwhile is handed over before it is idle again
	select {
	case b, ok := <-r.batches:
		return r.got(b, ok)
	default:
	}
	if idle {
		return nil, io.EOF
	}
	timer := time.NewTimer(lookWait)
	defer timer.Stop()
	select {
	case b, ok := <-r.batches:
		return r.got(b, ok)
	case <-timer.C:
		return nil, nil
	}
}

func (r *tapeReader) got(b []*journal.Event, ok bool) ([]*journal.Event, error) {
	if ok {
		return b, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.again && errors.Is(r.err, io.EOF) && r.grown() && time.Since(r.began) > max(time.Second, 10*r.took) {
		return nil, tui.ErrReplaced
	}
	return nil, r.err
}

// grown reports whether the file is longer than what was read.
func (r *tapeReader) grown() bool {
	read, of := r.Progress()
	return of > read
}

// waits reports whether it waits at the end of the file.
func (r *tapeReader) waits() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.idle
}

func (r *tapeReader) setIdle(on bool) {
	r.mu.Lock()
	r.idle = on
	r.mu.Unlock()
}

// Progress returns bytes.
func (r *tapeReader) Progress() (read, of int64) {
	if info, err := r.source.file.Stat(); err == nil {
		of = info.Size()
	}
	return r.source.at.Load(), of
}

// Note says what was left out.
func (r *tapeReader) Note() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.tail.String()
}

// Close ends reading.
func (r *tapeReader) Close() { r.cancel() }

// spool is a pipe that can be read at any place: what came through it is kept in a
// temporary file.
type spool struct {
	from  *os.File
	pipe  io.Reader
	file  *os.File
	close func() error

	waits sync.Mutex // held while something reads from the pipe; guards block
	block []byte

	mu   sync.Mutex // guards what follows
	size int64
	err  error // of the pipe, at its end
}

func newSpool(ctx context.Context, from *os.File) (*spool, error) {
	file, closer, err := store.TempFile()
	if err != nil {
		from.Close()
		return nil, err
	}
	return &spool{from: from, pipe: interruptible{from, ctx}, file: file, close: closer, block: make([]byte, 64<<10)}, nil
}

// ReadAt reads what came through the pipe, and waits for it.
func (s *spool) ReadAt(b []byte, at int64) (int, error) {
	size, err := s.there()
	for size <= at && err == nil {
		size, err = s.more(size)
	}
	if size <= at {
		return 0, err
	}
	return s.file.ReadAt(b[:min(int64(len(b)), size-at)], at)
}

// there returns how much came through the pipe, and its error at its end.
func (s *spool) there() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.size, s.err
}

// more waits until more came than so much. Others read meanwhile what is there.
func (s *spool) more(than int64) (int64, error) {
	s.waits.Lock()
	defer s.waits.Unlock()
	if size, err := s.there(); size > than || err != nil {
		return size, err
	}
	n, err := s.pipe.Read(s.block)
	if _, failed := s.file.Write(s.block[:n]); failed != nil {
		err = failed
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size, s.err = s.size+int64(n), err
	return s.size, s.err
}

// Stat describes the temporary file.
func (s *spool) Stat() (os.FileInfo, error) { return s.file.Stat() }

// Close ends the pipe.
func (s *spool) Close() error { return errors.Join(s.from.Close(), s.close()) }
