package recording

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"ringback/sim/call"
	"ringback/sim/wire"
)

// Said is what the body of a callback says of its call, in either generation and in
// any dialect. What it does not say is zero.
type Said struct {
	Event    string // v1: the Event of an event word
	User     string // v1: UserId; v4: whom a member change names first, or else the caller
	Caller   string
	Members  []string // v4: UserList
	Talking  []string // v4: of these, those with the status Calling
	Changed  []string // v4: ChangedUserList
	Action   string   // v4: ActionType of the first of these
	Callees  []string // v4: CalleeList_Account, without the caller
	Total    int      // v1: TotalNum
	Media    call.Media
	Kind     string // CallType as it stands there
	Group    bool
	Result   call.Result
	Room     string
	RoomType call.RoomType
	Chat     string       // v4: ChatGroupId
	At       call.Instant // EventTime
	StartAt  call.Instant
	AcceptAt call.Instant
	EndAt    call.Instant
}

// loose is a string or a number as text: dialects differ in that.
type loose string

func (l *loose) UnmarshalJSON(b []byte) error {
	var s string
	if json.Unmarshal(b, &s) != nil {
		if s = string(b); s == "null" || strings.ContainsAny(s, "{[") {
			s = ""
		}
	}
	*l = loose(s)
	return nil
}

func (l loose) seconds() call.Instant { return instant(l.int() * 1000) }

// instant is a time, or 0 if the number can't be one: it may count something else.
func instant(ms int64) call.Instant {
	if at := call.Instant(ms); at > 0 && at < call.Latest {
		return at
	}
	return 0
}

func (l loose) int() int64 {
	n, err := strconv.ParseInt(string(l), 10, 53) // so that it can be in milliseconds
	if err != nil {
		return 0
	}
	return n
}

type member struct {
	Account loose `json:"User_Account"`
	Status  loose `json:"Status"`
	Action  loose `json:"ActionType"`
}

// Said reads the body. One that is no JSON object says nothing.
func (e *Exchange) Said() (s Said) {
	var b struct {
		UserID    loose `json:"UserId"`
		RoomID    loose `json:"RoomId"`
		Total     loose `json:"TotalNum"`
		Media     loose `json:"MediaType"`
		Kind      loose `json:"CallType"`
		Role      loose `json:"Role"`
		Event     loose `json:"Event"`
		Result    loose `json:"CallResult"`
		EventTime loose `json:"EventTime"`
		Start     loose `json:"StartCallTs"`
		Accept    loose `json:"AcceptTs"`
		End       loose `json:"EndTs"`

		Info struct {
			CallMedia loose `json:"CallMediaType"`
			Media     loose `json:"MediaType"`
			Group     loose `json:"ChatGroupId"`
			Room      loose `json:"RoomId"`
			RoomType  loose `json:"RoomIdType"`
		} `json:"CallInfo"`
		Users   []member `json:"UserList"`
		Changed []member `json:"ChangedUserList"`
		Record  struct {
			Caller   loose   `json:"Caller_Account"`
			Media    loose   `json:"MediaType"`
			Kind     loose   `json:"CallType"`
			Start    loose   `json:"StartTime"`
			End      loose   `json:"EndTime"`
			Accept   loose   `json:"AcceptTime"`
			Result   loose   `json:"CallResult"`
			Callees  []loose `json:"CalleeList_Account"`
			Room     loose   `json:"RoomId"`
			RoomType loose   `json:"RoomIdType"`
		} `json:"CallRecord"`
	}
	if json.Unmarshal(e.Body, &b) != nil {
		return Said{}
	}
	if e.Generation == wire.V1 {
		s = Said{
			Event: string(b.Event), User: string(b.UserID), Total: int(b.Total.int()), Room: string(b.RoomID), Result: resultOf(b.Result),
			At: b.EventTime.seconds(), StartAt: b.Start.seconds(), AcceptAt: b.Accept.seconds(), EndAt: b.End.seconds(),
		}
		s.Media, s.Kind, s.Group = mediaOf(b.Media), string(b.Kind), isGroup(b.Kind)
		if strings.EqualFold(string(b.Role), call.Caller.String()) {
			s.Caller = s.User
		}
		return s
	}
	r := &b.Record
	s = Said{
		Caller: string(r.Caller), Result: resultOf(r.Result), Kind: string(r.Kind), Group: isGroup(r.Kind), Chat: string(b.Info.Group), Room: string(b.Info.Room + r.Room),
		RoomType: call.RoomType((b.Info.RoomType + r.RoomType).int()), Media: mediaOf(b.Info.CallMedia, b.Info.Media, r.Media),
		At: instant(b.EventTime.int()), StartAt: r.Start.seconds(), AcceptAt: r.Accept.seconds(), EndAt: r.End.seconds(),
	}
	for _, u := range b.Users {
		s.Members = append(s.Members, string(u.Account))
		if u.Status == "Calling" {
			s.Talking = append(s.Talking, string(u.Account))
		}
	}
	for _, u := range b.Changed {
		s.Changed = append(s.Changed, string(u.Account))
		s.Action = string(b.Changed[0].Action)
	}
	for _, u := range r.Callees {
		if string(u) != s.Caller {
			s.Callees = append(s.Callees, string(u))
		}
	}
	if e.Word == wire.AfterStartCall.String() && len(s.Talking) > 0 {
		s.Caller = s.Talking[0]
	}
	s.User = s.Caller
	if len(s.Changed) > 0 {
		s.User = s.Changed[0]
	}
	return s
}

// plain is an enum's value without what differs from page to page: letter case and
// underscores.
func plain(l loose) string {
	return strings.ReplaceAll(strings.ToLower(string(l)), "_", "")
}

func resultOf(l loose) call.Result {
	for r := call.NormalEnd; r <= call.Offline; r++ {
		if plain(loose(r.String())) == plain(l) {
			return r
		}
	}
	return call.NoResult
}

func mediaOf(said ...loose) call.Media {
	if slices.ContainsFunc(said, func(l loose) bool { return plain(l) == call.Video.String() }) {
		return call.Video
	}
	return call.Audio
}

// isGroup reports whether a CallType is that of several callees: group, multi or MultiCall.
func isGroup(l loose) bool {
	k := plain(l)
	return k == call.Group.String() || strings.HasPrefix(k, "multi")
}
