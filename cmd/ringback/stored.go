package main

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ringback/sim/probe"
	"ringback/tui"
	"ringback/tui/history"
)

// asker asks the probe what is stored of calls, few at once and each call once at a time.
type asker struct {
	probe *probe.Probe // nil: there is none
	ctx   context.Context
	said  func() // called when there is an answer

	mu      sync.Mutex
	asking  map[string]bool
	answers []*history.Stored
}

// lateness is how long what was acknowledged may take to be stored.
const lateness = time.Second

// ask asks about a call, in a goroutine.
func (a *asker) ask(o tui.Ask) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.asking[o.Call] {
		return
	}
	if a.asking == nil {
		a.asking = map[string]bool{}
	}
	a.asking[o.Call] = true
	go func() {
		s, _, err := a.probe.Until(a.ctx, o.Call, lateness, func(s probe.Stored) bool {
			return !asStored(o.Call, &s, &o.Want).Wrong()
		}, nil)
		told := asStored(o.Call, &s, &o.Want)
		if err != nil {
			told = &history.Stored{Call: o.Call, Err: a.probe.Hide(err.Error())}
		}
		a.mu.Lock()
		delete(a.asking, o.Call)
		a.answers = append(a.answers, told)
		a.mu.Unlock()
		a.said()
	}()
}

// take returns the answers that came.
func (a *asker) take() (list []*history.Stored) {
	a.mu.Lock()
	defer a.mu.Unlock()
	list, a.answers = a.answers, nil
	return list
}

// asStored compares what is stored with what should be.
func asStored(callID string, s *probe.Stored, w *history.Wanted) *history.Stored {
	told := &history.Stored{Call: callID}
	ends := history.Field{Name: "ends", Got: strconv.Itoa(s.Count), Want: strconv.Itoa(w.Ends), Wrong: s.Count > w.Ends || w.Counted && s.Count != w.Ends}
	told.Fields = append(told.Fields, ends)
	add := func(name string, got *string, want string, right bool) {
		if got != nil {
			told.Fields = append(told.Fields, history.Field{Name: name, Got: *got, Want: want, Wrong: want != "" && !right})
		}
	}
	one := s.Count > 0 // else there is nothing to judge
	if one {
		add("result", s.Result, w.Result, s.ResultIs(w.Result))
	}
	if one && s.Duration != nil {
		got, want := strconv.FormatFloat(*s.Duration, 'f', -1, 64)+"s", ""
		if w.Talk >= 0 {
			want = strconv.FormatInt(w.Talk, 10) + "s"
		}
		add("talk", &got, want, math.Abs(*s.Duration-float64(w.Talk)) < 1)
	}
	if one && s.Caller != nil {
		add("caller", s.Caller, w.Caller, *s.Caller == w.Caller)
	}
	if s.Members != nil {
		got := "no one"
		if len(s.Members) > 0 {
			got = strings.Join(slices.Clone(s.Members), ", ")
		}
		add("members", &got, "no one", len(s.Members) == 0)
	}
	return told
}
