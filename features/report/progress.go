package report

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"ringback/sim/text"
)

// Progress tells how far a run is. On a terminal it rewrites one line;
// elsewhere, as in a CI log, it prints a short line for each tenth of the run.
type Progress struct {
	w     io.Writer
	total int
	tty   bool

	mu     sync.Mutex // scenarios may end at the same time
	done   map[Status]int
	n      int
	tenths int // printed
	wide   int // of the line on the terminal
}

// NewProgress is the progress of a run of total scenarios.
func NewProgress(w io.Writer, total int, tty bool) *Progress {
	return &Progress{w: w, total: total, tty: tty, done: map[Status]int{}}
}

// Done counts a scenario that ended. What can't be written is not worth
// stopping for.
func (p *Progress) Done(s *Result) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.n++
	p.done[s.Status]++
	if p.tty {
		p.rewrite(p.line())
		return
	}
	// A handful of scenarios is over before anyone wonders.
	if tenths := p.n * 10 / max(p.total, 1); p.total >= 20 && tenths > p.tenths && p.n < p.total {
		p.tenths = tenths
		fmt.Fprintln(p.w, p.line())
	}
}

// Print prints a line, above that of the terminal.
func (p *Progress) Print(line string) {
	line = text.Line(line)
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.tty {
		fmt.Fprintln(p.w, line)
		return
	}
	p.rewrite(line)
	fmt.Fprintln(p.w)
	p.wide = 0
	p.rewrite(p.line())
}

// Close takes the line off the terminal.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tty && p.wide > 0 {
		p.rewrite("")
		fmt.Fprint(p.w, "\r")
	}
}

func (p *Progress) line() string {
	line := fmt.Sprintf("%d of %d", p.n, p.total)
	for _, s := range []Status{Failed, Errored, Warned} {
		if p.done[s] > 0 {
			line += fmt.Sprintf(", %d %s", p.done[s], s.words())
		}
	}
	return line
}

// rewrite overwrites the line with blanks rather than erase it: a dumb terminal
// knows the carriage return, if nothing else.
func (p *Progress) rewrite(line string) {
	fmt.Fprint(p.w, "\r"+line+strings.Repeat(" ", max(0, p.wide-len(line))))
	p.wide = max(p.wide, len(line))
}
