package features

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/journal"
	"ringback/sim/probe"
	"ringback/sim/script"
	"ringback/sim/wire"
)

// describing has the steps about what the receiver stored of a call besides its end and
// members.
var describing = []Step{
	{
		Pattern: `^the room stored is ([A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*")(?: of call (\S+))?$`, Form: "the room stored is {room}[ of call {call}]", Example: `the room stored is "Alice's Room"`,
		About: "the RoomId, character by character", handler: theRoomStoredIs,
		check: all(of(script.ParseText), aCall),
	},
	{
		Pattern: `^the media stored are (\S+)(?: of call (\S+))?$`, Form: "the media stored are {media}[ of call {call}]", Example: "the media stored are video",
		About: "audio or video, in the spelling of either generation", handler: theMediaStoredAre,
		check: all(of(parseMedia), aCall),
	},
	{
		Pattern: `^the times stored are those of the call(?: (\S+))?$`, Form: "the times stored are those of the call[ {call}]", Example: "the times stored are those of the call",
		About: "when it began, was answered and ended, to the second; those of the three that the probe tells", handler: theTimesStoredAre,
		check: all(aCall),
	},
}

// describes reports whether a callback has the room and the media of its call.
func describes(d *delivery.Delivery) bool { return d.Word != wire.AfterMemberChanged }

func parseMedia(arg string) (m call.Media, err error) {
	if m.UnmarshalText([]byte(arg)) != nil {
		err = notOne("media", arg, []string{"audio", "video"})
	}
	return m, err
}

func theRoomStoredIs(ctx context.Context, room, name string) error {
	s := worldOf(ctx)
	want, err := script.ParseText(room)
	if err != nil {
		return err
	}
	id, err := s.told(name, describes)
	if err != nil {
		return err
	}
	is := func(p probe.Stored) bool { return p.Room != nil && *p.Room == want }
	tells := func(p probe.Stored) bool { return p.Room != nil }
	return s.expect(ctx, id, is, "room", tells, func(p probe.Stored) error {
		f := s.holds(id, describes, "a text is stored otherwise than it was sent", "the room of call %s is stored as %q, want %q", id, *p.Room, want)
		f.Found = fmt.Sprintf("the room %q is stored, want %q", *p.Room, want)
		return f
	})
}

func theMediaStoredAre(ctx context.Context, media, name string) error {
	s := worldOf(ctx)
	want, err := parseMedia(media)
	if err != nil {
		return err
	}
	id, err := s.told(name, describes)
	if err != nil {
		return err
	}
	is := func(p probe.Stored) bool { return p.Media != nil && strings.EqualFold(*p.Media, want.String()) }
	tells := func(p probe.Stored) bool { return p.Media != nil }
	return s.expect(ctx, id, is, "media", tells, func(p probe.Stored) error {
		f := s.holds(id, describes, "media are stored that are not the call's", "the media of call %s are stored as %q, want %s", id, *p.Media, want)
		f.Found = fmt.Sprintf("the media %q are stored, want %s", *p.Media, want)
		return f
	})
}

// shownTime is a time of a call: as the receiver shows it, and as it was.
type shownTime struct {
	name string
	got  *int64
	want call.Instant
}

// wrong reports whether the receiver shows another time. It may differ by a second, since
// milliseconds are cut or rounded. 0 is allowed for a v1 call that did not end normally:
// no callback about its end has times.
func (m *shownTime) wrong(told bool) bool {
	if m.got == nil || *m.got == 0 && !told {
		return false
	}
	late := *m.got - m.want.Seconds()
	return late < -1 || late > 1
}

func theTimesStoredAre(ctx context.Context, name string) error {
	s := worldOf(ctx)
	id, err := s.told(name, theEnd)
	if err != nil {
		return err
	}
	var c journal.Call
	if err := s.settle(ctx); err != nil {
		return err
	}
	s.read(func(st *journal.State) { c = *st.Call(id) })
	told := s.generation == wire.V4 || c.Result == call.NormalEnd
	wrong := func(p probe.Stored) []shownTime {
		list := []shownTime{{"start", p.Start, c.StartAt}, {"accept", p.Accept, c.AcceptAt}, {"end", p.End, c.EndAt}}
		return slices.DeleteFunc(list, func(m shownTime) bool { return !m.wrong(told) })
	}
	tells := func(p probe.Stored) bool {
		return p.Start != nil || p.Accept != nil || p.End != nil || p.Count == 0
	}
	is := func(p probe.Stored) bool { return p.Count > 0 && tells(p) && len(wrong(p)) == 0 }
	return s.expect(ctx, id, is, "start, accept or end", tells, func(p probe.Stored) error {
		list := wrong(p)
		if len(list) == 0 {
			return s.holds(id, theEnd, lostEnd, "no times of call %s are stored", id)
		}
		var names, said []string
		for _, m := range list {
			names = append(names, m.name)
			said = append(said, fmt.Sprintf("its %s is stored as %s, want %s", m.name, second(*m.got), second(m.want.Seconds())))
		}
		f := s.holds(id, theEnd, "times are stored that are not the call's", "of call %s %s", id, strings.Join(said, ", "))
		f.Found = "times are stored that are not the call's: " + strings.Join(names, ", ")
		return f
	})
}

// second formats a time as it is stored, and for people.
func second(at int64) string {
	return fmt.Sprintf("%d (%s)", at, time.Unix(at, 0).UTC().Format(time.RFC3339))
}
