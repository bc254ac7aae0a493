// Package delivery describes the delivery of one callback: the bytes of its request,
// its attempts, the verdict on each answer, and the wait before the next attempt,
// until it is acknowledged or abandoned.
//
// It is pure: it sends nothing and does not read the clock. Package run gives a
// [Request] to a sender, [Judge] judges the [Answer], and [Policy.Next] returns what
// CallKit does next.
//
// The one invariant: all attempts of a delivery send the same bytes, and none follows
// an acknowledgement.
package delivery
