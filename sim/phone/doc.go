// Package phone simulates the clients of a call: what a phone can do besides
// the call itself (mute, camera, a second login), and what its app gets to see
// of it all, as the TUICallEvents of document 66841.
//
// [Decide] turns an action into facts, [See] a fact into the events of each
// phone. Like the callbacks of package wire, events are a projection of the
// facts: nobody stores them, and whoever reads a journal can have them again.
//
// The one invariant: a phone that has no battery, or was never reached, sees
// nothing.
package phone
