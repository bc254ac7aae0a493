package wire

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"
)

// Renewal rewrites the callbacks of a call as those of another call: with other ids, at
// another time, perhaps of another app, and otherwise byte for byte the same. One Renewal
// serves all callbacks of a call, so that they agree and differ as before. The reverse
// Renewal restores the original bytes.
type Renewal struct {
	WasCall, Call string        // the CallId
	WasRoom, Room string        // the RoomId
	By            time.Duration // whole seconds, since that is the unit of some times
	WasApp, App   uint32        // in the query
}

// Query is the renewed query. One that names another app than the call's stays.
func (r *Renewal) Query(query []byte) []byte {
	from, to, ok := Parameter(query, "sdkappid", "SdkAppid")
	if !ok || r.WasApp == r.App || string(query[from:to]) != strconv.FormatUint(uint64(r.WasApp), 10) {
		return query
	}
	return slices.Concat(query[:from], strconv.AppendUint(nil, uint64(r.App), 10), query[to:])
}

// Body is the renewed body. One that is damaged is renewed up to where it stops
// being JSON.
func (r *Renewal) Body(g Generation, body []byte) []byte {
	values, _ := Values(body)
	out, from := make([]byte, 0, len(body)+2*len(r.Call)), 0
	for _, v := range values {
		text, ok := r.id(v, body)
		if !ok {
			text, ok = v.Moved(g, body, r.By)
		}
		if ok {
			out = append(append(out, body[from:v.From]...), text...)
			from = v.To
		}
	}
	return append(out, body[from:]...)
}

// id is an id's new text.
func (r *Renewal) id(v Value, body []byte) (text string, ok bool) {
	was, is := r.WasCall, r.Call
	switch v.Key {
	case "CallId":
	case "RoomId":
		was, is = r.WasRoom, r.Room
	default:
		return "", false
	}
	if was == is || v.In != "" && v.In != "CallInfo" && v.In != "CallRecord" {
		return "", false
	}
	var id string
	if json.Unmarshal(body[v.From:v.To], &id) != nil || id != was {
		return "", false
	}
	return string(appendString(nil, is)), true
}
