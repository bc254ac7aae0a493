package phone

import "ringback/sim/call"

// Kind is a TUICallEvent.
type Kind uint8

// The events of 66841, in its order, and one that only the engines below it
// have.
const (
	OnError Kind = iota
	OnCallReceived
	OnCallCancelled
	OnCallBegin
	OnCallEnd
	OnUserReject
	OnUserNoResponse
	OnUserLineBusy
	OnUserJoin
	OnUserLeave
	OnCallMediaTypeChanged
	OnKickedOffline
	OnUserSigExpired
	OnUserVideoAvailable
	OnUserAudioAvailable
	OnUserVoiceVolumeChanged
	OnUserNetworkQualityChanged
	OnUserInviting // not on page 66841

	Kinds // their number
)

var kindNames = [Kinds]string{
	"onError", "onCallReceived", "onCallCancelled", "onCallBegin", "onCallEnd", "onUserReject", "onUserNoResponse",
	"onUserLineBusy", "onUserJoin", "onUserLeave", "onCallMediaTypeChanged", "onKickedOffline", "onUserSigExpired",
	"onUserVideoAvailable", "onUserAudioAvailable", "onUserVoiceVolumeChanged", "onUserNetworkQualityChanged",
	"onUserInviting",
}

// String is the name that 66841 has for the event.
func (k Kind) String() string { return kindNames[k] }

// Reason is why a call ended or never began, as the client SDKs number it
// (CallEndReason).
type Reason uint8

// The reasons.
const (
	NoReason Reason = iota
	Hangup
	Reject
	NoResponse
	Offline
	LineBusy
	Canceled
	OtherDeviceAccepted
	OtherDeviceReject
	EndByServer
)

// Event is one event that one phone's app sees.
type Event struct {
	To   string // whose phone
	Kind Kind
	// User is whom the event is about. In onCallReceived it is the inviter. In
	// onCallCancelled, whose parameter is named callerId, it is the caller only if
	// the caller cancelled, and the phone's own user otherwise.
	User   string
	Role   call.Role   // of To
	Media  call.Media  // of the call
	Was    call.Media  // OnCallMediaTypeChanged: before
	Reason Reason      // OnCallCancelled, OnCallEnd
	Total  int64       // OnCallEnd: seconds that this user was in the call after it was answered
	Detail call.Detail // what a phone's own fact said
}
