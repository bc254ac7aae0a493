package wire

import (
	"fmt"
	"slices"
	"strings"

	"ringback/sim/call"
	"ringback/sim/text"
)

// Generation is a set of CallKit's callback generations.
type Generation uint8

// The generations, and both.
const (
	V1   Generation = 1 << iota // the "deprecated" tree: 60129, 60130
	V4                          // the "call backend": 68940, 68941, 69215
	Both = V1 | V4
)

func (g Generation) String() string {
	switch g {
	case V1:
		return "v1"
	case V4:
		return "v4"
	case Both:
		return "both"
	}
	return "none"
}

// MarshalText writes v1, v4 or both.
func (g Generation) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads v1, v4 or both.
func (g *Generation) UnmarshalText(b []byte) error {
	for _, k := range [...]Generation{V1, V4, Both} {
		if k.String() == string(b) {
			*g = k
			return nil
		}
	}
	return fmt.Errorf("generation %q: want v1, v4 or both", b)
}

// Word is one thing that a receiver can subscribe to: a v1 status word, a v1
// event word (60135), or a v4 command (68934).
type Word uint8

// The words in the order of the documents.
const (
	StatusCancel Word = iota
	StatusReject
	StatusNotAnswer
	StatusNormalEnd
	StatusCallBusy
	StatusInterrupt

	CallerStartCall
	CallerCallFailed
	CalleeReceiveCall
	CalleeAcceptCall
	CallerCallAccepted
	CalleeRejectCall
	CallerCallRejected
	CalleeIgnoreCall
	CallerCallBusy
	CalleeNotAnswerCall
	CallerCallMissed
	CallerCancelCall
	CalleeCallCanceled
	CallerCallEnd
	CalleeCallEnd
	CallerCallInterrupted
	CalleeCallInterrupted
	InviteUser
	JoinInGroupCall

	AfterStartCall
	AfterMemberChanged
	AfterEndCall

	wordCount
)

var wordNames = [wordCount]string{
	"cancel", "reject", "not_answer", "normal_end", "call_busy", "interrupt",
	"caller_start_call", "caller_call_failed", "callee_receive_call", "callee_accept_call", "caller_call_accepted",
	"callee_reject_call", "caller_call_rejected", "callee_ignore_call", "caller_call_busy", "callee_not_answer_call",
	"caller_call_missed", "caller_cancel_call", "callee_call_canceled", "caller_call_end", "callee_call_end",
	"caller_call_interrupted", "callee_call_interrupted", "invite_user", "join_in_group_call",
	"Call.CallbackAfterStartCall", "Call.CallbackAfterMemberChanged", "Call.CallbackAfterEndCall",
}

// AllWords lists every word: 6 status words, 19 event words, 3 commands.
func AllWords() []Word {
	ws := make([]Word, wordCount)
	for i := range ws {
		ws[i] = Word(i)
	}
	return ws
}

// Words lists the words of a generation, or of both.
func (g Generation) Words() (ws []Word) {
	for _, w := range AllWords() {
		if g&w.Generation() != 0 {
			ws = append(ws, w)
		}
	}
	return ws
}

func (w Word) String() string { return wordNames[w] }

// Label is the word as lines for people have it: short, and with the command of a status.
func (w Word) Label() string {
	if w.Status() {
		return "call_end " + w.String()
	}
	return strings.TrimPrefix(w.String(), "Call.Callback")
}

// Status reports whether w is one of v1's six status words.
func (w Word) Status() bool { return w <= StatusInterrupt }

// Ends reports whether w says that a call has ended, in either generation.
func (w Word) Ends() bool { return w.Status() || w == AfterEndCall }

// Generation is the generation that a word belongs to.
func (w Word) Generation() Generation {
	if w >= AfterStartCall {
		return V4
	}
	return V1
}

// Event is the value of the Event key: the word without its role (60129).
func (w Word) Event() string {
	s := wordNames[w]
	if e, ok := strings.CutPrefix(s, "caller_"); ok {
		return e
	}
	if e, ok := strings.CutPrefix(s, "callee_"); ok {
		return e
	}
	return s
}

// Role is the role that an event word begins with; ok is false for words that
// either role may cause.
func (w Word) Role() (r call.Role, ok bool) {
	switch {
	case strings.HasPrefix(wordNames[w], "caller_"):
		return call.Caller, true
	case strings.HasPrefix(wordNames[w], "callee_"):
		return call.Callee, true
	}
	return call.Caller, false
}

// kinds are those of the words that are sent of one kind of call alone. v1 has no status
// for group calls but their normal end, and no callback to their caller about callees.
var kinds = map[Word]call.Kind{
	InviteUser: call.Group, JoinInGroupCall: call.Group,
	StatusCancel: call.Single, StatusReject: call.Single, StatusNotAnswer: call.Single, StatusCallBusy: call.Single,
	StatusInterrupt: call.Single, CallerCallRejected: call.Single, CallerCallBusy: call.Single, CallerCallMissed: call.Single,
}

// Kind returns the only kind of call of which the word is sent; ok is false if it is sent
// of both.
func (w Word) Kind() (k call.Kind, ok bool) {
	k, ok = kinds[w]
	return k, ok
}

// MarshalText writes the word.
func (w Word) MarshalText() ([]byte, error) { return []byte(w.String()), nil }

// UnmarshalText reads a word, letter by letter as the documents spell it.
func (w *Word) UnmarshalText(b []byte) error {
	i := slices.Index(wordNames[:], string(b))
	if i < 0 {
		return fmt.Errorf("callback word %q: is in no page of the documents, want one like normal_end or Call.CallbackAfterEndCall%s", b, near(string(b)))
	}
	*w = Word(i)
	return nil
}

// near suggests the word that was probably meant.
func near(s string) string {
	fold := func(s string) string {
		s = strings.NewReplacer("_", "", "-", "", ".", "", " ", "").Replace(strings.ToLower(s))
		for _, prefix := range [...]string{"call", "callback", "after"} {
			s = strings.TrimPrefix(s, prefix)
		}
		return s
	}
	for _, w := range wordNames {
		if f := fold(s); f != "" && fold(w) == f {
			return "; did you mean " + w + "?"
		}
	}
	return text.Meant(s, wordNames[:])
}

// Words is a set of words: what a registration subscribes to.
type Words uint64

// Every is the set of all words.
const Every Words = 1<<wordCount - 1

// Has reports whether w is in the set.
func (ws Words) Has(w Word) bool { return ws&(1<<w) != 0 }

// With adds w to the set.
func (ws Words) With(w Word) Words { return ws | 1<<w }

// List is the set in the order of the documents.
func (ws Words) List() []Word {
	list := []Word{}
	for w := range wordCount {
		if ws.Has(w) {
			list = append(list, w)
		}
	}
	return list
}

// ParseWords makes a set of words. The first one that is unknown is the error.
func ParseWords(names []string) (Words, error) {
	var ws Words
	for _, n := range names {
		var w Word
		if err := w.UnmarshalText([]byte(n)); err != nil {
			return 0, err
		}
		ws = ws.With(w)
	}
	return ws, nil
}
