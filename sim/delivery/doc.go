// Package delivery is one callback's life: the frozen bytes of its request,
// its attempts, the verdict on each answer, and the wait before the next try,
// until it is acknowledged or abandoned.
//
// It is pure: it sends nothing and never asks for the time. Package run hands
// a [Delivery] to a sender and gives the [Answer] to [Judge], and
// [Policy.Next] says what CallKit would do then.
//
// The one invariant: every attempt of a delivery carries the same bytes, and
// after an acknowledgement there is no attempt.
package delivery
