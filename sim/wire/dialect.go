package wire

import (
	"fmt"
	"slices"
	"strings"
)

// Dialect holds a choice for each place where the vendor's documents
// contradict themselves or leave something open. The zero value is not
// useful; start from [Default].
type Dialect struct {
	StatusCommand   string
	Attempts        string
	StatusPer       string
	Case            string
	Ts              string
	EventResult     string
	AcceptAction    string
	HangupAction    string
	InviteActions   string
	StartMediaKey   string
	UserAccount     string
	CalleeList      string
	HeartbeatResult string
	GroupUnanswered string
	V4Retry         string
	V4Ack           string
	EmptyRoomType   string
	V4BusyAction    string
	V4BusyStart     string
	EndCallResult   string
	V1Actions       string
	DeleteMissing   string
	DeletePending   string
	ClientEvents    string
	QueryOrder      string
	CallID          string
	MultiCallType   string
	SetPending      string
	NetworkQuality  string
}

// Key describes one choice of a dialect.
type Key struct {
	Name   string
	Values []string // the first is the default
	About  string   // what it decides
	Source string   // the documents that disagree, and what speaks for the default
	field  func(*Dialect) *string
}

// Default is the value of a key in the default dialect.
func (k Key) Default() string { return k.Values[0] }

// Of is the value of a key in a dialect.
func (k Key) Of(d *Dialect) string { return *k.field(d) }

var keys = []Key{
	{
		"status_command",
		[]string{"call_end", "word"},
		"command of a v1 status callback",
		"60130 sample says call_end; its parameter table points to the word list", func(d *Dialect) *string { return &d.StatusCommand },
	},
	{
		"attempts",
		[]string{"7", "6"},
		"attempts of a v1 callback",
		"60130 lists 0,1,1,2,3,5 s as retry intervals: 1+6 attempts; 6 if the 0 s is the first delivery", func(d *Dialect) *string { return &d.Attempts },
	},
	{
		"status_per",
		[]string{"call", "participant"},
		"v1 status callbacks for each call or each participant",
		"60130 does not say; its body has UserId and Role, its sample is the caller's", func(d *Dialect) *string { return &d.StatusPer },
	},
	{
		"case",
		[]string{"lower", "title"},
		"letter case of v1 enum values",
		"60130 samples and the client SDKs are lower case; its field table is capitalized", func(d *Dialect) *string { return &d.Case },
	},
	{
		"ts",
		[]string{"documented", "always", "known"},
		"presence of StartCallTs, AcceptTs, EndTs in v1",
		"60130: only on normal_end; 60129 sample: always; known: a key only once its value is known", func(d *Dialect) *string { return &d.Ts },
	},
	{
		"event_result",
		[]string{"end", "empty"},
		"CallResult of v1 event words that end the participant's call",
		"60130: filled only for end events; 60129 sample: empty", func(d *Dialect) *string { return &d.EventResult },
	},
	{
		"accept_action",
		[]string{"Accept", "Answer"},
		"v4 ActionType of an answer",
		"69215 table and zh sample: Accept; en sample: Answer", func(d *Dialect) *string { return &d.AcceptAction },
	},
	{
		"hangup_action",
		[]string{"Hangup", "HangUp", "Hang Up"},
		"v4 ActionType of a hang-up",
		"69215 comments and SDK enum: Hangup; zh table: HangUp; en table: Hang Up", func(d *Dialect) *string { return &d.HangupAction },
	},
	{
		"invite_actions",
		[]string{"Invite", "Invited"},
		"v4 ActionTypes of an invitation and its withdrawal",
		"69215 comments: Invite, Cancel_Invite; en table: Invited, Canncel_Invite", func(d *Dialect) *string { return &d.InviteActions },
	},
	{
		"start_media_key",
		[]string{"CallMediaType", "MediaType", "both"},
		"media key of StartCall's CallInfo",
		"68941 samples: CallMediaType; its field table: MediaType", func(d *Dialect) *string { return &d.StartMediaKey },
	},
	{
		"user_account",
		[]string{"string", "number"},
		"v4 User_Account of ids that are all digits",
		"68941 tables and zh sample: String; en sample: number", func(d *Dialect) *string { return &d.UserAccount },
	},
	{
		"callee_list",
		[]string{"with_caller", "callees"},
		"v4 CalleeList_Account, and callees of records in v1, with or without the caller",
		"68940 samples contain the caller; the name says callees; of v1, 60136 has it and 60137 has not", func(d *Dialect) *string { return &d.CalleeList },
	},
	{
		"heartbeat_result",
		[]string{"Offline", "Interrupt"},
		"v4 CallResult after an expired heartbeat",
		"Offline is only on 68940 (Dec 2025) and in a v1 record sample (60136)", func(d *Dialect) *string { return &d.HeartbeatResult },
	},
	{
		"group_unanswered",
		[]string{"none", "normal_end"},
		"v1 status callback of a group call that no one answered",
		"60130: group calls report only normal_end", func(d *Dialect) *string { return &d.GroupUnanswered },
	},
	{
		"v4_retry",
		[]string{"none", "v1"},
		"retries of v4 callbacks",
		"the Call pages give none; 34354: after-events are not retried by default", func(d *Dialect) *string { return &d.V4Retry },
	},
	{
		"v4_ack",
		[]string{"http200", "strict"},
		"what acknowledges a v4 callback",
		"34354 ignores the return code of after-events; strict: ActionStatus OK and ErrorCode 0", func(d *Dialect) *string { return &d.V4Ack },
	},
	{
		"empty_room_type",
		[]string{"1", "0"},
		"v4 RoomIdType of an empty RoomId",
		"68941 sample: 1; 68932 sample: 0", func(d *Dialect) *string { return &d.EmptyRoomType },
	},
	{
		"v4_busy_action",
		[]string{"none", "Reject"},
		"v4 MemberChanged for a busy callee",
		"69215 lists no action for busy; 68940 has the result CallBusy", func(d *Dialect) *string { return &d.V4BusyAction },
	},
	{
		"v4_busy_start",
		[]string{"start", "end_only"},
		"v4 StartCall when all callees are busy",
		"68941: after a client successfully starts a call; not said whether busy counts", func(d *Dialect) *string { return &d.V4BusyStart },
	},
	{
		"end_call_result",
		[]string{"by_state", "Interrupt"},
		"result of a call that the REST API ended",
		"74506 names none; by_state: NormalEnd if it was answered, else Cancel", func(d *Dialect) *string { return &d.EndCallResult },
	},
	{
		"v1_actions",
		[]string{"any", "documented"},
		"v4 command names among the actions of v1/callback/set",
		"60134 names only the words of 60135; a team that knows no other page still wants member changes", func(d *Dialect) *string { return &d.V1Actions },
	},
	{
		"delete_missing",
		[]string{"0", "999"},
		"code of v1/callback/delete without a configuration",
		"60131 lists only 0 and 50001; 60132 has 999 for a missing configuration", func(d *Dialect) *string { return &d.DeleteMissing },
	},
	{
		"delete_pending",
		[]string{"drop", "keep"},
		"retries of an address that was deleted",
		"60131 and 68939 do not say whether a delete stops what is under way", func(d *Dialect) *string { return &d.DeletePending },
	},
	{
		"client_events",
		[]string{"callkit", "engine"},
		"names and keys of the phones' TUICallEvents",
		"66841 for the UIKit; call-engine-js 3.3.4 names, keys and numbers several of them otherwise", func(d *Dialect) *string { return &d.ClientEvents },
	},
	{
		"query_order",
		[]string{"documented", "sorted"},
		"order of the query's parameters",
		"the pages' samples; sorted: by key, the address's own among them, with a RequestID, as captured of IM, whose protocol 34354 is", func(d *Dialect) *string { return &d.QueryOrder },
	},
	{
		"call_id",
		[]string{"uuid", "readable"},
		"form of CallIds",
		"uuid: v4 samples, and the id of the first invitation in the SDKs; 60130 sample: any text; readable: rb-RUN-0001", func(d *Dialect) *string { return &d.CallID },
	},
	{
		"multi_call_type",
		[]string{"group", "multi"},
		"v1 CallType of a group call without an IM group",
		"60130 lists single and group; native engines upload multi for several callees without a group id", func(d *Dialect) *string { return &d.MultiCallType },
	},
	{
		"set_pending",
		[]string{"keep", "new"},
		"address of retries under way after another set",
		"60134 and 68938: the last set counts; neither says whether it moves what is under way", func(d *Dialect) *string { return &d.SetPending },
	},
	{
		"network_quality",
		[]string{"entries", "object"},
		"form of the phones' onUserNetworkQualityChanged",
		"66841 calls it a map and iterates its pairs: entries, as in [[\"bob\",\"Vbad\"]]; object: one key a user", func(d *Dialect) *string { return &d.NetworkQuality },
	},
}

// firstEdition has the values that journals of the first edition were written with, of
// keys that it did not have and whose default differs.
var firstEdition = map[string]string{"call_id": "readable", "network_quality": "object"}

// Unsaid is the value of a key in a journal whose header does not have it.
func (k Key) Unsaid() string {
	if v, ok := firstEdition[k.Name]; ok {
		return v
	}
	return k.Default()
}

// Keys lists the choices in the order of the documents.
func Keys() []Key { return slices.Clone(keys) }

// Default is the dialect that follows the documents' samples.
func Default() *Dialect {
	d := new(Dialect)
	for _, k := range keys {
		*k.field(d) = k.Default()
	}
	return d
}

// Set makes one choice, given as key=value.
func (d *Dialect) Set(s string) error {
	name, value, _ := strings.Cut(s, "=")
	i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name })
	if i < 0 {
		return fmt.Errorf("dialect %q: no such key; 'ringback dialects' lists them", name)
	}
	if !slices.Contains(keys[i].Values, value) {
		return fmt.Errorf("dialect %s=%s: want one of %s", name, value, strings.Join(keys[i].Values, ", "))
	}
	*keys[i].field(d) = value
	return nil
}

// Map is the dialect by key, as the journal's header carries it.
func (d *Dialect) Map() map[string]string {
	m := make(map[string]string, len(keys))
	for _, k := range keys {
		m[k.Name] = k.Of(d)
	}
	return m
}

// FromMap is the inverse of [Dialect.Map]. Keys that are absent have the value of
// the first edition, which did not know all of them: journals of it are read as
// they were made.
func FromMap(m map[string]string) (*Dialect, error) {
	d := new(Dialect)
	for _, k := range keys {
		*k.field(d) = k.Unsaid()
	}
	for k, v := range m {
		if err := d.Set(k + "=" + v); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Choices lists the keys whose value in a dialect differs from the one that a run has by
// default, given the header of its journal.
func (d *Dialect) Choices(header map[string]string) (made []Key) {
	for _, k := range keys {
		usual := k.Default()
		if _, said := header[k.Name]; !said && header != nil {
			usual = k.Unsaid()
		}
		if k.Of(d) != usual {
			made = append(made, k)
		}
	}
	return made
}
