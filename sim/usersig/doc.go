// Package usersig makes and checks UserSigs: the credential in the query of a REST
// call to CallKit, with which clients log in, too. The format is TLSSigAPIv2 of
// https://trtc.io/document/34385: a few claims in JSON, signed with the app's secret
// key (HMAC-SHA256), deflated (zlib) and written in a variant of base64.
//
// [Sign] makes a UserSig. [Check] returns the first thing that is wrong with one: an
// [Error] with a [Reason] that a server maps to its codes, and a text for people. To
// report everything that is wrong, use [Parse] and the checks of [Claims].
//
// The one invariant: a UserSig that Check accepts contains exactly the claims that were
// signed with the key. Only their encoding may differ, since any level of compression
// is accepted.
package usersig
