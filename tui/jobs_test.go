package tui_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
	"ringback/tui"
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
			s := newStage(t)
			s.size(120, 36)
			j.begin(s)
			s.look()
			n := 0
			for _, step := range j.play {
				if word, _, _ := strings.Cut(step, " "); !slices.Contains([]string{"wait", "dump", "size"}, word) {
					n++
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
