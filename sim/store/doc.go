// Package store reads and writes journal files: it creates one or continues one, appends
// steps to it, and replaces it by a compacted one.
//
// [Create] begins the journal of a new run, [Open] continues one that a process left
// behind, however it ended, and [Read] reads one that another process may be writing.
//
// The one invariant: a step for which [File.Append] returned nil is in the file as a
// whole, whatever happens to the process, and no reader gets half a step. A crash of the
// machine can lose the latest steps, since Append does not wait for the disk.
//
// A step is a list of events of which all but the last say that another one
// follows ([ringback/sim/journal.Event.More]). A journal that ends otherwise is
// torn, and so is one whose last line has no line feed: its last step was never
// acknowledged, so Open cuts it off and Read leaves it out.
//
// Before that, nothing may be missing, doubled or out of order: the numbers of the events
// rise by one, from 1 or from that of the snapshot which a compaction left. What editors
// add without changing a line (CRLF, blank lines, a byte order mark) is ignored.
package store
