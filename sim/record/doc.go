// Package record is a reverse proxy that changes nothing and writes down what passes: a
// recording of what a client, such as the real service, and a receiver say to each other.
//
// Bytes are passed on as they came: heads with their order and case, chunks or lengths,
// pipelined requests, informational answers, what is no HTTP at all. Each connection of a
// client has one of its own to the receiver, which is made when the first bytes come, and
// each is closed as the other was: half, whole or with a reset. The proxy never answers
// for itself and has no timeouts of its own but those that keep dead connections
// from staying: 60 s once one side has closed, 2 minutes for a side that takes nothing.
//
// The one invariant: a line is in the file before what it says is passed on, so that
// killing the proxy loses no exchange that was answered. See package recording for the lines.
// What can't be recorded, because the disk is full or because it is another protocol, is passed
// on all the same.
//
// What fails below HTTP on the far side (DNS, a refused connection, TLS) can't be passed
// on as it is: the near side is closed without an answer, and the recording has the
// reason. A reset is passed on as one, except where TLS has its own way to end.
package record
