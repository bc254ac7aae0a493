package script_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/call"
	"ringback/sim/script"
	"ringback/sim/wire"
)

func TestSetup(t *testing.T) {
	for name, c := range map[string]struct {
		place script.Place
		want  call.Setup
	}{
		"single": {
			script.Place{Caller: "alice", Callees: []string{"bob"}, Busy: []string{"bob"}},
			call.Setup{Caller: "alice", Callees: []string{"bob"}, Busy: []string{"bob"}},
		},
		"group of two": {
			script.Place{Caller: "alice", Callees: []string{"bob"}, Group: true, Media: call.Video, UserData: "x"},
			call.Setup{Caller: "alice", Callees: []string{"bob"}, Kind: call.Group, Media: call.Video, Extra: &call.Extra{UserData: "x"}},
		},
		"group": {
			script.Place{Caller: "alice", Callees: []string{"bob", "carol"}, Unreachable: []string{"carol"}, Room: "12", ChatGroup: "y"},
			call.Setup{
				Caller: "alice", Callees: []string{"bob", "carol"}, Away: []string{"carol"}, Kind: call.Group,
				Room: "12", RoomTag: call.StringRoom, Extra: &call.Extra{ChatGroup: "y"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.place.Setup()
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.place, script.PlaceOf(&got)); diff != "" {
				t.Errorf("PlaceOf (-want +got):\n%s", diff)
			}
		})
	}
	s := call.Setup{Caller: "alice", Callees: []string{"bob"}, Room: "4711", RoomTag: call.DigitRoom}
	if got := script.PlaceOf(&s); got.Room != "" {
		t.Errorf("a numeric room is kept as the text %q", got.Room)
	}
}

// The engine may change a setup; the script must not change with it.
func TestSetupIsACopy(t *testing.T) {
	callees := append(make([]string, 0, 4), "bob", "carol")
	p := script.Place{Caller: "alice", Callees: callees, Busy: callees[:1]}
	s := p.Setup()
	s.Busy = append(s.Busy, "mallory")
	s.Callees[0] = "mallory"
	if diff := cmp.Diff([]string{"bob", "carol"}, p.Callees); diff != "" {
		t.Error(diff)
	}
}

// Scripts that are made in Go are checked like those that are read.
func TestValidate(t *testing.T) {
	place := at(0, script.Place{Caller: "alice", Callees: []string{"bob"}})
	for name, c := range map[string]struct {
		s    script.Script
		want string
	}{
		"empty":          {script.Script{}, "the script has no operations"},
		"nothing":        {script.Script{Operations: []script.Operation{{}}}, "operation 1: do: is <nil>; want a Place, Act, Handling, Faults or Wait"},
		"pointer":        {script.Script{Operations: []script.Operation{{Do: &script.Wait{}}}}, "operation 1: do: is *script.Wait; want a Place, Act, Handling, Faults or Wait"},
		"timer":          {script.Script{Operations: []script.Operation{place, at(0, act("", "bob", call.DoExpire))}}, "operation 2: do: expire is no operation: it happens by itself some time after pull_battery; try: do: wait"},
		"unknown verb":   {script.Script{Operations: []script.Operation{place, at(0, act("", "bob", 200))}}, "operation 2: do: 200 is unknown; try: do: accept"},
		"media":          {script.Script{Operations: []script.Operation{at(0, script.Place{Media: 9})}}, "operation 1: media: 9 is unknown; try: media: video"},
		"generation":     {script.Script{Operations: []script.Operation{at(0, script.Place{Generation: wire.Both + 1})}}, "operation 1: generation: 4 is unknown; try: generation: both"},
		"act's media":    {script.Script{Operations: []script.Operation{place, at(0, script.Act{Action: call.Action{Media: 9}})}}, "operation 2: media: 9 is unknown; try: media: video"},
		"quality":        {script.Script{Operations: []script.Operation{place, at(0, detail("bob", call.DoQuality, call.Detail{Quality: 9}))}}, "operation 2: quality: 9 is unknown; try: quality: Poor"},
		"foreign detail": {script.Script{Operations: []script.Operation{place, at(0, detail("bob", call.DoAccept, call.Detail{Level: 3}))}}, "operation 2: level: does not belong to accept; that takes who, call"},
		"not UTF-8":      {script.Script{Operations: []script.Operation{at(0, script.Place{Caller: "alice", Callees: []string{"b\xff"}})}}, `operation 1: whom: is not UTF-8: "b\xff"`},
		"name":           {script.Script{Name: "\xff", Operations: []script.Operation{place}}, `name: is not UTF-8: "\xff"`},
		"about":          {script.Script{About: strings.Repeat("x", script.MaxAbout+1), Operations: []script.Operation{place}}, "about: has 8193 bytes, at most 8192"},
		"too fine":       {script.Script{Operations: []script.Operation{at(time.Nanosecond, script.Wait{})}}, "operation 1: at: is finer than a millisecond; try: at: 3s"},
		"back in time":   {script.Script{Operations: []script.Operation{at(time.Second, script.Wait{}), at(0, script.Wait{})}}, "operation 2: at: is earlier than the operation before, which is at 1s; try: at: 1s"},
		"too many":       {script.Script{Operations: slicesOf(script.MaxOperations+1, at(0, script.Wait{}))}, "the script has 10001 operations, at most 10000"},
		"every":          {*every, "no error"},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, errorText(c.s.Validate())); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := script.WriteYAML(&c.s); errorText(err) != c.want {
				t.Errorf("WriteYAML: %v", err)
			}
			for _, o := range c.s.Operations[:min(3, len(c.s.Operations))] {
				if o.String() == "" {
					t.Error("an operation says nothing")
				}
			}
		})
	}
}

func slicesOf(n int, o script.Operation) (ops []script.Operation) {
	for range n {
		ops = append(ops, o)
	}
	return ops
}
