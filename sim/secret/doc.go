// Package secret finds the secrets in what an operator typed, and hides them in texts. No
// other package does either.
//
// A secret is: the user info and the own query of a configured URL, the value of a
// probe's header, an app's key, a token, a UserSig. A [Set] collects them, and [Set.Hide]
// replaces each by "…", in any spelling: percent-encoded, inside a JSON, Go, HTML or XML
// string, these nested, or in base64, as Basic authentication has it. A UserSig is
// recognized by its form, even by an empty Set.
//
// A value of up to 4 bytes, a common word like true or caller, and a word of [Set.AddOwn]
// are hidden only after their key: hiding "1" everywhere would make texts unreadable. Any
// other value is hidden where it is a whole word, and also within a longer word if it is
// too long or too unusual to be there by chance.
package secret
