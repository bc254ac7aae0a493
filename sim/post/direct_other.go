//go:build !unix

package post

import "net"

// direct is implemented on Unix only; elsewhere package net does the work.
type direct struct{}

func newDirect(net.Conn) *direct { return nil }

func (*direct) exchange(out, in []byte) (sent, n int, sendErr, readErr error) {
	panic("post: direct is not available")
}

func (*direct) alive() bool { return true }
