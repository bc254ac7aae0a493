// Package phone simulates the clients of a call: what a phone can do apart from the call
// itself (mute, camera, a second login), and the TUICallEvents (document 66841) that its
// app gets.
//
// [Decide] turns an action into facts, [See] a fact into the events of each phone. Like
// the callbacks of package wire, events are a projection of the facts: they are not
// stored, and a reader of a journal can derive them again.
//
// The one invariant: a phone without power, or one that never rang, gets no events.
package phone
