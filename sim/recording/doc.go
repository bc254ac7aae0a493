// Package recording is the file that ringback record writes: the exchanges between
// someone's HTTP client, such as the real service, and a receiver.
//
// The first line is a [Header], each other one a part of an [Exchange], in NDJSON:
//
//	{"v":1,"kind":"recording","version":"0.2.0","target":"http://127.0.0.1:3000/callback?token=hush"}
//	{"n":1,"t":"2026-01-01T00:00:00.000120Z","kind":"exchange","part":"request","conn":1,"source":"10.0.0.9:40112","generation":"v1","word":"normal_end","call":"055662e1-…","sdkappid":"1400000001","delivery":1,"head":"POST /callback?… HTTP/1.1\r\n…\r\n\r\n","body":"{…}"}
//	{"n":1,"t":"2026-01-01T00:00:00.002500Z","kind":"exchange","part":"answer","latency_us":2200,"head":"HTTP/1.1 200 OK\r\n…\r\n\r\n","body":"{\"ErrorCode\":0}","outcome":"answered"}
//
// A header with "from" says that no recorder wrote the exchanges: they were taken from a
// file of that kind, and their numbers were counted.
//
// Heads and bodies are the bytes of the connection: a JSON string if they are UTF-8,
// {"base64":"..."} if not. A body in chunks is "coded", with the chunks' lengths in it,
// instead of "body".
//
// # When lines are written
//
// A request's line is in the file before the request's last byte is passed on, and an
// answer's line before the answer's first byte goes back. A part that came at once, as
// callbacks and their answers do, is one line. One that comes slowly, or after "Expect:
// 100-continue", is passed on as it comes, so its first line has "more":true, and what
// came of it since is in a later line, which is in the file before the part's last
// byte is passed on. Informational answers (1xx) stand in "head" before the answer's own. So a recorder that is killed loses at most what was on its way:
// no exchange whose request was passed on, and nothing of an answer that went back whole.
//
// Of a body, [MaxBody] bytes are kept; "cut" is the number of bytes that followed them,
// which were passed on and are not in the file.
//
// # Reading
//
// A [Reader] makes exchanges of lines again, one at a time: its memory does not grow with
// the file. A torn last line, as a killed recorder or a file that is being written has it,
// is left out. What editors and cat do to a file is read as far as it means
// something, and [Reader.Flaws] says what is missing.
//
// [Recognize] says which callback a request is, for recordings and for logs of
// other origin alike; [Deliveries] finds retries.
package recording
