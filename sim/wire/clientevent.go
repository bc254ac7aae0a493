package wire

import (
	"encoding/json"

	"ringback/sim/call"
	"ringback/sim/phone"
)

// ClientEvent is a TUICallEvent as an app's listener gets it.
type ClientEvent struct {
	To      string `json:"to"`      // whose phone
	Event   string `json:"event"`   // its name
	Payload any    `json:"payload"` // marshals to the listener's argument
}

// object is a payload; encoding/json sorts its keys.
type object map[string]any

// ClientEvent writes an event of a call in the dialect. ok is false for an
// event that the dialect's client does not have.
func (d *Dialect) ClientEvent(c *call.Call, e *phone.Event) (ev ClientEvent, ok bool) {
	ev = ClientEvent{To: e.To, Event: e.Kind.String()}
	if d.ClientEvents == "engine" {
		if name, other := engineNames[e.Kind]; other {
			ev.Event = name
		}
		ev.Payload = enginePayload(c, e)
		return ev, true
	}
	if e.Kind == phone.OnUserNetworkQualityChanged && d.NetworkQuality == "entries" {
		ev.Payload = [][2]string{{e.User, e.Detail.Quality.String()}}
		return ev, true
	}
	ev.Payload = callkitPayload(c, e)
	return ev, e.Kind != phone.OnUserInviting // 66841 has no such event
}

// callkitPayload follows page 66841.
func callkitPayload(c *call.Call, e *phone.Event) object {
	switch e.Kind {
	case phone.OnError:
		return object{"code": e.Detail.Code, "message": e.Detail.Text}
	case phone.OnCallReceived:
		x := c.Attached()
		return object{
			"callerId": e.User, "calleeIdList": callees(c), "groupId": x.ChatGroup,
			"callMediaType": int(e.Media), "userData": x.UserData,
		}
	case phone.OnCallCancelled:
		return object{"callerId": e.User}
	case phone.OnCallBegin:
		return object{"roomId": roomID(c), "callMediaType": int(e.Media), "callRole": int(e.Role) + 1}
	case phone.OnCallEnd:
		return object{
			"roomId": roomID(c), "callMediaType": int(e.Media), "callRole": int(e.Role) + 1, "totalTime": e.Total,
		}
	case phone.OnCallMediaTypeChanged:
		return object{"oldCallMediaType": int(e.Was), "newCallMediaType": int(e.Media)}
	case phone.OnKickedOffline, phone.OnUserSigExpired:
		return object{}
	case phone.OnUserVideoAvailable:
		return object{"userId": e.User, "isVideoAvailable": e.Detail.On}
	case phone.OnUserAudioAvailable:
		return object{"userId": e.User, "isAudioAvailable": e.Detail.On}
	case phone.OnUserVoiceVolumeChanged:
		return object{"volumeMap": object{e.User: e.Detail.Level}}
	case phone.OnUserNetworkQualityChanged:
		return object{e.User: e.Detail.Quality.String()}
	}
	return object{"userId": e.User}
}

// engineNames are the names in which call-engine-js 3.3.4 differs. Since
// version 3 its clients read onCallNotConnected for onCallCancelled.
var engineNames = map[phone.Kind]string{
	phone.OnCallCancelled: "onCallNotConnected",
	phone.OnKickedOffline: "onKickedOffLine",
}

// enginePayload follows the runtime keys of call-engine-js 3.3.4.
func enginePayload(c *call.Call, e *phone.Event) object {
	switch e.Kind {
	case phone.OnError:
		return object{"code": e.Detail.Code, "message": e.Detail.Text}
	case phone.OnCallReceived:
		return engineCall(c, e, object{
			"callerId": e.User, "calleeIdList": callees(c), "chatGroupID": c.Attached().ChatGroup, "userData": c.Attached().UserData,
		})
	case phone.OnCallCancelled:
		return engineCall(c, e, object{"userID": e.User, "reason": int(e.Reason), "chatGroupID": c.Attached().ChatGroup})
	case phone.OnCallBegin:
		return engineCall(c, e, object{"chatGroupID": c.Attached().ChatGroup})
	case phone.OnCallEnd:
		return engineCall(c, e, object{
			"userID": e.User, "reason": int(e.Reason), "totalTime": e.Total, "chatGroupID": c.Attached().ChatGroup,
		})
	case phone.OnUserNoResponse:
		return object{"userIDList": []string{e.User}}
	case phone.OnCallMediaTypeChanged:
		return object{"newCallType": engineMedia(e.Media), "oldCallType": engineMedia(e.Was)}
	case phone.OnKickedOffline:
		return object{"message": ""}
	case phone.OnUserSigExpired:
		return object{}
	case phone.OnUserVideoAvailable:
		return object{"userID": e.User, "isVideoAvailable": e.Detail.On}
	case phone.OnUserAudioAvailable:
		return object{"userID": e.User, "isAudioAvailable": e.Detail.On}
	case phone.OnUserVoiceVolumeChanged:
		return object{"volumeMap": []object{{"userId": e.User, "audioVolume": e.Detail.Level}}}
	case phone.OnUserNetworkQualityChanged:
		return object{"networkQualityList": []object{{"userId": e.User, "quality": int(e.Detail.Quality)}}}
	}
	return object{"userID": e.User}
}

// engineCall adds the call's data that most events of the engine have.
func engineCall(c *call.Call, e *phone.Event, o object) object {
	o["callId"], o["callMediaType"], o["callRole"] = c.ID, engineMedia(e.Media), "invitee"
	if e.Role == call.Caller {
		o["callRole"] = "inviter"
	}
	room := roomID(c)
	o["roomID"], o["strRoomID"] = room["intRoomId"], room["strRoomId"]
	return o
}

// engineMedia numbers media as the engines do: 0 is unknown.
func engineMedia(m call.Media) int { return int(m) + 1 }

// callees are those who were invited so far.
func callees(c *call.Call) []string {
	ids := []string{}
	for _, m := range c.Members[1:] {
		ids = append(ids, m.ID)
	}
	return ids
}

// roomID is a room as 66841 shows it: a number or a text, and 0 or "" for the
// other.
func roomID(c *call.Call) object {
	if c.RoomType == call.DigitRoom && isNumber(c.Room) {
		return object{"intRoomId": json.Number(c.Room), "strRoomId": ""}
	}
	return object{"intRoomId": 0, "strRoomId": c.Room}
}
