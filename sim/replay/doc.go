// Package replay sends the callbacks of a journal again, to any receiver, and
// tells where the answers differ from those in the journal.
//
// [Open] reads a journal to its end once, before anything is sent: what is wrong
// with it is said then. [Play] reads it again as time passes and gives an engine
// what it says: the facts of its calls, and each callback at its time, in its
// bytes, or [Fresh] with new ids and times. Turns, retries, copies and verdicts
// are the engine's own, by the answers as they are now.
//
//	recording, err := replay.Open(ctx, "monday.ndjson", file, size, replay.Pick{})
//	summary, err := replay.Play(ctx, recording, replay.Config{Endpoint: endpoint, NewSender: sender})
//
// Neither holds the journal in memory, only what a few seconds around now and the
// engine's own memory of calls take.
//
// The one invariant: each callback that is sent is counted once, as answered the
// same, as answered otherwise in one of three ways, or as not compared, because
// the journal or this run ends before its answer. See [Summary].
package replay
