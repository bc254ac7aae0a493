//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package store

import (
	"errors"
	"os"
	"syscall"
)

// Lock locks an open file, until it is closed or its process ends. It belongs
// to the handle, so that the same process can't have it twice either. A file
// system without locks goes without.
func Lock(file *os.File) error {
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

// Unlock gives the lock back before the file is closed. A program that is just being
// started has a copy of the handle until it runs, and with it the lock.
func Unlock(file *os.File) { _ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN) }

// swap puts next in the place of old, whose path it is, and returns the one to
// go on with.
func swap(path string, old, next *os.File) (*os.File, error) {
	if err := os.Rename(next.Name(), path); err != nil {
		return old, err
	}
	Unlock(old)
	old.Close()
	return next, nil
}
