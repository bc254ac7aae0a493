// Package wire turns the facts of a call into what CallKit sends: v1 status
// and event callbacks, v4 commands, each with its query and its JSON body; and
// what the phones see into the TUICallEvents that their apps get.
//
// [Dialect.Project] says which callbacks a fact makes, [Encoder.AppendQuery]
// and [Encoder.AppendBody] write them. The two generations share nothing but
// the facts: names, units, letter case and order of keys are those of each
// one's own documents, and where the documents contradict each other a
// [Dialect] chooses.
//
// The one invariant: the encoders allocate nothing beyond the bytes they
// append, and those are exactly the bytes that encoding/json would write for
// the body types of this package ([V1Body], [StartCall], [MemberChanged],
// [EndCall]).
package wire
