// Package probe asks a receiver what it stored about a call: how many ends, the result,
// the talk time, the caller, the members, the room, audio or video, and when the call
// began, was answered and ended. A receiver may acknowledge every callback and still
// store the wrong thing.
//
// The receiver needs a GET address that answers a JSON object:
//
//	GET /calls/0b1e6d0c-6a53-4d2f-9c11-8f0a4f2c7e35
//	{"count":1,"result":"normal_end","duration":9,"caller":"alice","members":[],
//	 "room":"1961439306","media":"audio","start":1767225600,"accept":1767225603,"end":1767225612}
//
// Other names are mapped by paths, like count=data.rows. Only count is required. The
// receiver's own words for results are mapped to CallKit's, like
// FAILED=interrupt,offline.
//
// The one invariant: what cannot be understood is an [*Error], never a verdict
// on the receiver.
package probe
