package main

import (
	"context"
	"io"
	"os"
)

// interruptible is a file or a pipe that can be read until its context ends,
// also while nothing comes through the pipe.
type interruptible struct {
	from io.Reader
	ctx  context.Context
}

// Name returns the name of the file, for errors; "" for a pipe without one.
func (i interruptible) Name() string {
	if f, ok := i.from.(*os.File); ok {
		return f.Name()
	}
	return ""
}

func (i interruptible) Read(b []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	var n int
	var err error
	own, done := make([]byte, len(b)), make(chan struct{})
	go func() { // on a pipe without a writer it ends with the process
		n, err = i.from.Read(own)
		close(done)
	}()
	select {
	case <-i.ctx.Done():
		return 0, i.ctx.Err()
	case <-done:
		return copy(b, own[:n]), err
	}
}
