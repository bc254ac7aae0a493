package tui_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
	"ringback/tui"
	"ringback/tui/history"
)

// job is what someone came for: it takes no more than so many keys. A text that is typed
// counts as one, and waiting as none.
type job struct {
	keys  int
	begin func(*stage)
	play  []string           // steps as of --script
	shows []string           // on the screen at the end
	done  func(*stage) error // what else must be so; may be nil
}

var jobs = map[string]job{
	"see why CallKit retries": {
		2, failing, []string{"]", "4"}, []string{"━ 4 Inspector", "why: HTTP 500, the receiver failed; v1 retries after 0 1 1 [2] 3 5 s"}, nil,
	},
	"find the failing callback among 500 calls": {
		1, func(s *stage) { among(s, 500) }, []string{"]"}, []string{"#250 ", "500 Internal Server Error", "▸ ✗ caller_start_call"}, nil,
	},
	"copy as curl, mend the receiver, send again": {
		3, func(s *stage) { failing(s); s.answer = ok }, []string{"c", "c", "r"}, []string{"acked"}, func(s *stage) error {
			for _, o := range s.orders {
				if c, is := o.(tui.Copy); is && strings.HasPrefix(c.Text, "curl ") {
					return nil
				}
			}
			return fmt.Errorf("copied is %v", s.orders)
		},
	},
	"see that a duplicate end is stored twice, and save that for verify": {
		5, func(s *stage) {
			s.stored = func(o tui.Ask) *history.Stored {
				n := strconv.Itoa(len(s.engine.State().DeliveriesAfter(0, o.Call)) - 6) // v1 tells of such a call with 7
				return &history.Stored{Call: o.Call, Fields: []history.Field{{Name: "ends", Got: n, Want: "1", Wrong: n != "1"}}}
			}
		},
		[]string{"n", "enter", "pass 15s", "D", "pass 1s", "S"},
		[]string{"stored 2 ends ✗ want 1", "saved as call-1.feature"},
		func(s *stage) error {
			if saved, is := s.orders[len(s.orders)-1].(tui.Save); !is || !strings.Contains(string(saved.Data), "one end is stored") {
				return fmt.Errorf("saved is %v", s.orders)
			}
			return nil
		},
	},
	"call with video by hand, and decline": {
		8, func(*stage) {}, []string{"n", "down", "down", "right", "down", "left", "enter", "x"}, []string{"━ 2 Phones", `"MediaType": "video"`, "reject", "real", "bob declined"}, nil,
	},
	"a group by hand, with an invitation and a battery": {
		16, func(*stage) {},
		[]string{"n", "down", "type , carol", "down", "down", "left", "enter", "a", "down", "a", "i", "enter", "z"},
		[]string{`"CallType": "group"`, "dave", "carol lost its battery", "talking"},
		nil,
	},
	"switch to another dialect": {
		3, func(*stage) {}, []string{"L", "type v4_retry", "right"}, []string{"v4_retry=v1 from now on"}, nil,
	},
	"go through a schedule of retries step by step": {
		4, failing, []string{"]", ".", ".", "."}, []string{"6/7", "in 5.0s", "1 1 2 3 [5] s"}, nil,
	},
}

// among is a run of many calls, in one of which a callback fails.
func among(s *stage, n int) {
	s.answer = func(send *sim.Send) delivery.Answer {
		if send.Delivery == 499 {
			return answers(500, "")(send)
		}
		return ok(send)
	}
	for i := range n {
		s.place(wire.V1, call.NoResult, fmt.Sprintf("caller%d", i), fmt.Sprintf("callee%d", i))
		s.pass(0)
	}
}

// What people come for most takes few keys.
func TestJobs(t *testing.T) {
	for name, j := range jobs {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, func(c *tui.Config) { c.Probe = true })
			s.size(120, 36)
			j.begin(s)
			s.look()
			n := 0
			for _, step := range j.play {
				if word, _, _ := strings.Cut(step, " "); !slices.Contains([]string{"wait", "dump", "size", "pass"}, word) {
					n++
				}
				if d, err := time.ParseDuration(strings.TrimPrefix(step, "pass ")); err == nil {
					s.pass(d)
					s.look() // at what a probe answered
					s.look()
					continue
				}
				s.press(step)
				s.pass(time.Millisecond)
			}
			if n > j.keys {
				t.Errorf("it takes %d keys, want %d at most", n, j.keys)
			}
			s.shows(j.shows...)
			if j.done != nil {
				if err := j.done(s); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
