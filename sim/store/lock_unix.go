//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package store

import (
	"errors"
	"os"
	"syscall"
)

// lock locks an open file, until it is closed or its process ends. It belongs
// to the handle, so that the same process can't have it twice either. A file
// system without locks goes without.
func lock(file *os.File) error {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == syscall.EINTR:
		case err == syscall.EWOULDBLOCK:
			return errInUse
		case errors.Is(err, errors.ErrUnsupported):
			return nil
		default:
			return err
		}
	}
}

// swap puts next in the place of old, whose path it is, and returns the one to
// go on with.
func swap(path string, old, next *os.File) (*os.File, error) {
	if err := os.Rename(next.Name(), path); err != nil {
		return old, err
	}
	old.Close()
	return next, nil
}
