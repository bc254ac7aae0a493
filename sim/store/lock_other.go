//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd)

package store

import "os"

// lock does nothing: these systems have no flock, and two processes that write
// to one journal are a mistake rather than a danger to be paid for with a
// dependency.
func lock(*os.File) error { return nil }

// swap puts next in the place of old, whose path it is, and returns the one to
// go on with. Windows renames no file that is open.
func swap(path string, old, next *os.File) (*os.File, error) {
	next.Close()
	old.Close()
	renamed := os.Rename(next.Name(), path)
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if renamed != nil {
		return file, renamed
	}
	return file, err
}
