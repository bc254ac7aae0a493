package pane

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/journal"
	"ringback/sim/phone"
	"ringback/sim/wire"
	"ringback/tui/draw"
	"ringback/tui/history"
)

// Phones shows the phones of the chosen call: the state of each, its heartbeat, and the
// events that its app's listener got, in order.
type Phones struct {
	Top   int
	owner []string // whose phone each drawn row shows

	of                  string // the chosen phone when last drawn
	begin, end, visible int    // its lines, and how many are visible
}

// Title names the call, and which phones are visible if not all.
func (p *Phones) Title(v *View) string {
	title, en := v.CallTitle(), v.chosenCall()
	if en == nil {
		return title
	}
	title += "  " + draw.StateOf(en.Call)
	if n := length(v, en); n != "-" {
		title += " " + n
	}
	if left := ringsFor(v, en.Call); left > 0 {
		title += ", " + v.Wait.Of(strconv.Itoa(int(left.Seconds()))+"s left")
	}
	if len(p.owner) == 0 {
		return title
	}
	at := func(user string) int {
		return slices.IndexFunc(en.Members, func(m call.Member) bool { return m.ID == user })
	}
	n := len(en.Members)
	if text := draw.Span(at(p.owner[0]), at(p.owner[len(p.owner)-1])+1, n); text != strconv.Itoa(n) {
		title += "  " + text
	}
	return title
}

// ringsFor is how much longer the phones of a call ring that have rung longest.
func ringsFor(v *View, c *journal.Call) (left time.Duration) {
	for i := range c.Members {
		if mb := &c.Members[i]; mb.Waiting() && c.Phase != call.Over {
			rest := mb.Since.Add(cmp.Or(time.Duration(c.Attached().Rings), sim.RingTimeout)).Sub(v.Now)
			if left == 0 || rest < left {
				left = rest
			}
		}
	}
	return left
}

// seen is an event that a phone's app got.
type seen struct {
	at call.Instant
	wire.ClientEvent
}

// seenBy returns the events of each phone. They are a projection of the call's facts, and
// so not stored.
func seenBy(st *journal.State, en *history.Call) map[string][]seen {
	all := map[string][]seen{}
	var c call.Call
	var events []phone.Event
	for i := range en.Moments {
		mo := &en.Moments[i]
		if mo.Fact == nil || c.Admits(mo.Fact.Fact) != nil { // a compacted journal begins in the middle
			continue
		}
		c.Apply(mo.At, mo.Fact.Fact)
		events = phone.See(events[:0], &c, mo.At, &mo.Fact.Fact)
		for j := range events {
			if ev, ok := st.Dialect.ClientEvent(&c, &events[j]); ok {
				all[ev.To] = append(all[ev.To], seen{mo.At, ev})
			}
		}
	}
	return all
}

func (p *Phones) Render(v *View, w, h int) []string {
	en := v.chosenCall()
	if en == nil {
		return []string{"", "  no call is chosen"}
	}
	if v.State.Run.Seen() {
		p.owner = nil
		return append([]string{""}, indent(draw.Wrap(noPhones, w-4), "  ")...)
	}
	events := seenBy(v.State, en)
	wide := 6
	for i := range en.Members {
		wide = max(wide, draw.Width(v.Clean(en.Members[i].ID)))
	}
	wide = min(wide, max(14, w/4))
	beats := 0
	for i := range en.Members {
		beat, _ := heartbeat(v, en.Call, &en.Members[i])
		beats = max(beats, draw.Width(v.Heart+" "+beat))
	}
	var lines, owner []string
	cursor, end, rows := 0, 0, h-keyLines(v, h)
	share := shareOf(en.Call, events, v.User, rows)
	if v.Full {
		for user, list := range events {
			share[user] = len(list)
		}
	}
	for i := range en.Members {
		mb := &en.Members[i]
		block := []string{p.line(v, en, mb, events[mb.ID], wide, beats, w)}
		if mb.ID == v.User {
			cursor = len(lines)
		}
		block = append(block, p.history(v, events[mb.ID], w, share[mb.ID])...)
		if mb.ID == v.User {
			end = cursor + len(block) - 1
		}
		for range block {
			owner = append(owner, mb.ID)
		}
		lines = append(lines, block...)
	}
	if !v.Full || p.of != v.User { // else one scrolls through its events
		p.Top = ScrollTo(p.Top, end, rows, len(lines))
		p.Top = ScrollTo(p.Top, cursor, rows, len(lines))
	}
	p.Top = max(0, min(max(p.Top, cursor-rows+1), end, len(lines)-rows))
	p.of, p.begin, p.end, p.visible = v.User, cursor, end, rows
	until := min(len(lines), p.Top+rows)
	lines, p.owner = lines[p.Top:until], owner[p.Top:until]
	if keyLines(v, h) > 0 {
		for len(lines) < h-1 {
			lines = append(lines, "")
		}
		lines = append(lines, " "+v.line(v.Keys, w-2))
	}
	return lines
}

// noPhones is why a recording shows no phones.
const noPhones = "Not known: a recording has callbacks and their answers, not what the phones did and saw."

// shareOf returns how many rows each phone gets for its events: the chosen one as many as
// it has, the others what is left, in order. If the phones alone take all rows, half of
// these go to the chosen one.
func shareOf(c *journal.Call, events map[string][]seen, chosen string, rows int) map[string]int {
	share := map[string]int{}
	room := rows - len(c.Members)
	if room <= 0 {
		share[chosen] = min(rows/2, len(events[chosen]))
		return share
	}
	give := func(user string) {
		n := min(room, len(events[user]))
		share[user], room = n, room-n
	}
	give(chosen)
	for i := range c.Members {
		if u := c.Members[i].ID; u != chosen {
			give(u)
		}
	}
	return share
}

// keyLines is how many lines the pane has for its keys.
func keyLines(v *View, h int) int {
	if h > 4 && v.Recording == "" && v.Form != draw.Tabs && v.Form != draw.Stacked {
		return 1
	}
	return 0
}

func (p *Phones) line(v *View, en *history.Call, mb *call.Member, events []seen, wide, beats, w int) string {
	here := " "
	if mb.ID == v.User {
		here = v.Here
	}
	_, role := en.Find(mb.ID)
	beat, ink := heartbeat(v, en.Call, mb)
	state := mb.Status.String()
	switch {
	case en.Phase == call.Over:
		state = "idle"
	case en.Phase == call.Ringing && role == call.Caller:
		state = "calling"
	}
	platform := v.Fit(draw.Cut(v.Clean(mb.Device.Platform), 3, ""), 3) + " "
	if w-wide-beats < 50 { // the event matters more
		platform = ""
	}
	line := fmt.Sprintf(" %s %s  %s %s%s ", here, v.Fit(v.Middle(v.Clean(mb.ID), wide), wide), role, platform, v.Fit(state, 8))
	line += ink.Of(v.Fit(v.Heart+" "+beat, beats)) + "  "
	switch n := len(events); {
	case n > 0: // the event's name is cut
		line = v.Ends(line+events[n-1].Event, v.Dim.Of(draw.Clock(events[n-1].at)), w-1)
	case len(en.Moments) == 0:
		line += v.Dim.Of("not known any more")
	case en.Phase == call.Over:
		line += v.Dim.Of("saw nothing")
	default:
		line += v.Dim.Of("no event yet")
	}
	if here != " " && v.Focused {
		return v.Chosen.Of(v.Fit(draw.Stripped(line), w))
	}
	return line
}

// heartbeat shows a phone's heartbeat as the server sees it.
func heartbeat(v *View, c *journal.Call, mb *call.Member) (string, draw.Ink) {
	switch {
	case c.Phase == call.Over || !mb.Present():
		return v.Dash, v.Dim
	case mb.SilentAt != 0:
		if left := expiry(v.Heartbeat, mb) - v.Now.Sub(mb.SilentAt); v.Heartbeat != 0 && left > 0 {
			return "expires in " + draw.Age(left), v.Bad
		}
		return "lost " + draw.Age(v.Now.Sub(mb.SilentAt)), v.Bad
	case !mb.Rang:
		return "not reached", v.Dim
	}
	return "beats", v.Good
}

// expiry is how long a phone may be silent.
func expiry(heartbeat time.Duration, mb *call.Member) time.Duration {
	if heartbeat == sim.PlatformExpiry {
		return sim.PlatformExpiryOf(mb.Device.Platform)
	}
	return heartbeat
}

// history lists the latest events of the chosen phone, with their payloads.
func (p *Phones) history(v *View, events []seen, w, room int) (lines []string) {
	if room <= 0 {
		return nil
	}
	for _, e := range events[max(0, len(events)-room):] {
		payload, err := json.Marshal(e.Payload)
		if err != nil {
			payload = []byte(err.Error())
		}
		text := v.Clean(string(payload))
		head := "     " + v.Dim.Of(draw.Tenths(e.at)) + " " + v.Info.Of(e.Event) + " "
		room := w - 18 - len(e.Event)
		if !v.Full || draw.Width(text) <= room {
			lines = append(lines, head+draw.Cut(text, room, v.More))
			continue
		}
		lines = append(lines, head)
		lines = append(lines, indent(draw.Fold(text, w-18), "                ")...)
	}
	return lines
}

// Events returns the events that the chosen phone's app got, a line each, in full.
func Events(v *View) string {
	en := v.chosenCall()
	if en == nil {
		return ""
	}
	var b strings.Builder
	for _, e := range seenBy(v.State, en)[v.User] {
		payload, err := json.Marshal(e.Payload)
		if err != nil {
			payload = []byte(err.Error())
		}
		fmt.Fprintf(&b, "%s %s %s %s\n", draw.Tenths(e.at), v.User, e.Event, payload)
	}
	return b.String()
}

// Move puts the cursor on another phone. On the whole screen it first scrolls through the
// events of the chosen one.
func (p *Phones) Move(v *View, by int) Selection {
	to := v.Selection
	switch {
	case !v.Full || p.of != v.User:
	case by > 0 && p.end >= p.Top+p.visible:
		p.Top = min(p.Top+by, p.end-p.visible+1)
		return to
	case by < 0 && p.Top > p.begin:
		p.Top = max(p.Top+by, p.begin)
		return to
	}
	en := v.chosenCall()
	if en == nil {
		return to
	}
	for i := range en.Members {
		if en.Members[i].ID == v.User {
			to.User = en.Members[max(0, min(len(en.Members)-1, i+by))].ID
		}
	}
	return to
}

// Row chooses the phone of the n-th line.
func (p *Phones) Row(v *View, n int) Selection {
	to := v.Selection
	if n >= 0 && n < len(p.owner) && p.owner[n] != "" {
		to.User = p.owner[n]
	}
	return to
}

// Switched reports whether a user's microphone or camera is on: phones begin with
// the microphone on, and with the camera on in a video call.
func Switched(en *history.Call, user string, kind call.FactKind) bool {
	on := kind == call.MicToggled || en.Media == call.Video
	for _, mo := range en.Moments {
		if mo.Fact != nil && mo.Fact.Kind == kind && mo.Fact.By == user {
			on = mo.Fact.On
		}
	}
	return on
}
