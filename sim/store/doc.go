// Package store is the journal file: it makes one, goes on with one, appends
// steps to it, and puts a shorter history in its place.
//
// [Create] begins a new run's journal, [Open] goes on with the one that a
// process left behind, however it ended, and [Read] looks at one that somebody
// else may be writing.
//
// The one invariant: what [File.Append] returned nil for is in the file, whole,
// whatever happens to the process, and no reader ever sees half a step. A
// crash of the machine is another matter: Append does not wait for the disk,
// so that may cost the latest steps.
//
// A step is a list of events of which all but the last say that another one
// follows ([ringback/sim/journal.Event.More]). A journal that ends otherwise is
// torn, and so is one whose last line has no line feed: its last step was never
// acknowledged to anybody, so Open cuts it off and Read leaves it out.
//
// Before that, nothing may be missing, doubled or out of order: the numbers of the
// events rise by one, from 1 or from that of the snapshot which a compaction left.
// What editors do to a file without changing a line (CRLF, blank lines, a byte
// order mark) is read over.
package store
