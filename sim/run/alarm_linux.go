package run

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// descriptor is an alarm by a timer of the kernel's, which the system's poll
// hears at once: it is late by tens of microseconds.
type descriptor struct {
	fd int
	f  *os.File
	c  chan struct{}
}

// newPrecise makes the most precise alarm that there is.
func newPrecise() alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return newTimer()
	}
	a := &descriptor{fd: fd, f: os.NewFile(uintptr(fd), "timer"), c: make(chan struct{}, 1)}
	go a.listen()
	return a
}

func (a *descriptor) listen() {
	var ticks [8]byte
	for {
		if _, err := a.f.Read(ticks[:]); err != nil {
			return
		}
		select {
		case a.c <- struct{}{}:
		default:
		}
	}
}

func (a *descriptor) in(d time.Duration) <-chan struct{} {
	at := unix.ItimerSpec{Value: unix.NsecToTimespec(max(int64(d), 1))} // 0 would mean never
	_ = unix.TimerfdSettime(a.fd, 0, &at, nil)                          // fails for bad arguments only
	return a.c
}

func (a *descriptor) close() { a.f.Close() }
