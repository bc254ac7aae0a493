package run_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/run"
)

// An event and an end, as v1 and v4 send them.
var (
	anEvent = request("command=caller_start_call")
	anEnd   = request("CallbackCommand=Call.CallbackAfterEndCall")
)

func request(query string) *delivery.Request {
	at, err := delivery.ParseEndpoint("http://127.0.0.1:3000/callback")
	if err != nil {
		panic(err)
	}
	return delivery.Freeze(at, []byte(query), []byte("{}"))
}

// busy answers so many attempts at once: an end after a while, an event at once.
type busy struct {
	takes  time.Duration
	places chan struct{}
}

func (busy) Close() {}

func (s busy) Send(r *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	began := time.Now()
	s.places <- struct{}{}
	if r == anEnd {
		time.Sleep(s.takes) // of the bubble
	}
	<-s.places
	*a = delivery.Answer{Connected: true, Status: 200, Took: time.Since(began)}
}

// However many attempts there are at once, they take a receiver that answers one after
// the other a quarter of the timeout, or what it takes for one, at most, and another one hardly
// longer; and one that answers several at once gets as many as it can.
func TestThrottle(t *testing.T) {
	const timeout = 2 * time.Second
	for name, test := range map[string]struct {
		takes  time.Duration
		atOnce int
		all    time.Duration // at most, for a thousand
	}{
		"fast":             {time.Millisecond, 1, time.Second},
		"slow":             {30 * time.Millisecond, 1, 31 * time.Second},
		"very slow":        {1900 * time.Millisecond, 1, 32 * time.Minute},
		"four at once":     {100 * time.Millisecond, 4, 30 * time.Second},
		"hundreds at once": {300 * time.Millisecond, 1000, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				throttle := &run.Throttle{Timeout: timeout}
				places := make(chan struct{}, test.atOnce)
				newSender := throttle.Watch(func() run.Sender { return busy{test.takes, places} })
				newSender().Send(anEnd, delivery.Transport{}, new(delivery.Answer)) // nothing is known before
				began, longest := time.Now(), time.Duration(0)
				var group sync.WaitGroup
				var mu sync.Mutex
				for range 200 {
					s := newSender()
					group.Go(func() {
						for range 5 {
							var a delivery.Answer
							s.Send(anEnd, delivery.Transport{}, &a)
							mu.Lock()
							longest = max(longest, a.Took)
							mu.Unlock()
						}
					})
				}
				group.Wait()
				most := timeout / 2 // what is known of several at once comes late
				if test.atOnce == 1 {
					most = max(timeout/4, test.takes)
				}
				if all := time.Since(began); longest > most || all > test.all {
					t.Errorf("an answer took %v, want at most %v; all of them took %v, want at most %v", longest, most, all, test.all)
				}
			})
		})
	}
}

// However fast a receiver that answers one after the other answers events, of ends it gets
// no more at once than it answers in time; and events do not wait as long as ends.
func TestThrottleOfTwoKinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const timeout, takes, crowd = 2 * time.Second, 100 * time.Millisecond, 200
		throttle := &run.Throttle{Timeout: timeout}
		turn := make(chan struct{}, 1)
		newSender := throttle.Watch(func() run.Sender { return busy{takes, turn} })
		longest := func(r *delivery.Request) (longest time.Duration) {
			var group sync.WaitGroup
			var mu sync.Mutex
			for range crowd {
				s := newSender()
				group.Go(func() {
					var a delivery.Answer
					s.Send(r, delivery.Transport{}, &a)
					mu.Lock()
					defer mu.Unlock()
					longest = max(longest, a.Took)
				})
			}
			group.Wait()
			return longest
		}
		for _, r := range []*delivery.Request{anEvent, anEnd} {
			newSender().Send(r, delivery.Transport{}, new(delivery.Answer))
		}
		for range 3 {
			if events, ends := longest(anEvent), longest(anEnd); events > 0 || ends > timeout/4 {
				t.Fatalf("an event was answered after %v, an end after %v", events, ends)
			}
			if n, each := throttle.AtOnce(); n != int(timeout/4/takes) || each != takes {
				t.Errorf("%d ends at once, each for %v, want 5 for %v", n, each, takes)
			}
		}
		// Behind an end that is under way there is time for one after the other, too.
		began := time.Now()
		go newSender().Send(anEnd, delivery.Transport{}, new(delivery.Answer))
		synctest.Wait()
		if took := longest(anEvent); took > takes || time.Since(began) > takes {
			t.Errorf("an event was answered %v after an end began, which takes %v", took, takes)
		}
	})
}

// A sender that is closed waits no longer, and takes no one's place.
func TestThrottleClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttle := &run.Throttle{Timeout: 2 * time.Second}
		newSender := throttle.Watch(func() run.Sender { return busy{time.Second, make(chan struct{}, 1)} })
		first, waiting, last := newSender(), newSender(), newSender()
		first.Send(anEnd, delivery.Transport{}, new(delivery.Answer))
		if n, each := throttle.AtOnce(); n != 1 || each != time.Second {
			t.Fatalf("%d at once, each for %v, want 1 for 1s", n, each)
		}
		go first.Send(anEnd, delivery.Transport{}, new(delivery.Answer))
		synctest.Wait()
		send := func(s run.Sender) <-chan delivery.Answer {
			answers := make(chan delivery.Answer, 1)
			go func() {
				var a delivery.Answer
				s.Send(anEnd, delivery.Transport{}, &a)
				answers <- a
			}()
			synctest.Wait()
			return answers
		}
		gaveUp, answered := send(waiting), send(last)
		waiting.Close()
		if a := <-gaveUp; a.Failure != delivery.Stopped || len(answered) > 0 {
			t.Errorf("closed: %v; the other has %d answers already", a.Failure, len(answered))
		}
		if a := <-answered; a.Status != 200 {
			t.Errorf("the one behind was answered %d", a.Status)
		}
	})
}

// What fails, and what a fault keeps from its answer, says nothing of how long an answer
// takes.
func TestThrottleLearns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttle := &run.Throttle{Timeout: 2 * time.Second}
		s := throttle.Watch(func() run.Sender { return hanging{func() bool { return false }} })()
		s.Send(anEnd, delivery.Transport{}, new(delivery.Answer))
		slow := throttle.Watch(func() run.Sender { return busy{time.Second, make(chan struct{}, 1)} })()
		slow.Send(anEnd, delivery.Transport{LoseTail: 1}, new(delivery.Answer))
		if n, each := throttle.AtOnce(); n != 0 || each != 0 {
			t.Errorf("%d at once, each for %v, want no limit", n, each)
		}
	})
}
