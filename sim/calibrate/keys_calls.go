package calibrate

// calls says, for each key of the dialect, which call would show its value. It is the
// one place for these texts: reports and the page for those who have the service use
// them.
var calls = map[string]string{
	"status_command":   "place a call with the old generation of callbacks (v1) and let it end: its status callback tells",
	"attempts":         "let the receiver fail for a minute (stop it, say) while two v1 calls end, and place two more calls a minute later",
	"status_per":       "place two v1 calls with their status words subscribed, let them end, and place two more calls a minute later",
	"case":             "place any v1 call",
	"ts":               "place a v1 call that is rejected, with event words subscribed",
	"event_result":     "place a v1 call that is rejected, with event words subscribed",
	"accept_action":    "place a v4 call and answer it",
	"hangup_action":    "place a v4 call, answer it and hang up",
	"invite_actions":   "place a v4 call and cancel it before it is answered, or invite someone into a group call",
	"start_media_key":  "place a v4 call",
	"user_account":     "place a v4 call with a user whose id is all digits, like 10001",
	"callee_list":      "place a v4 call and let it end",
	"heartbeat_result": "answer a v4 call and take the battery out of one phone; if the call does not end as Offline, name it with --call CALLID=battery",
	"group_unanswered": "place a v1 group call that no one answers, with event words and normal_end subscribed, between two calls that end as normal_end, and go on for a minute",
	"v4_retry":         "let the receiver fail for a minute (stop it, say) while two v4 calls end, and place two more calls a minute later",
	"v4_ack":           "if v4 callbacks are retried: let the receiver answer HTTP 200 with ErrorCode 1 while two v4 calls end, and place two more calls a minute later",
	"empty_room_type":  "place a v4 call without a room",
	"v4_busy_action":   "place a v4 call to a callee who is in another call, between two calls that are answered, and go on for a minute",
	"v4_busy_start":    "place a v4 call to a callee who is in another call, between two calls that are answered, and go on for a minute",
	"end_call_result":  "end two v4 calls by the REST API (end_call), among calls that end by hanging up, by cancelling and by a lost line, and go on for a minute; or name one with --call CALLID=ended",
	"v1_actions":       "set v4 command names by v1/callback/set, and see what the REST API answers",
	"delete_missing":   "delete a callback configuration twice by v1/callback/delete, and see what the REST API answers",
	"delete_pending":   "delete the configuration by the REST API while a callback is being retried",
	"client_events":    "look at what the phones' own listeners get",
	"query_order":      "place any call",
	"call_id":          "place any call",
	"multi_call_type":  "place a v1 call to two callees without an IM group; if its CallType is not multi, name it with --call CALLID=no_group",
	"set_pending":      "set another address by the REST API while a callback is being retried",
	"network_quality":  "look at what the phones' own listeners get",
}

// untold is why nothing is known of keys that callbacks never tell.
var untold = map[string]string{
	"v1_actions":      onlyREST,
	"delete_missing":  onlyREST,
	"delete_pending":  onlyREST,
	"set_pending":     onlyREST,
	"client_events":   onlyPhones,
	"network_quality": onlyPhones,
}

const (
	onlyREST   = "only the REST API shows it"
	onlyPhones = "only the phones show it"
)
