package post

import "syscall"

// What Windows says where others say ECONNREFUSED and ECONNRESET; package
// syscall invents numbers of its own for those names.
const (
	errRefused   = syscall.Errno(10061) // WSAECONNREFUSED
	errReset     = syscall.WSAECONNRESET
	errAborted   = syscall.WSAECONNABORTED
	errNoPorts   = syscall.Errno(10049) // WSAEADDRNOTAVAIL
	errNoFiles   = syscall.Errno(10024) // WSAEMFILE
	errNoBuffers = syscall.Errno(10055) // WSAENOBUFS
)
