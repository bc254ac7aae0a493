package run

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// kernelTimer is a timer file descriptor, to which the system's poll reacts at once.
// It is late by tens of microseconds.
type kernelTimer struct {
	fd int
	f  *os.File
	c  chan struct{}
}

// newPreciseTimer returns the most precise timer that the system has.
func newPreciseTimer() timer {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return newRuntimeTimer()
	}
	a := &kernelTimer{fd: fd, f: os.NewFile(uintptr(fd), "timer"), c: make(chan struct{}, 1)}
	go a.listen()
	return a
}

func (a *kernelTimer) listen() {
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

func (a *kernelTimer) set(d time.Duration) <-chan struct{} {
	at := unix.ItimerSpec{Value: unix.NsecToTimespec(max(int64(d), 1))} // 0 would mean never
	_ = unix.TimerfdSettime(a.fd, 0, &at, nil)                          // fails only for bad arguments
	return a.c
}

func (a *kernelTimer) close() { a.f.Close() }
