package load

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"
)

// Overload says for how much of the window the run did not keep up with its
// schedule, and why: because of the receiver, if all connections waited for its
// answers, or of this machine, if it was late with a connection to spare or had no
// processor time left.
type Overload struct {
	Backlog         int     `json:"backlog"`          // maximum number of waiting callbacks; 0 means no limit (with Max)
	Waiting         uint64  `json:"waiting"`          // largest number of callbacks that waited at once
	ReceiverShare   float64 `json:"receiver_share"`   // share of the window in which the receiver did not keep up
	MachineShare    float64 `json:"machine_share"`    // share of the window in which this machine did not keep up
	DroppedReceiver uint64  `json:"dropped_receiver"` // callbacks dropped while the receiver did not keep up
	DroppedMachine  uint64  `json:"dropped_machine"`  // callbacks dropped while this machine did not keep up
}

// Side is the side that does not keep up.
type Side uint8

// The sides.
const (
	NoSide Side = iota
	Receiver
	Machine
)

func (s Side) String() string { return [...]string{"", "the receiver", "this machine"}[s] }

// Bottleneck returns the side because of which most callbacks were dropped, or if
// none were, the side that did not keep up for longer. Under 1% of the time it is
// NoSide.
func (o *Overload) Bottleneck() Side {
	switch receiver, machine := o.DroppedReceiver, o.DroppedMachine; {
	case receiver > 0 && receiver >= machine:
		return Receiver
	case machine > 0:
		return Machine
	case o.ReceiverShare+o.MachineShare < 0.01: // a moment
		return NoSide
	case o.ReceiverShare >= o.MachineShare:
		return Receiver
	}
	return Machine
}

// Summary says who did not keep up, and for how much of the time; "" if the run
// kept up.
func (o *Overload) Summary() string {
	receiver := fmt.Sprintf("the receiver did not keep up for %s of the time (all connections waited for its answers)", percent(o.ReceiverShare))
	machine := fmt.Sprintf("this machine did not keep up for %s of the time (late, though not for want of a connection; or no processor time left)", percent(o.MachineShare))
	switch {
	case o.Bottleneck() == NoSide:
		return ""
	case o.MachineShare == 0:
		return receiver
	case o.ReceiverShare == 0:
		return machine
	case o.Bottleneck() == Receiver:
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
	// monitorInterval is the time between two measurements.
	monitorInterval = 500 * time.Millisecond
	// lateThreshold is how late something must be to count as not keeping up.
	lateThreshold = 20 * time.Millisecond
	// cpuThreshold is the share of the processors, used or waited for, above which
	// a process has none to spare.
	cpuThreshold = 0.85
)

// overloadMonitor measures who does not keep up. It is guarded by the load's lock.
type overloadMonitor struct {
	at      time.Duration    // time of the latest measurement, since the start
	cpu     time.Duration    // processor time used and waited for by then
	dropped uint64           // in the window, by then
	drops   uint64           // in the whole run, by then
	late    [3]time.Duration // time behind schedule, by Side
	by      [3]uint64        // callbacks dropped, by Side
	waiting uint64           // largest number of callbacks that waited at once
	now     Side             // as of the latest measurement
}

// monitorOverload measures at intervals until the context ends, and a last time then.
func (l *Load) monitorOverload(ctx context.Context) {
	tick := time.NewTicker(monitorInterval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.attributeTime(false)
		case <-ctx.Done():
			l.attributeTime(true)
			return
		}
	}
}

// attributeTime attributes the time since the latest measurement to a side. If the
// run is over, loops that stop do not count as late.
func (l *Load) attributeTime(over bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := &l.overloadMonitor
	since := time.Since(l.began)
	took, cpu := since-g.at, l.cfg.CPU()
	if took <= 0 && !over {
		return
	}
	behind, late := time.Duration(0), false // by how much, and whether with a connection to spare
	dropped, drops, waiting := uint64(0), uint64(0), uint64(0)
	for _, p := range l.shards {
		p.loop.Look(func() {
			n := uint64(len(p.loop.Waiting()))
			attempt, next := p.loop.Late()
			if l.cfg.Max { // there is no schedule: only what waits is behind
				attempt, next = time.Duration(n)*took, 0
			}
			waiting += n
			drops += p.counters.droppedTotal
			dropped += p.counters.dropped
			if !p.ended || n > 0 {
				i := p.counters.interval(p.begin.Add(since))
				i.waiting = max(i.waiting, n)
			}
			behind = max(behind, attempt, next)
			late = late || next > lateThreshold || attempt > lateThreshold && p.loop.InFlight() < p.connections
		})
	}
	was := g.now
	g.now = NoSide
	if behind > lateThreshold || drops > g.drops {
		g.now = Receiver
		used := float64(cpu-g.cpu) / float64(took) / float64(runtime.GOMAXPROCS(0))
		switch {
		case over:
			g.now = max(was, Receiver)
		case late || used > cpuThreshold:
			g.now = Machine
		}
	}
	from, until := l.cfg.Ramp, l.cfg.Ramp+l.cfg.Duration
	if drops > g.drops {
		behind = took
	}
	g.late[g.now] += max(0, min(since, until)-max(since-min(took, behind), from)) // as long as the oldest one has waited
	g.by[g.now] += dropped - g.dropped
	if since <= until+monitorInterval {
		g.waiting = max(g.waiting, waiting)
	}
	g.at, g.cpu, g.dropped, g.drops = since, cpu, dropped, drops
}

// overload returns what was measured so far.
func (l *Load) overload() (o Overload, now Side) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := &l.overloadMonitor
	if !l.cfg.Max {
		o.Backlog = l.cfg.Backlog
		if o.Backlog == 0 {
			o.Backlog = DefaultBacklog
		}
	}
	o.Waiting, o.DroppedReceiver, o.DroppedMachine = g.waiting, g.by[Receiver], g.by[Machine]
	if window := min(g.at-l.cfg.Ramp, l.cfg.Duration); window > 0 {
		o.ReceiverShare, o.MachineShare = g.late[Receiver].Seconds()/window.Seconds(), g.late[Machine].Seconds()/window.Seconds()
	}
	return o, g.now
}

// add adds what was measured in another segment.
func (o *Overload) add(p *Overload) {
	o.Backlog += p.Backlog
	o.Waiting += p.Waiting
	o.ReceiverShare, o.MachineShare = max(o.ReceiverShare, p.ReceiverShare), max(o.MachineShare, p.MachineShare)
	o.DroppedReceiver += p.DroppedReceiver
	o.DroppedMachine += p.DroppedMachine
}
