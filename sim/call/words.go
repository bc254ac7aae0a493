package call

import (
	"fmt"
	"slices"
	"strings"
)

// The enumerations of a call. Each is one byte in memory and one word in
// journals, scripts and flags; the words are those of the v1 documents
// (trtc.io 60130, 60135), where those have one.

// Media is what a call carries.
type Media uint8

// The two media (60130: MediaType).
const (
	Audio Media = iota
	Video
)

// Kind distinguishes one-on-one calls from group calls.
type Kind uint8

// The two kinds (60130: CallType).
const (
	Single Kind = iota
	Group
)

// Result is how a call ended.
type Result uint8

// The results. Six are the v1 status words; Offline is v4's word for an
// expired heartbeat (68940), which v1 reports as interrupt.
const (
	NoResult Result = iota
	NormalEnd
	Cancel
	Reject
	NotAnswer
	CallBusy
	Interrupt
	Offline
)

// Role is a participant's role: the caller placed the call, everyone else is a callee,
// whether invited or joined.
type Role uint8

// The two roles (60130: Role).
const (
	Caller Role = iota
	Callee
)

// Phase is the state of a call.
type Phase uint8

// The phases of a call, in order.
const (
	Idle Phase = iota
	Ringing
	Connected
	Over
)

// Status is the state of one member.
type Status uint8

// The statuses of a member. v4 reports Dialled and Alerting as Waiting,
// Talking as Calling; whoever is Gone is not in its lists.
const (
	Dialled  Status = iota // invited, the phone has not rung yet
	Alerting               // the phone rings
	Talking                // in the call; the caller is from the start
	Gone                   // left, refused, timed out, lost
)

var (
	mediaWords  = []string{"audio", "video"}
	kindWords   = []string{"single", "group"}
	resultWords = []string{"", "normal_end", "cancel", "reject", "not_answer", "call_busy", "interrupt", "offline"}
	roleWords   = []string{"caller", "callee"}
	phaseWords  = []string{"idle", "ringing", "connected", "over"}
	statusWords = []string{"dialled", "alerting", "talking", "gone"}
	factWords   = []string{
		"started", "start_failed", "ringing", "accepted", "rejected", "timed_out", "busy", "cancelled",
		"invited", "uninvited", "joined", "left", "line_lost", "battery_pulled", "went_offline", "media_changed", "ended",
		"mic_toggled", "camera_toggled", "voice_heard", "quality_changed", "kicked_offline", "sig_expired", "phone_failed",
	}
	verbWords = []string{
		"ring", "accept", "reject", "busy", "timeout", "cancel", "hang_up", "invite", "cancel_invite",
		"join", "lose_line", "pull_battery", "expire", "change_media", "end_by_server",
		"mic", "camera", "speak", "quality", "second_login", "expire_sig", "fail",
	}
)

// Words returns the words of all enumerations, except those of Quality and the empty
// word of [NoResult].
func Words() (words []string) {
	words = slices.Concat(mediaWords, kindWords, resultWords, roleWords, phaseWords, statusWords, factWords, verbWords)
	return slices.DeleteFunc(words, func(w string) bool { return w == "" })
}

var qualityWords = []string{"Unknown", "Excellent", "Good", "Poor", "Bad", "Vbad", "Down"}

func (q Quality) String() string { return qualityWords[q] }

// MarshalText writes the word.
func (q Quality) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads the word.
func (q *Quality) UnmarshalText(b []byte) error { return parse(q, "quality", qualityWords, b) }

func (m Media) String() string    { return mediaWords[m] }
func (k Kind) String() string     { return kindWords[k] }
func (r Result) String() string   { return resultWords[r] }
func (r Role) String() string     { return roleWords[r] }
func (p Phase) String() string    { return phaseWords[p] }
func (s Status) String() string   { return statusWords[s] }
func (k FactKind) String() string { return factWords[k] }
func (v Verb) String() string     { return verbWords[v] }

// MarshalText writes the word.
func (m Media) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// MarshalText writes the word.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// MarshalText writes the word.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// MarshalText writes the word.
func (v Verb) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// MarshalText writes the word.
func (p Phase) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// MarshalText writes the word.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the word.
func (p *Phase) UnmarshalText(b []byte) error { return parse(p, "phase", phaseWords, b) }

// UnmarshalText reads the word.
func (s *Status) UnmarshalText(b []byte) error { return parse(s, "status", statusWords, b) }

// UnmarshalText reads the word.
func (m *Media) UnmarshalText(b []byte) error { return parse(m, "media", mediaWords, b) }

// UnmarshalText reads the word.
func (k *Kind) UnmarshalText(b []byte) error { return parse(k, "kind", kindWords, b) }

// UnmarshalText reads the word.
func (r *Result) UnmarshalText(b []byte) error { return parse(r, "result", resultWords, b) }

// UnmarshalText reads the word.
func (v *Verb) UnmarshalText(b []byte) error { return parse(v, "action", verbWords, b) }

// UnmarshalText reads the word.
func (k *FactKind) UnmarshalText(b []byte) error { return parse(k, "fact", factWords, b) }

func parse[E ~uint8](e *E, what string, words []string, b []byte) error {
	for i, w := range words {
		if w == string(b) {
			*e = E(i)
			return nil
		}
	}
	return fmt.Errorf("%s %q: want one of %s", what, b, strings.Trim(strings.Join(words, ", "), ", "))
}
