package diff

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/recording"
	"ringback/sim/wire"
)

// director plays recorded calls in simulators.
type director struct {
	dialect *wire.Dialect
	words   wire.Words // that the recording has
	now     time.Time  // of the latest exchange
}

// cast is who takes part in a call.
type cast struct {
	setup   call.Setup
	fails   bool
	doubt   string                         // what the callbacks do not tell
	invited map[*recordedCallback][]string // by an invitation in v1, which does not say whom
}

// later is a doubt.
const later = "who came later, and when, is not told"

// unknown is for a caller whom no callback names.
const unknown = "unknown"

// standIn is for a user whom no callback names.
func standIn(n int) string { return fmt.Sprintf("unknown-%d", n) }

func (d *director) cast(c *recordedCall) *cast {
	k := &cast{invited: map[*recordedCallback][]string{}}
	s := &k.setup
	s.ID, s.AnyIDs, s.Extra = c.id, true, &call.Extra{Rings: call.Span(24 * time.Hour)}
	devices := map[string]*call.Device{}
	for _, cb := range c.callbacks {
		s.Caller = cmp.Or(s.Caller, cb.said.Caller)
		s.Room = cmp.Or(s.Room, cb.said.Room)
		s.RoomTag = cmp.Or(s.RoomTag, cb.said.RoomType)
		s.Extra.ChatGroup = cmp.Or(s.Extra.ChatGroup, cb.said.Chat)
		if cb.said.Group {
			s.Kind = call.Group
		}
		if u := cb.said.User; u != "" && devices[u] == nil {
			devices[u] = deviceOf(cb.Exchange)
			s.Devices = append(s.Devices, call.Owned{User: u, Device: devices[u]})
		}
		if strings.EqualFold(cb.said.Kind, call.Group.String()) && d.dialect.MultiCallType != call.Group.String() {
			s.Extra.ChatGroup = cmp.Or(s.Extra.ChatGroup, "unknown")
		}
		k.fails = k.fails || cb.word == wire.CallerCallFailed
	}
	first := c.callbacks[0]
	s.Media, s.Device = first.said.Media, deviceOf(first.Exchange)
	s.Caller = cmp.Or(s.Caller, unknown)
	if s.Room == "" || s.RoomTag == 0 {
		s.RoomTag = call.StringRoom
	}
	if c.generation == wire.V1 {
		d.castV1(c, k)
	} else {
		d.castV4(c, k)
	}
	if len(s.Callees) == 0 {
		s.Callees = []string{standIn(1)}
	}
	if len(s.Callees) > 1 {
		s.Kind = call.Group
	}
	return k
}

// castV1 finds the callees: they come in words of their own, and TotalNum says how many
// there are.
func (d *director) castV1(c *recordedCall, k *cast) {
	s := &k.setup
	var callees, joined, rang, busy []string
	for _, cb := range c.callbacks {
		u := cb.said.User
		if cb.word == wire.JoinInGroupCall {
			joined = append(joined, u)
		}
		if cb.word == wire.CalleeReceiveCall {
			rang = append(rang, u)
		}
		if cb.word == wire.CalleeIgnoreCall {
			busy = append(busy, u)
		}
		role, ok := cb.word.Role()
		if ok = ok && role == call.Callee || cb.word.Status(); ok && u != "" && u != s.Caller && !slices.Contains(callees, u) && !slices.Contains(joined, u) {
			callees = append(callees, u)
		}
	}
	stood := 0
	take := func(n int) (users []string) {
		for range n {
			if len(callees) > 0 {
				users, callees = append(users, callees[0]), callees[1:]
				continue
			}
			if stood++; k.doubt == "" && !all(c.callbacks, func(cb *recordedCallback) bool { return cb.word.Status() }) {
				k.doubt = "who was called is not told"
			}
			users = append(users, standIn(stood))
		}
		return users
	}
	total := max(2, c.callbacks[0].said.Total)
	s.Callees = take(total - 1)
	for _, cb := range c.callbacks {
		switch cb.word {
		case wire.JoinInGroupCall:
			total++
		case wire.InviteUser:
			k.invited[cb] = take(max(1, cb.said.Total-total))
			total = max(total+1, cb.said.Total)
		}
	}
	if len(callees) > 0 {
		k.doubt = cmp.Or(k.doubt, later)
	}
	single := s.Kind == call.Single && len(s.Callees) == 1
	isBusy := single && (c.result() == call.CallBusy || slices.ContainsFunc(c.callbacks, func(cb *recordedCallback) bool { return cb.word == wire.CallerCallBusy }))
	for _, u := range s.Callees {
		switch {
		case isBusy || slices.Contains(busy, u):
			s.Busy = append(s.Busy, u)
		case d.words.Has(wire.CalleeReceiveCall) && !slices.Contains(rang, u):
			s.Away = append(s.Away, u)
		}
	}
}

func all(list []*recordedCallback, are func(*recordedCallback) bool) bool {
	return !slices.ContainsFunc(list, func(cb *recordedCallback) bool { return !are(cb) })
}

// castV4 finds the callees: StartCall lists them, or else EndCall lists everyone.
func (d *director) castV4(c *recordedCall, k *cast) {
	s := &k.setup
	var came, acted []string // later; and did something
	listed := false
	for _, cb := range c.callbacks {
		if a := cb.said.Action; strings.HasPrefix(a, "Invite") || a == "Join" {
			came, s.Kind = append(came, cb.said.Changed...), call.Group
		}
		if cb.word == wire.AfterStartCall {
			listed = true
			s.Callees = slices.DeleteFunc(slices.Clone(cb.said.Members), func(u string) bool { return u == s.Caller })
		}
	}
	for _, cb := range c.callbacks {
		switch {
		case listed:
		case cb.word == wire.AfterEndCall:
			s.Callees = slices.DeleteFunc(slices.Clone(cb.said.Callees), func(u string) bool { return slices.Contains(came, u) })
		}
	}
	if len(s.Callees) == 0 {
		for _, cb := range c.callbacks {
			for _, u := range slices.Concat(cb.said.Members, cb.said.Changed) {
				if u != s.Caller && !slices.Contains(came, u) && !slices.Contains(s.Callees, u) {
					s.Callees = append(s.Callees, u)
				}
			}
		}
	}
	for _, cb := range c.callbacks {
		for _, u := range cb.said.Callees {
			if listed && !slices.Contains(s.Callees, u) && !slices.Contains(came, u) {
				k.doubt = later
			}
		}
	}
	result := c.result()
	for _, cb := range c.callbacks {
		if cb.word != wire.AfterMemberChanged {
			continue
		}
		if cb.said.Action != "Reject" || result != call.CallBusy || len(s.Callees) > 1 && d.dialect.V4BusyAction != "Reject" {
			acted = append(acted, cb.said.Changed...)
		}
		for _, u := range s.Callees { // gone without a change
			if !slices.Contains(acted, u) && !slices.Contains(cb.said.Members, u) && !slices.Contains(cb.said.Changed, u) && !slices.Contains(s.Busy, u) {
				s.Busy = append(s.Busy, u)
			}
		}
	}
	for _, u := range s.Callees {
		if result == call.CallBusy && !slices.Contains(acted, u) && !slices.Contains(s.Busy, u) {
			s.Busy = append(s.Busy, u)
		}
	}
}

// deviceOf is the device that a URL names.
func deviceOf(e *recording.Exchange) *call.Device {
	d := new(call.Device)
	for pair := range bytes.SplitSeq(e.Query(), []byte("&")) {
		name, value, _ := bytes.Cut(pair, []byte("="))
		text, err := url.QueryUnescape(string(value))
		if err != nil {
			text = string(value)
		}
		switch strings.ToLower(string(name)) {
		case "optplatform":
			d.Platform = text
		case "clientip":
			d.IP = text
		}
	}
	return d
}
