package script

import (
	"slices"
	"strings"

	"ringback/sim/call"
)

// kind is the type of a key's value.
type kind uint8

const (
	name   kind = iota // of a user or a call
	names              // of users
	free               // any text
	texts              // any texts
	word               // one of a few words, or a time
	number             // an integer
	flag               // true or false
)

// key is a part of an operation. YAML shows it by its name; in the steps it
// stands where the form has it.
type key struct {
	name  string
	about string // what it says
	kind  kind
	like  string   // an example, as YAML has it
	also  []string // synonyms, for hints
	empty bool     // a list that may be empty
}

// keys are all keys in the order in which YAML shows them.
var keys = []key{
	{name: "at", about: "when, since the start; without it the time of the operation before", kind: word, like: "3s", also: split("time after when")},
	{name: "do", about: "what happens", kind: word, like: "accept", also: split("action verb step op operation")},
	{name: "call", about: "name of the call, in a script with several", kind: name, like: "first", also: split("id call_id callid")},
	{name: "who", about: "user who acts", kind: name, like: "bob", also: split("caller user by from member phone")},
	{name: "whom", about: "users who are called or invited", kind: names, like: "[bob, carol]", also: split("callee callees users to invitees")},
	{name: "media", about: "audio or video", kind: word, like: "video", also: split("type media_type")},
	{name: "group", about: "a group call even if one user is called", kind: flag, like: "true", also: split("kind group_call")},
	{name: "busy", about: "callees in another call, whose phones refuse by themselves", kind: names, like: "[carol]"},
	{name: "unreachable", about: "callees whose phones never ring", kind: names, like: "[carol]", also: split("away offline")},
	{name: "room", about: "id of a string room; without it a numeric room", kind: free, like: `"lobby"`, also: split("room_id roomid")},
	{name: "user_data", about: "text that the invitees get with the call", kind: free, like: `"gold customer"`, also: split("userdata user-data data")},
	{name: "chat_group", about: "id of the chat group that calls", kind: free, like: `"team"`, also: split("chatgroup chat-group chat_group_id")},
	{name: "generation", about: "which callbacks the call makes", kind: word, like: "v1", also: split("gen version callbacks")},
	{name: "fails", about: "the call cannot be placed", kind: flag, like: "true", also: split("fail failed")},
	{name: "ring_later", about: "no phone rings until ring or busy says so", kind: flag, like: "true", also: split("ringlater ring-later")},
	{name: "on", about: "whether microphone or camera is on now", kind: flag, like: "true", also: split("off enabled muted")},
	{name: "level", about: "volume, 0 to 100", kind: number, like: "40", also: split("volume")},
	{name: "quality", about: "of the network", kind: word, like: "Poor", also: split("network")},
	{name: "code", about: "of the error", kind: number, like: "-1", also: split("error error_code")},
	{name: "text", about: "of the error", kind: free, like: `"no microphone"`, also: split("message error_message reason")},
	{name: "callback", about: "word of the callback", kind: word, like: "normal_end", also: split("word command delivery")},
	{name: "number", about: "which of the callbacks with that word, from 1", kind: number, like: "2", also: split("nth index")},
	{name: "copy", about: "which of the callback's copies, from 1; without it the callback itself", kind: number, like: "1", also: split("copies")},
	{name: "faults", about: "all faults that are on from now, as --fault has them; none: []", kind: texts, like: `["drop=10%"]`, also: split("fault"), empty: true},
}

// verb is an operation by its word.
type verb struct {
	word  string
	needs []string // required keys
	takes []string // optional keys
	also  []string // synonyms, for hints
}

var verbs = []verb{
	{
		"call", split("who whom"), split("call media group busy unreachable room user_data chat_group generation fails ring_later"),
		split("place places start dial dials start_call place_call"),
	},
	{"ring", split("who"), split("call"), split("rings ringing alert")},
	{"accept", split("who"), split("call"), split("accepts answer answers pick picks takes")},
	{"reject", split("who"), split("call"), split("rejects decline declines refuse refuses deny")},
	{"busy", split("who"), split("call"), split("line_busy ignore")},
	{"cancel", split("who"), split("call"), split("cancels abort aborts")},
	{"hang_up", split("who"), split("call"), split("hangup hang-up hangs hung leave leaves end ends quit quits")},
	{"invite", split("who whom"), split("call"), split("invites add adds")},
	{"cancel_invite", split("who whom"), split("call"), split("uninvite uninvites withdraw withdraws revoke")},
	{"join", split("who"), split("call"), split("joins enter enters")},
	{"lose_line", split("who"), split("call"), split("lose loses lost disconnect disconnects interrupt line")},
	{"pull_battery", split("who"), split("call"), split("pull pulls battery crash crashes offline dies")},
	{"change_media", split("who media"), split("call"), split("switch switches changes media")},
	{"end_by_server", nil, split("call"), split("server end_call kill terminate")},
	{"mic", split("who on"), split("call"), split("mute mutes unmute unmutes microphone")},
	{"camera", split("who on"), split("call"), split("turn turns cam")},
	{"speak", split("who level"), split("call"), split("speaks talk talks says voice volume")},
	{"quality", split("who quality"), split("call"), split("network becomes")},
	{"second_login", split("who"), split("call"), split("login logs kick kicked kicks another")},
	{"expire_sig", split("who"), split("call"), split("usersig sig expires expired")},
	{"fail", split("who code"), split("call text"), split("error reports fails")},
	{"duplicate", split("callback"), split("call number"), split("resend resends repeat repeats again")},
	{"replay", nil, split("call"), split("replays resend_all every")},
	{"retry_now", split("callback"), split("call number copy"), split("retry retries retried")},
	{"give_up", split("callback"), split("call number copy"), split("giveup gives given abandon abandons abandoned")},
	{"faults", split("faults"), nil, split("fault set_faults")},
	{"wait", nil, nil, split("sleep pause waits nothing until idle")},
}

// timers are actions that the server takes by itself; the values say when.
var timers = map[string]string{
	call.DoTimeout.String(): "when a phone has rung for long enough",
	call.DoExpire.String():  "some time after pull_battery",
}

func split(s string) []string { return strings.Fields(s) }

func findKey(name string) *key {
	i := slices.IndexFunc(keys, func(k key) bool { return k.name == name })
	if i < 0 {
		return nil
	}
	return &keys[i]
}

func findVerb(word string) *verb {
	i := slices.IndexFunc(verbs, func(v verb) bool { return v.word == word })
	if i < 0 {
		return nil
	}
	return &verbs[i]
}

// acts are the verbs of what phones do.
var acts = func() map[call.Verb]*verb {
	m := map[call.Verb]*verb{}
	for i := range verbs {
		var v call.Verb
		if v.UnmarshalText([]byte(verbs[i].word)) == nil {
			m[v] = &verbs[i]
		}
	}
	return m
}()

// Actions are the words of what happens in a call, see [ParseAction].
func Actions() (words []string) {
	for i := range verbs {
		if !slices.Contains(notInCall, verbs[i].word) {
			words = append(words, verbs[i].word)
		}
	}
	return words
}

// notInCall are the verbs that are no action of a call.
var notInCall = append([]string{"call", "faults", "wait"}, handles[:]...)

// all are the keys that a verb may have, without at and do.
func (v *verb) all() []string { return slices.Concat(v.needs, v.takes) }
