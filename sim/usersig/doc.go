// Package usersig makes and checks UserSigs: the credential that a REST call to
// CallKit carries in its query, and that a client logs in with. It is the
// TLSSigAPIv2 of https://trtc.io/document/34385, a few claims in JSON, signed
// with the app's secret key (HMAC-SHA256), deflated (zlib) and written in a
// base64 of its own.
//
// [Sign] makes a UserSig. [Check] says whether one is good, and if not, the
// first thing that is wrong with it: an [Error] whose [Reason] a server maps
// to its codes, and whose words are for people. Whoever wants to explain all
// of it uses [Parse] and the checks of [Claims] one by one.
//
// The one invariant: a UserSig that Check accepts holds exactly the claims
// that somebody signed with the key. Only how they are written may differ:
// deflate leaves room, and any level of it is accepted.
package usersig
