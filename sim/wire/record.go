package wire

import "ringback/sim/call"

// V1Record is a call that is over, as the v1 API shows it (60136, 60137). Times are
// seconds since the Unix epoch; AcceptTs is 0 when no one answered.
type V1Record struct {
	CallID          string   `json:"callId"`
	SDKAppID        uint32   `json:"sdkAppId"`
	MediaType       string   `json:"mediaType"`
	RoomID          string   `json:"roomId"`
	StartCallTs     int64    `json:"startCallTs"`
	AcceptTs        int64    `json:"acceptTs"`
	EndTs           int64    `json:"endTs"`
	Caller          string   `json:"caller"`
	TotalUserNumber int      `json:"totalUserNumber"`
	CallType        string   `json:"callType"`
	CallResult      string   `json:"callResult"`
	Callees         []string `json:"callees"`
}

// V1Record is the v1 record of a call that is over. The caller is among the
// callees, as in the sample of 60136 and in v4's records, or under the dialect
// callee_list=callees is not, as in the sample of 60137. The samples contradict
// each other in totalUserNumber too; it is everyone invited, the caller
// included, as TotalNum is in the callbacks.
func (e *Encoder) V1Record(c *call.Call) V1Record {
	return V1Record{
		CallID: c.ID, SDKAppID: c.App, MediaType: e.enum(c.Media.String()), RoomID: c.Room,
		StartCallTs: c.StartAt.Seconds(), AcceptTs: c.AcceptAt.Seconds(), EndTs: c.EndAt.Seconds(),
		Caller: c.Caller(), TotalUserNumber: len(c.Members),
		CallType: e.V1Kind(c), CallResult: e.V1Result(c.Result), Callees: e.callees(c, []string{}),
	}
}

// Record is the v4 record of a call that is over (68930, 68931).
func (e *Encoder) Record(c *call.Call) CallRecord { return e.record(c, []string{}) }

// record writes a record, and who was called into a list.
func (e *Encoder) record(c *call.Call, list []string) CallRecord {
	return CallRecord{
		CallID: c.ID, CallerAccount: c.Caller(), MediaType: v4Media(c.Media), CallType: e.V4Kind(c),
		StartTime: c.StartAt.Seconds(), EndTime: c.EndAt.Seconds(), AcceptTime: c.AcceptAt.Seconds(),
		CallResult: e.V4Result(c.Result), CalleeList: e.callees(c, list), RoomID: c.Room, RoomIDType: e.roomType(c),
	}
}

func (e *Encoder) callees(c *call.Call, list []string) []string {
	for i := range c.Members {
		if i > 0 || e.dialect.CalleeList == "with_caller" {
			list = append(list, c.Members[i].ID)
		}
	}
	return list
}

// CallInfo describes a running call as get_call_info does (68932): with the
// key MediaType, whatever a StartCall callback has.
func (e *Encoder) CallInfo(c *call.Call) CallInfo {
	media := v4Media(c.Media)
	return CallInfo{CallID: c.ID, MediaType: &media, ChatGroupID: c.Attached().ChatGroup, RoomID: c.Room, RoomIDType: e.roomType(c)}
}

// Users are those who are in a running call or being called (68932).
func (e *Encoder) Users(c *call.Call) []User { return e.users([]User{}, c) }

// multi is the third call type of v1, under the dialect multi_call_type=multi.
const multi = "multi"

// V1Kind is the callType of v1. Under the dialect multi_call_type=multi a group
// call that belongs to no IM group is multi, however many were called: who is
// invited later does not change it.
func (e *Encoder) V1Kind(c *call.Call) string {
	if c.Kind == call.Group && c.Attached().ChatGroup == "" && e.dialect.MultiCallType == multi {
		return e.enum(multi)
	}
	return e.enum(c.Kind.String())
}

// V1Kinds are all values of [Encoder.V1Kind].
func (e *Encoder) V1Kinds() []string {
	kinds := []string{e.enum(call.Single.String()), e.enum(call.Group.String())}
	if e.dialect.MultiCallType == multi {
		kinds = append(kinds, e.enum(multi))
	}
	return kinds
}

// V4Kind is the CallType of v4.
func (*Encoder) V4Kind(c *call.Call) string { return v4Kinds[c.Kind] }

// V4Kinds are all values of [Encoder.V4Kind].
func (*Encoder) V4Kinds() []string { return v4Kinds[:] }

var v4Kinds = [...]string{call.Single: "SingleCall", call.Group: "MultiCall"}

// V1Result is the callResult of a v1 record. Other than a callback it may be
// offline (60136).
func (e *Encoder) V1Result(r call.Result) string {
	if r == call.Offline && e.dialect.HeartbeatResult == "Interrupt" {
		r = call.Interrupt
	}
	return e.enum(r.String())
}
