package calibrate

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"ringback/sim/delivery"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

// body is what is read of a callback's body. Keys that it lacks are empty or absent.
type body struct {
	at   int64  // EventTime in milliseconds; 0: none
	room string // RoomId

	// v1
	user, media, kind, role, event, result gjson.Result
	total                                  int64
	ts                                     [3]gjson.Result // StartCallTs, AcceptTs, EndTs

	// v4
	info    gjson.Result // CallInfo or CallRecord
	users   gjson.Result
	changes gjson.Result
}

// readBody reads the body of a callback; ok is false if it is no JSON object, or has bytes
// that are no text.
func readBody(e *recording.Exchange) (b body, ok bool) {
	if !delivery.ValidJSON(e.Body) || !utf8.Valid(e.Body) {
		return b, false
	}
	root := gjson.ParseBytes(e.Body)
	if !root.IsObject() {
		return b, false
	}
	root.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "EventTime":
			b.at = value.Int()
		case "RoomId":
			b.room = value.Str
		case "UserId":
			b.user = value
		case "MediaType":
			b.media = value
		case "CallType":
			b.kind = value
		case "Role":
			b.role = value
		case "Event":
			b.event = value
		case "CallResult":
			b.result = value
		case "TotalNum":
			b.total = value.Int()
		case "StartCallTs":
			b.ts[0] = value
		case "AcceptTs":
			b.ts[1] = value
		case "EndTs":
			b.ts[2] = value
		case "CallInfo", "CallRecord":
			b.info = value
		case "UserList":
			b.users = value
		case "ChangedUserList":
			b.changes = value
		}
		return true
	})
	if e.Generation == wire.V1 {
		b.at *= 1000
	} else if b.info.Exists() {
		b.room = b.info.Get("RoomId").Str
	}
	return b, true
}

// likeCallback reports whether a request that is no callback has a body like one.
func likeCallback(e *recording.Exchange) bool {
	return len(e.Body) > 0 && (gjson.GetBytes(e.Body, "CallId").Exists() || gjson.GetBytes(e.Body, "CallbackCommand").Exists())
}

// exact reports whether a request has the length that its head says. One that was edited
// in the file usually has another.
func exact(e *recording.Exchange) bool { return fits(e.Head, e.Body, e.Coded) }

// exactAnswer is [exact] for the answer.
func exactAnswer(e *recording.Exchange) bool {
	return fits(e.Answer.Head, e.Answer.Body, e.Answer.Coded)
}

func fits(head, body, coded []byte) bool {
	if coded != nil {
		_, whole := recording.Unchunk(coded)
		return whole
	}
	length := recording.Field(head, "Content-Length")
	return length == "" || length == strconv.Itoa(len(body))
}

// parameters are the names of a query, in order.
func parameters(query []byte) (names [][]byte) {
	for pair := range bytes.SplitSeq(query, []byte("&")) {
		if len(pair) > 0 {
			name, _, _ := bytes.Cut(pair, []byte("="))
			names = append(names, name)
		}
	}
	return names
}
