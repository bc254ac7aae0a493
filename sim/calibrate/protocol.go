package calibrate

import (
	"maps"
	"slices"
	"strings"

	"ringback/sim/recording"
	"ringback/sim/wire"
)

// node is what the documents say of a JSON value of a callback or an answer
// (PROTOCOL 1.3 to 1.10). It is what is known to be harmless, too: what the page for
// those who have the service calls safe to send to others.
type node struct {
	types  string           // of JSON, as far as the documents and their samples have it
	values map[string]bool  // all there are, if it is a word
	keys   map[string]*node // of an object
	each   *node            // of an array
	unit   int64            // of a time, in milliseconds
	digits int              // of a small whole number, such as how many take part, at most
}

const (
	aString  = "string"
	aNumber  = "number"
	anObject = "object"
	anArray  = "array"
)

func object(keys map[string]*node) *node { return &node{types: anObject, keys: keys} }

func list(each *node) *node { return &node{types: anArray, each: each} }

func oneOf(values ...string) *node {
	n := &node{types: aString, values: map[string]bool{}}
	for _, v := range values {
		n.values[v] = true
	}
	return n
}

// cased are v1's values: the samples and the SDKs have them in lower case, the field
// tables in the other.
func cased(values ...string) *node {
	for _, v := range slices.Clone(values) {
		if v != "" {
			values = append(values, strings.ToUpper(v[:1])+v[1:])
		}
	}
	return oneOf(values...)
}

var (
	freeText    = &node{types: aString}
	account     = &node{types: aString + " or " + aNumber}
	seconds     = &node{types: aNumber, unit: 1000}
	millis      = &node{types: aNumber, unit: 1}
	smallNumber = &node{types: aNumber, digits: 3}

	v4Media   = oneOf("Audio", "Video")
	v4Command = oneOf(wire.AfterStartCall.String(), wire.AfterMemberChanged.String(), wire.AfterEndCall.String())
	users     = list(object(map[string]*node{"User_Account": account, "Status": oneOf("Calling", "Waiting")}))

	v1Keys = map[string]*node{
		"UserId": freeText, "RoomId": freeText, "TotalNum": smallNumber,
		"MediaType": cased("audio", "video", "unknown"), "CallType": cased("single", "group", "multi"),
		"CallId": freeText, "Role": cased("caller", "callee"), "Event": oneOf(eventNames()...),
		"CallResult": cased("", "cancel", "reject", "not_answer", "normal_end", "call_busy", "interrupt", "offline"),
		"EventTime":  seconds, "StartCallTs": seconds, "AcceptTs": seconds, "EndTs": seconds,
	}
	v4StartKeys = map[string]*node{
		"CallbackCommand": v4Command,
		"CallInfo": object(map[string]*node{
			"CallId": freeText, "CallMediaType": v4Media, "MediaType": v4Media, "ChatGroupId": freeText, "RoomId": freeText, "RoomIdType": smallNumber,
		}),
		"UserList":  users,
		"EventTime": millis,
	}
	v4MemberKeys = map[string]*node{
		"CallbackCommand": v4Command, "CallId": freeText, "UserList": users,
		"ChangedUserList": list(object(map[string]*node{
			"User_Account": account,
			"ActionType": oneOf("Accept", "Answer", "Reject", "NotAnswer", "Hangup", "HangUp", "Hang Up", "Join", "Offline",
				"Invite", "Invited", "Cancel_Invite", "Canncel_Invite"),
		})),
		"EventTime": millis,
	}
	v4EndKeys = map[string]*node{
		"CallbackCommand": v4Command,
		"CallRecord": object(map[string]*node{
			"CallId": freeText, "Caller_Account": freeText, "MediaType": v4Media, "CallType": oneOf("SingleCall", "MultiCall"),
			"StartTime": seconds, "EndTime": seconds, "AcceptTime": seconds,
			"CallResult":         oneOf("Cancel", "Reject", "NotAnswer", "NormalEnd", "CallBusy", "Interrupt", "Offline"),
			"CalleeList_Account": list(freeText), "RoomId": freeText, "RoomIdType": smallNumber,
		}),
		"EventTime": millis,
	}

	v1Event  = object(v1Keys)
	v4Start  = object(v4StartKeys)
	v4Member = object(v4MemberKeys)
	v4End    = object(v4EndKeys)
	anyV4    = object(merged(v4StartKeys, v4MemberKeys, v4EndKeys))
	// The answers of receivers (PROTOCOL 1.5 and 1.10).
	answerBody = object(map[string]*node{
		"ErrorCode": {types: aNumber, digits: 6}, "ErrorMessage": oneOf("", "Success", "success", "OK", "ok"),
		"ActionStatus": oneOf("OK", "FAIL"), "ErrorInfo": oneOf("", "OK", "ok", "Success", "success"),
	})
)

func eventNames() (names []string) {
	for _, w := range wire.AllWords() {
		if w.Generation() == wire.V1 && !w.Status() {
			names = append(names, w.Event())
		}
	}
	return names
}

func merged(all ...map[string]*node) map[string]*node {
	keys := map[string]*node{}
	for _, m := range all {
		maps.Copy(keys, m)
	}
	return keys
}

// bodyOf is what the documents say of the body of a callback.
func bodyOf(e *recording.Exchange) *node {
	switch {
	case e.Generation == wire.V1:
		return v1Event
	case e.Word == wire.AfterStartCall.String():
		return v4Start
	case e.Word == wire.AfterMemberChanged.String():
		return v4Member
	case e.Word == wire.AfterEndCall.String():
		return v4End
	}
	return anyV4
}

// queryValues are the parameters of a callback's query, each with its values if these
// are words (PROTOCOL 1.2, 1.6 and 5, row 31).
var queryValues = map[wire.Generation]map[string]*node{
	wire.V1: {
		"sdkappid": freeText, "command": oneOf(v1Commands()...), "contenttype": oneOf("json"), "clientip": freeText,
		"optplatform": oneOf(wire.Platforms()...), "RequestID": freeText, "RequestId": freeText,
	},
	wire.V4: {
		"SdkAppid": freeText, "CallbackCommand": v4Command, "contenttype": oneOf("json"), "ClientIP": freeText,
		"OptPlatform": oneOf(append(wire.Platforms(), "IOS")...), "RequestID": freeText, "RequestId": freeText,
	},
}

func v1Commands() []string {
	names := []string{"call_end"}
	for _, w := range wire.AllWords() {
		if w.Generation() == wire.V1 {
			names = append(names, w.String())
		}
	}
	return names
}

// usualFields are the header fields that any request with a JSON body has, in lower case.
var usualFields = map[string]bool{"host": true, "content-type": true, "content-length": true}
