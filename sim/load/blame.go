package load

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"
)

// Overload is how long the run did not keep up with its schedule, and who could
// not: the receiver, whose answers all connections waited for, or this machine,
// which was late though it had a connection, or had no processor time left.
type Overload struct {
	Backlog         int     `json:"backlog"`          // callbacks that may wait; 0: as many as there are, under Max or of large ones
	Waiting         uint64  `json:"waiting"`          // that did, at most at once
	ReceiverShare   float64 `json:"receiver_share"`   // of the window, in which it was the receiver
	MachineShare    float64 `json:"machine_share"`    // in which it was this machine
	DroppedReceiver uint64  `json:"dropped_receiver"` // callbacks dropped in that time
	DroppedMachine  uint64  `json:"dropped_machine"`
}

// Side is who could not keep up.
type Side uint8

// The sides.
const (
	Nobody Side = iota
	Receiver
	Machine
)

func (s Side) String() string { return [...]string{"", "the receiver", "this machine"}[s] }

// Blame is who could not keep up for longer, or if callbacks were dropped, when
// most of them were.
func (o *Overload) Blame() Side {
	switch receiver, machine := o.DroppedReceiver, o.DroppedMachine; {
	case receiver > 0 && receiver >= machine:
		return Receiver
	case machine > 0:
		return Machine
	case o.ReceiverShare+o.MachineShare < 0.01: // a moment
		return Nobody
	case o.ReceiverShare >= o.MachineShare:
		return Receiver
	}
	return Machine
}

// Words say who could not keep up, and for how much of the time; "" if all was
// in time.
func (o *Overload) Words() string {
	receiver := fmt.Sprintf("the receiver did not keep up for %s of the time (all connections waited for its answers)", percent(o.ReceiverShare))
	machine := fmt.Sprintf("this machine did not keep up for %s of the time (late, though not for want of a connection; or no processor time left)", percent(o.MachineShare))
	switch {
	case o.Blame() == Nobody:
		return ""
	case o.MachineShare == 0:
		return receiver
	case o.ReceiverShare == 0:
		return machine
	case o.Blame() == Receiver:
		return receiver + ", this machine for " + percent(o.MachineShare)
	}
	return machine + ", the receiver for " + percent(o.ReceiverShare)
}

func percent(share float64) string {
	if share > 0 && share < 0.01 {
		return "less than 1%"
	}
	return fmt.Sprintf("%.0f%%", math.Floor(100*share))
}

const (
	// gaugeEvery is how often somebody looks who does not keep up.
	gaugeEvery = 500 * time.Millisecond
	// overdue is how late something is that a jam kept, rather than a moment's
	// coincidence.
	overdue = 20 * time.Millisecond
	// starved is the share of the processors that a process uses or waits for
	// beyond which it has none to spare.
	starved = 0.85
)

// gauge watches who does not keep up. It is guarded by the load's lock.
type gauge struct {
	at      time.Duration // since the begin
	cpu     time.Duration // demanded by then
	dropped uint64        // in the window, by then
	drops   uint64        // in the whole run, by then
	late    [3]time.Duration
	by      [3]uint64 // dropped, by who did not keep up then
	waiting uint64
	now     Side // who does not, as of the latest look
}

// watch looks now and then, until the context ends, and once then.
func (l *Load) watch(ctx context.Context) {
	tick := time.NewTicker(gaugeEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.gaugeNow(false)
		case <-ctx.Done():
			l.gaugeNow(true)
			return
		}
	}
}

// gaugeNow attributes the time since the latest look. When it is over, loops that
// stop are not late.
func (l *Load) gaugeNow(over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := &l.gauge
	since := time.Since(l.began)
	took, cpu := since-g.at, l.cfg.CPU()
	if took <= 0 && !over {
		return
	}
	behind, late := time.Duration(0), false // by how much, and whether for want of anything but a connection
	dropped, drops, waiting := uint64(0), uint64(0), uint64(0)
	for _, p := range l.partitions {
		p.loop.Look(func() {
			n := uint64(len(p.loop.Waiting()))
			attempt, next := p.loop.Late()
			if l.cfg.Max { // what is next is as early as can be, and what waits has no time
				attempt, next = time.Duration(n)*took, 0
			}
			waiting += n
			drops += p.tally.drops
			dropped += p.tally.dropped
			if !p.ended || n > 0 {
				i := p.tally.interval(p.begin.Add(since))
				i.waiting = max(i.waiting, n)
			}
			behind = max(behind, attempt, next)
			late = late || next > overdue || attempt > overdue && p.loop.InFlight() < p.connections
		})
	}
	was := g.now
	g.now = Nobody
	if behind > overdue || drops > g.drops {
		g.now = Receiver
		used := float64(cpu-g.cpu) / float64(took) / float64(runtime.GOMAXPROCS(0))
		switch {
		case over:
			g.now = max(was, Receiver)
		case late || used > starved:
			g.now = Machine
		}
	}
	from, until := l.cfg.Ramp, l.cfg.Ramp+l.cfg.Duration
	if drops > g.drops {
		behind = took
	}
	g.late[g.now] += max(0, min(since, until)-max(since-min(took, behind), from)) // a jam lasts for as long as the first one waits
	g.by[g.now] += dropped - g.dropped
	if since <= until+gaugeEvery {
		g.waiting = max(g.waiting, waiting)
	}
	g.at, g.cpu, g.dropped, g.drops = since, cpu, dropped, drops
}

// overload is what the gauge showed so far.
func (l *Load) overload() (o Overload, now Side) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := &l.gauge
	if !l.cfg.Max {
		o.Backlog = l.cfg.Backlog
		if o.Backlog == 0 {
			o.Backlog = DefaultBacklog
		}
	}
	o.Waiting, o.DroppedReceiver, o.DroppedMachine = g.waiting, g.by[Receiver], g.by[Machine]
	if long := min(g.at-l.cfg.Ramp, l.cfg.Duration); long > 0 {
		o.ReceiverShare, o.MachineShare = g.late[Receiver].Seconds()/long.Seconds(), g.late[Machine].Seconds()/long.Seconds()
	}
	return o, g.now
}
