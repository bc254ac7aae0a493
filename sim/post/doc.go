// Package post makes one attempt of a callback's delivery: it writes the
// frozen bytes of a request, reads and caps the answer, and says in a
// [delivery.Failure] and in words what went wrong.
//
// A [Sender] is an HTTP/1.1 client of its own over connections of its own. It
// follows no redirect and asks no proxy, allocates nothing while a connection
// is kept, and knows more about a failure than a general client tells: where
// the receiver stopped, what it said instead of HTTP, which address the guard
// refused and why.
//
// The one invariant: one call of Send puts the request before the receiver at
// most once. A kept connection that turns out dead is replaced as long as no
// byte was taken off our hands; after that the failure is reported as it is,
// because the receiver may have acted on the request.
package post
