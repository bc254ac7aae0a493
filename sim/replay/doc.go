// Package replay sends the callbacks of a journal again, to any receiver, and reports
// where the answers differ from those in the journal.
//
// [Open] reads the whole journal once, before anything is sent, and returns its errors.
// [Play] reads it again as time passes, and feeds an engine: the facts of its calls, and
// each callback at its time, with the same bytes or, if [Fresh], with new ids and times.
// Order, retries, copies and verdicts are up to the engine and the answers that come now.
//
//	recording, err := replay.Open(ctx, "monday.ndjson", file, size, replay.Pick{})
//	summary, err := replay.Play(ctx, recording, replay.Config{Endpoint: endpoint, NewSender: sender})
//
// Neither holds the journal in memory: only a few seconds of it, and the state of the
// engine.
//
// The one invariant: each callback that is sent is counted once: as answered the same, as
// answered differently in one of three ways, or as not compared, because the journal or
// this run ends before its answer. See [Summary].
package replay
