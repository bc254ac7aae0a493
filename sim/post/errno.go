//go:build !windows

package post

import "syscall"

const (
	errRefused = syscall.ECONNREFUSED
	errReset   = syscall.ECONNRESET
	errAborted = syscall.ECONNABORTED
	errNoPorts = syscall.EADDRNOTAVAIL
)

// ownFaults lists the system errors that mean that this machine lacks something.
var ownFaults = []ownFault{
	{syscall.EMFILE, noFilesHelp},
	{syscall.ENFILE, noFilesHelp},
	{errNoPorts, noPortsHelp},
	{syscall.ENOBUFS, noMemoryHelp},
	{syscall.ENOMEM, noMemoryHelp},
	{syscall.EPERM, forbiddenHelp},
	{syscall.EACCES, forbiddenHelp},
}
