package main

import (
	"io"

	"ringback/sim/delivery"
)

// hider is a writer that hides the secrets of the target's own query.
type hider struct {
	out  io.Writer
	mask *delivery.Mask
}

// hide wraps a writer. Each write must hold whole lines.
func hide(out io.Writer, target string) io.Writer {
	mask := delivery.NewMask(target)
	if mask == nil {
		return out
	}
	return &hider{out, mask}
}

func (h *hider) Write(b []byte) (int, error) {
	if _, err := io.WriteString(h.out, h.mask.Hide(string(b))); err != nil {
		return 0, err
	}
	return len(b), nil
}
