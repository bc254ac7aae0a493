package post

import "syscall"

// What Windows says where others say ECONNREFUSED and ECONNRESET; package
// syscall invents numbers of its own for those names.
const (
	errRefused = syscall.Errno(10061) // WSAECONNREFUSED
	errReset   = syscall.WSAECONNRESET
	errAborted = syscall.WSAECONNABORTED
	errNoPorts = syscall.Errno(10049) // WSAEADDRNOTAVAIL
)

// ownFaults lists the system errors that mean that this machine lacks something.
var ownFaults = []ownFault{
	{syscall.Errno(10024), noFilesHelp}, // WSAEMFILE
	{errNoPorts, noPortsHelp},
	{syscall.Errno(10055), noMemoryHelp},  // WSAENOBUFS
	{syscall.Errno(10013), forbiddenHelp}, // WSAEACCES
}
