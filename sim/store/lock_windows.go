package store

import (
	"errors"
	"math"
	"os"

	"golang.org/x/sys/windows"
)

// Lock locks an open file, until it is closed or its process ends. It covers one
// byte far beyond the end: on Windows a lock keeps others from reading, too, and a
// journal may be looked at while it is written.
func Lock(file *os.File) error {
	at := &windows.Overlapped{Offset: math.MaxUint32, OffsetHigh: math.MaxInt32}
	err := windows.LockFileEx(windows.Handle(file.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	if errors.Is(err, windows.ERROR_LOCK_VIOLATION) || errors.Is(err, windows.ERROR_IO_PENDING) {
		return errInUse
	}
	return err
}

// Unlock does nothing: no other process has a copy of the handle.
func Unlock(*os.File) {}

// swap puts next in the place of old, whose path it is, and returns the one to
// go on with. Windows renames no file that is open, so the lock is taken again.
func swap(path string, old, next *os.File) (*os.File, error) {
	next.Close()
	old.Close()
	renamed := os.Rename(next.Name(), path)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return file, errors.Join(renamed, err)
	}
	return file, errors.Join(renamed, Lock(file))
}
