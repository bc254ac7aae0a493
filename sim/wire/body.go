package wire

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// V1Body is the body of a v1 status callback (60130) and, with Event, of a v1
// event callback (60129). Times are seconds since the Unix epoch.
type V1Body struct {
	UserID      string  `json:"UserId"`
	RoomID      string  `json:"RoomId"`
	TotalNum    int     `json:"TotalNum"`
	MediaType   string  `json:"MediaType"`
	CallType    string  `json:"CallType"`
	CallID      string  `json:"CallId"`
	Role        string  `json:"Role"`
	Event       *string `json:"Event,omitempty"`
	CallResult  string  `json:"CallResult"`
	EventTime   int64   `json:"EventTime"`
	StartCallTs *int64  `json:"StartCallTs,omitempty"`
	AcceptTs    *int64  `json:"AcceptTs,omitempty"`
	EndTs       *int64  `json:"EndTs,omitempty"`
}

// Account is a User_Account: text, or under the dialect user_account=number a
// number.
type Account struct {
	ID     string
	Number bool
}

// User is a member with a status: Calling or Waiting (68941).
type User struct {
	Account Account `json:"User_Account"`
	Status  string  `json:"Status"`
}

// Change is a member with what it did (69215).
type Change struct {
	Account Account `json:"User_Account"`
	Action  string  `json:"ActionType"`
}

// StartCall is the body of Call.CallbackAfterStartCall (68941). EventTime is
// in milliseconds.
type StartCall struct {
	CallbackCommand string   `json:"CallbackCommand"`
	CallInfo        CallInfo `json:"CallInfo"`
	UserList        []User   `json:"UserList"`
	EventTime       int64    `json:"EventTime"`
}

// CallInfo describes a running call.
type CallInfo struct {
	CallID        string  `json:"CallId"`
	CallMediaType *string `json:"CallMediaType,omitempty"`
	MediaType     *string `json:"MediaType,omitempty"`
	ChatGroupID   string  `json:"ChatGroupId"`
	RoomID        string  `json:"RoomId"`
	RoomIDType    int     `json:"RoomIdType"`
}

// MemberChanged is the body of Call.CallbackAfterMemberChanged (69215).
// UserList holds the members after the change. EventTime is in milliseconds.
type MemberChanged struct {
	CallbackCommand string   `json:"CallbackCommand"`
	CallID          string   `json:"CallId"`
	UserList        []User   `json:"UserList"`
	ChangedUserList []Change `json:"ChangedUserList"`
	EventTime       int64    `json:"EventTime"`
}

// EndCall is the body of Call.CallbackAfterEndCall (68940). EventTime is in
// milliseconds, the times of the record in seconds.
type EndCall struct {
	CallbackCommand string     `json:"CallbackCommand"`
	CallRecord      CallRecord `json:"CallRecord"`
	EventTime       int64      `json:"EventTime"`
}

// CallRecord describes a call that is over. AcceptTime is 0 when no one answered.
type CallRecord struct {
	CallID        string   `json:"CallId"`
	CallerAccount string   `json:"Caller_Account"`
	MediaType     string   `json:"MediaType"`
	CallType      string   `json:"CallType"`
	StartTime     int64    `json:"StartTime"`
	EndTime       int64    `json:"EndTime"`
	AcceptTime    int64    `json:"AcceptTime"`
	CallResult    string   `json:"CallResult"`
	CalleeList    []string `json:"CalleeList_Account"`
	RoomID        string   `json:"RoomId"`
	RoomIDType    int      `json:"RoomIdType"`
}

// MarshalJSON writes a string or, if asked and possible, a number.
func (a Account) MarshalJSON() ([]byte, error) { return appendAccount(nil, a), nil }

// UnmarshalJSON reads a string or a number.
func (a *Account) UnmarshalJSON(b []byte) error {
	a.Number = len(b) > 0 && b[0] != '"'
	if !a.Number {
		return json.Unmarshal(b, &a.ID)
	}
	a.ID = string(b)
	if !isNumber(a.ID) {
		return fmt.Errorf("User_Account %s: want a string, or a whole number without a sign", b)
	}
	return nil
}

// isNumber reports whether an id can be written as a JSON number and read back
// as the same id.
func isNumber(id string) bool {
	if id == "" || len(id) > 18 || (id[0] == '0' && len(id) > 1) {
		return false
	}
	for i := range len(id) {
		if id[i] < '0' || id[i] > '9' {
			return false
		}
	}
	return true
}

// AppendTo appends the body as JSON.
func (v *V1Body) AppendTo(b []byte) []byte {
	b = appendText(b, '{', "UserId", v.UserID)
	b = appendText(b, ',', "RoomId", v.RoomID)
	b = appendInt(b, ',', "TotalNum", int64(v.TotalNum))
	b = appendText(b, ',', "MediaType", v.MediaType)
	b = appendText(b, ',', "CallType", v.CallType)
	b = appendText(b, ',', "CallId", v.CallID)
	b = appendText(b, ',', "Role", v.Role)
	if v.Event != nil {
		b = appendText(b, ',', "Event", *v.Event)
	}
	b = appendText(b, ',', "CallResult", v.CallResult)
	b = appendInt(b, ',', "EventTime", v.EventTime)
	if v.StartCallTs != nil {
		b = appendInt(b, ',', "StartCallTs", *v.StartCallTs)
	}
	if v.AcceptTs != nil {
		b = appendInt(b, ',', "AcceptTs", *v.AcceptTs)
	}
	if v.EndTs != nil {
		b = appendInt(b, ',', "EndTs", *v.EndTs)
	}
	return append(b, '}')
}

// AppendTo appends the body as JSON.
func (s *StartCall) AppendTo(b []byte) []byte {
	b = appendText(b, '{', "CallbackCommand", s.CallbackCommand)
	b = appendKey(b, ',', "CallInfo")
	b = appendText(b, '{', "CallId", s.CallInfo.CallID)
	if m := s.CallInfo.CallMediaType; m != nil {
		b = appendText(b, ',', "CallMediaType", *m)
	}
	if m := s.CallInfo.MediaType; m != nil {
		b = appendText(b, ',', "MediaType", *m)
	}
	b = appendText(b, ',', "ChatGroupId", s.CallInfo.ChatGroupID)
	b = appendText(b, ',', "RoomId", s.CallInfo.RoomID)
	b = appendInt(b, ',', "RoomIdType", int64(s.CallInfo.RoomIDType))
	b = append(b, '}')
	b = appendUsers(b, s.UserList)
	b = appendInt(b, ',', "EventTime", s.EventTime)
	return append(b, '}')
}

// AppendTo appends the body as JSON.
func (m *MemberChanged) AppendTo(b []byte) []byte {
	b = appendText(b, '{', "CallbackCommand", m.CallbackCommand)
	b = appendText(b, ',', "CallId", m.CallID)
	b = appendUsers(b, m.UserList)
	b = appendKey(b, ',', "ChangedUserList")
	b = append(b, '[')
	for i := range m.ChangedUserList {
		b = appendMember(b, i, m.ChangedUserList[i].Account, "ActionType", m.ChangedUserList[i].Action)
	}
	b = append(b, ']')
	b = appendInt(b, ',', "EventTime", m.EventTime)
	return append(b, '}')
}

// AppendTo appends the body as JSON.
func (e *EndCall) AppendTo(b []byte) []byte {
	r := &e.CallRecord
	b = appendText(b, '{', "CallbackCommand", e.CallbackCommand)
	b = appendKey(b, ',', "CallRecord")
	b = appendText(b, '{', "CallId", r.CallID)
	b = appendText(b, ',', "Caller_Account", r.CallerAccount)
	b = appendText(b, ',', "MediaType", r.MediaType)
	b = appendText(b, ',', "CallType", r.CallType)
	b = appendInt(b, ',', "StartTime", r.StartTime)
	b = appendInt(b, ',', "EndTime", r.EndTime)
	b = appendInt(b, ',', "AcceptTime", r.AcceptTime)
	b = appendText(b, ',', "CallResult", r.CallResult)
	b = appendKey(b, ',', "CalleeList_Account")
	b = append(b, '[')
	for i, u := range r.CalleeList {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(b, u)
	}
	b = append(b, ']')
	b = appendText(b, ',', "RoomId", r.RoomID)
	b = appendInt(b, ',', "RoomIdType", int64(r.RoomIDType))
	b = append(b, '}')
	b = appendInt(b, ',', "EventTime", e.EventTime)
	return append(b, '}')
}

func appendUsers(b []byte, users []User) []byte {
	b = appendKey(b, ',', "UserList")
	b = append(b, '[')
	for i := range users {
		b = appendMember(b, i, users[i].Account, "Status", users[i].Status)
	}
	return append(b, ']')
}

func appendMember(b []byte, i int, a Account, key, value string) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	b = appendKey(b, '{', "User_Account")
	b = appendAccount(b, a)
	b = appendText(b, ',', key, value)
	return append(b, '}')
}

func appendAccount(b []byte, a Account) []byte {
	if a.Number && isNumber(a.ID) {
		return append(b, a.ID...)
	}
	return appendString(b, a.ID)
}

func appendKey(b []byte, before byte, key string) []byte {
	b = append(b, before, '"')
	b = append(b, key...)
	return append(b, '"', ':')
}

func appendText(b []byte, before byte, key, s string) []byte {
	return appendString(appendKey(b, before, key), s)
}

func appendInt(b []byte, before byte, key string, n int64) []byte {
	return strconv.AppendInt(appendKey(b, before, key), n, 10)
}
