//go:build !windows

package post

import "syscall"

const (
	errRefused   = syscall.ECONNREFUSED
	errReset     = syscall.ECONNRESET
	errAborted   = syscall.ECONNABORTED
	errNoPorts   = syscall.EADDRNOTAVAIL
	errNoFiles   = syscall.EMFILE
	errNoBuffers = syscall.ENOBUFS
)
