// Package probe asks a receiver what it stored of a call: how often the end,
// which result, how long the talk, who placed it, who is in it, in which room,
// audio or video, and when it began, was answered and ended. A receiver may
// answer every callback well and still store the wrong thing.
//
// The receiver needs a GET address that answers a JSON object:
//
//	GET /calls/0b1e6d0c-6a53-4d2f-9c11-8f0a4f2c7e35
//	{"count":1,"result":"normal_end","duration":9,"caller":"alice","members":[],
//	 "room":"1961439306","media":"audio","start":1767225600,"accept":1767225603,"end":1767225612}
//
// Other names are mapped by paths, like count=data.rows. Only count is a must.
// Words of its own for results are mapped to ours, like FAILED=interrupt,offline.
//
// The one invariant: what cannot be understood is an [*Error], never a verdict
// on the receiver.
package probe
