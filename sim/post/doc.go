// Package post makes the attempts of callback deliveries. It sends the bytes of a
// request, reads the answer up to a maximum size, and reports a failure as a
// [delivery.Failure] with a detail in words.
//
// A [Sender] is an HTTP/1.1 client with connections of its own. It follows no
// redirect and uses no proxy. Compared to net/http it allocates nothing on a kept
// connection (net/http allocates 57 times an attempt and takes three times as long),
// and says more about a failure: where the receiver stopped, what it sent instead of
// HTTP, which address the guard refused and why.
//
// The one invariant: one call of Send delivers the request at most once. A kept
// connection that turns out to be dead is replaced only if no byte of the request was
// sent. Otherwise the failure is reported, because the receiver may have acted on the
// request.
package post
