// Package secret finds what is secret in what an operator typed, and hides it in
// texts. It is the one place that knows either.
//
// A secret is: the user info and the own query of a configured URL, the value of
// a probe's header, an app's key, a token, a UserSig. A [Set] collects them, and
// [Set.Hide] replaces each by "…", however it is spelled: percent-encoded, inside
// a JSON, Go, HTML or XML string, those inside each other, or in base64, as Basic
// authentication has it. A UserSig is known by its form, by an empty Set too.
//
// A value of up to 4 bytes, a word that everyone uses, like true or caller, and
// one of [Set.AddOwn] is hidden only behind its key: "1" alone is no secret, and
// hiding it everywhere would hide all. Any other value is hidden where it is a whole
// word, and within another one if it is too long, or too odd, to be there by chance.
package secret
