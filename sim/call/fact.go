package call

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// FactKind names what happened.
type FactKind uint8

// The facts of a call. Those marked "users" list in Fact.Users whom one action changed;
// the others concern Fact.By only.
const (
	Started       FactKind = iota // the call exists; Setup says who calls whom
	StartFailed                   // the call could not be placed; terminal
	RingingFact                   // By's phone rings
	Accepted                      // By answered
	Rejected                      // By declined
	TimedOut                      // users: did not answer in time; by the server's timer
	BusyFact                      // By's phone was in another call and refused by itself
	Cancelled                     // By, the caller, gave up before anyone answered; users: who was still being called
	Invited                       // By asked users into the running call
	Uninvited                     // By, the caller, withdrew the invitation of users
	Joined                        // By entered a running group call uninvited
	Left                          // By hung up
	LineLost                      // By's connection broke, noticed at once
	BatteryPulled                 // By's phone went silent; no one notices until the heartbeat expires
	WentOffline                   // By's heartbeat expired; by the server's timer
	MediaChanged                  // By switched a call between audio and video
	Ended                         // the call is over, with Result; terminal

	// What else phones do and notice. It appears in client events only.
	MicToggled     // By muted or unmuted, On
	CameraToggled  // By's camera is On or off
	VoiceHeard     // By speaks at Level
	QualityChanged // By's network has Quality
	KickedOffline  // By logged in elsewhere, so this phone is out: its heartbeat stops
	SigExpired     // By's UserSig expired while online
	PhoneFailed    // By's phone reports an error, Code and Text
)

// ParseFactKind returns the kind with a word; ok is false if there is none.
func ParseFactKind(word string) (k FactKind, ok bool) {
	return k, k.UnmarshalText([]byte(word)) == nil
}

// FactKinds returns the words of all kinds.
func FactKinds() []string { return slices.Clone(factWords) }

// Fact is one thing that happened in a call. It says what changed, not when:
// the journal adds the time.
type Fact struct {
	Kind   FactKind `json:"-"`
	By     string   `json:"by,omitempty"`     // who acted; "" is the server
	Users  []string `json:"users,omitempty"`  // whom it changed, where that is not By
	First  bool     `json:"first,omitempty"`  // Accepted, Joined: whether it connected the call
	Media  Media    `json:"media,omitempty"`  // MediaChanged: the new one
	Result Result   `json:"result,omitempty"` // Ended
	Server bool     `json:"server,omitempty"` // Ended: by the REST API, not by a phone
	Setup  *Setup   `json:"setup,omitempty"`  // Started, StartFailed
	Detail
}

// Detail holds the values of facts and actions of a phone itself.
type Detail struct {
	On      bool    `json:"on,omitempty"`      // microphone, camera
	Level   int     `json:"level,omitempty"`   // voice volume, 0 to 100
	Quality Quality `json:"quality,omitempty"` // of the network
	Code    int     `json:"code,omitempty"`    // of an error
	Text    string  `json:"text,omitempty"`    // of an error
}

// Quality is a network's quality as a phone judges it (66841).
type Quality uint8

// The qualities, from 0 to 6 as the client SDKs number them.
const (
	Unknown Quality = iota
	Excellent
	Good
	Poor
	Bad
	VeryBad
	Down
)

// Setup is how a call begins.
type Setup struct {
	ID        string   `json:"-"` // the CallId; journals carry it on every line
	Number    uint64   `json:"number"`
	Partition int      `json:"partition,omitempty"` // of the traffic that the call belongs to, from 1; 0: of none
	App       uint32   `json:"sdkappid"`
	Caller    string   `json:"caller"`
	Callees   []string `json:"callees"`
	Busy      []string `json:"busy,omitempty"`        // callees in another call: their phones refuse by themselves
	Away      []string `json:"unreachable,omitempty"` // callees whose phones never ring
	Media     Media    `json:"media"`
	Kind      Kind     `json:"type"`
	Room      string   `json:"room"`
	RoomTag   RoomType `json:"room_type"`
	Device    *Device  `json:"device"`            // of all users who are not in Devices; shared, not copied
	Devices   Devices  `json:"devices,omitempty"` // by user
	Extra     *Extra   `json:"extra,omitempty"`
	AnyIDs    bool     `json:"any_ids,omitempty"` // allow user ids outside 34385's alphabet
}

// Extra is what an app may attach to a call.
type Extra struct {
	UserData  string `json:"user_data,omitempty"`  // the invitees' phones get it with the call
	ChatGroup string `json:"chat_group,omitempty"` // id of the IM group that calls
	Rings     Span   `json:"rings,omitempty"`      // how long phones ring, if not as long as all others' (74505: Timeout)
}

// RoomType is v4's RoomIdType (68941).
type RoomType uint8

// The room types.
const (
	DigitRoom  RoomType = 1
	StringRoom RoomType = 2
)

// Device is what a callback's URL tells of the acting user's phone.
type Device struct {
	Platform string `json:"platform"` // optplatform, e.g. iOS
	IP       string `json:"ip"`       // clientip, e.g. 127.0.0.1
}

// Devices is a device for some users.
type Devices []Owned

// Owned is a user's device.
type Owned struct {
	User   string
	Device *Device
}

// Of returns a user's device, or nil.
func (d Devices) Of(user string) *Device {
	for i := range d {
		if d[i].User == user {
			return d[i].Device
		}
	}
	return nil
}

// MarshalJSON writes an object with a key for each user, in their order.
func (d Devices) MarshalJSON() ([]byte, error) {
	byUser := map[string]*Device{}
	for _, o := range d {
		byUser[o.User] = o.Device
	}
	return json.Marshal(byUser)
}

// UnmarshalJSON reads such an object.
func (d *Devices) UnmarshalJSON(text []byte) error {
	var byUser map[string]*Device
	if err := json.Unmarshal(text, &byUser); err != nil {
		return err
	}
	*d = nil
	for _, user := range slices.Sorted(maps.Keys(byUser)) {
		*d = append(*d, Owned{user, byUser[user]})
	}
	return nil
}

// Verb is the kind of an action.
type Verb uint8

// The verbs. Phones do all but Timeout and Expire, which are the server's
// timers, and EndByServer.
const (
	DoRing Verb = iota
	DoAccept
	DoReject
	DoBusy
	DoTimeout
	DoCancel
	DoHangUp
	DoInvite
	DoCancelInvite
	DoJoin
	DoLoseLine
	DoPullBattery
	DoExpire
	DoChangeMedia
	DoEndByServer // an app's backend ends the call over the REST API (74506)

	// Actions of a phone itself, which package phone decides.
	DoMic
	DoCamera
	DoSpeak
	DoQuality
	DoSecondLogin
	DoExpireSig
	DoFail
)

// Action is something that a phone, or the server's timer, does to a call.
type Action struct {
	Do    Verb     `json:"do"`
	By    string   `json:"by,omitempty"`    // the acting user; for DoExpire the one whose heartbeat expired
	Users []string `json:"users,omitempty"` // DoInvite, DoCancelInvite, DoTimeout: whom
	Media Media    `json:"media,omitempty"` // DoChangeMedia
	// Result is DoEndByServer's; if empty, normal_end for a call that was
	// answered and cancel for one that was not.
	Result Result `json:"result,omitempty"`
	Detail
}

// Step is an action planned at a time after the call's start.
type Step struct {
	After Span `json:"at"`
	Action
}

// Span is a duration that JSON shows as text, like 3s.
type Span time.Duration

// MarshalText writes it as [time.Duration] does.
func (s Span) MarshalText() ([]byte, error) { return []byte(time.Duration(s).String()), nil }

// UnmarshalText reads what [time.ParseDuration] reads.
func (s *Span) UnmarshalText(b []byte) error {
	d, err := time.ParseDuration(string(b))
	*s = Span(d)
	return err
}
