package phone

import "ringback/sim/call"

// Kind is a TUICallEvent.
type Kind uint8

// The events of 66841, in its order, and one that only the underlying engines have.
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

	Kinds // the number of kinds
)

var kindNames = [Kinds]string{
	"onError", "onCallReceived", "onCallCancelled", "onCallBegin", "onCallEnd", "onUserReject", "onUserNoResponse",
	"onUserLineBusy", "onUserJoin", "onUserLeave", "onCallMediaTypeChanged", "onKickedOffline", "onUserSigExpired",
	"onUserVideoAvailable", "onUserAudioAvailable", "onUserVoiceVolumeChanged", "onUserNetworkQualityChanged",
	"onUserInviting",
}

// String returns the event's name in 66841.
func (k Kind) String() string { return kindNames[k] }

// Reason is why a call ended or did not begin, numbered as in the client SDKs
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

// Event is an event that the app on one phone gets.
type Event struct {
	To   string // the user of the phone
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
	Detail call.Detail // of a fact of a phone itself
}
