package calibrate

import (
	"cmp"
	"container/heap"
	"slices"
	"strconv"
	"strings"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/recording"
)

type field struct{ name, value string }

// requestHead makes the head of a request whose file has no bytes of it. The address may
// be absolute.
func requestHead(method, url, protocol string, fields []field) []byte {
	if _, rest, ok := strings.Cut(url, "://"); ok && !strings.HasPrefix(url, "/") {
		url = rest[cmp.Or(max(strings.IndexAny(rest, "/?"), 0), len(rest)):]
	}
	url, _, _ = strings.Cut(url, "#")
	if !strings.HasPrefix(url, "/") {
		url = "/" + url
	}
	return head(oneWord(method)+" "+oneWord(url)+" "+oneWord(cmp.Or(protocol, "HTTP/1.1")), fields)
}

// answerHead makes the head of an answer; empty without one.
func answerHead(protocol string, status int, reason string, fields []field) []byte {
	if status == 0 {
		return nil
	}
	return head(oneWord(cmp.Or(protocol, "HTTP/1.1"))+" "+strconv.Itoa(status)+" "+reason, fields)
}

func head(first string, fields []field) []byte {
	b := append([]byte(oneLine(first)), "\r\n"...)
	for _, f := range fields {
		b = append(append(b, oneLine(f.name)...), ": "...)
		b = append(append(b, oneLine(f.value)...), "\r\n"...)
	}
	return append(b, "\r\n"...)
}

// oneWord and oneLine keep a part of a head from ending before its end.
func oneWord(s string) string { return strings.ReplaceAll(oneLine(s), " ", "%20") }

var breaks = strings.NewReplacer("\r", " ", "\n", " ")

func oneLine(s string) string { return breaks.Replace(s) }

// milliseconds is how long something took: not less than nothing, and no more than a day.
func milliseconds(ms float64) time.Duration {
	return time.Duration(min(max(ms, 0), 24*3600_000) * float64(time.Millisecond))
}

// answered gives an exchange its answer, or if the status is 0, the lack of one.
func answered(e *recording.Exchange, took time.Duration, status int, head, body []byte, why string) {
	e.Answer = recording.Answer{Head: head, Body: body, Latency: took, Outcome: recording.Answered, Detail: why}
	switch {
	case status != 0:
	case strings.Contains(strings.ToLower(why), "client disconnect"): // as mitmproxy has it
		e.Answer.Outcome = recording.Aborted
	default:
		e.Answer.Outcome = recording.Failed(delivery.Closed)
	}
	if !e.At.IsZero() {
		e.Answer.At = e.At.Add(took)
		e.Answer.Ended = e.Answer.At
	}
}

// At most so many exchanges and bytes of a file are sorted by time at once: logs write
// a line once its answer is there, and an ngrok agent lists the latest first.
const (
	maxSorted      = 10_000
	maxSortedBytes = 64 << 20
)

// sequence puts the exchanges of a file into the order of their requests.
type sequence struct {
	visit   func(*recording.Exchange) error
	waiting earliest
	size    int
	n       int64
	latest  time.Time // of the file so far: what has no time keeps its place
}

type placed struct {
	*recording.Exchange
	at time.Time
	n  int64 // place in the file
}

// earliest is a heap of exchanges.
type earliest []placed

func (h earliest) Len() int { return len(h) }
func (h earliest) Less(i, j int) bool {
	return cmp.Or(h[i].at.Compare(h[j].at), cmp.Compare(h[i].n, h[j].n)) < 0
}
func (h earliest) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *earliest) Push(p any)   { *h = append(*h, p.(placed)) }
func (h *earliest) Pop() any {
	last := (*h)[len(*h)-1]
	*h = slices.Delete(*h, len(*h)-1, len(*h))
	return last
}

func (s *sequence) add(e *recording.Exchange) error {
	if !e.At.IsZero() {
		s.latest = e.At
	}
	s.n++
	heap.Push(&s.waiting, placed{e, s.latest, s.n})
	s.size += sizeOf(e)
	for len(s.waiting) > maxSorted || s.size > maxSortedBytes {
		if err := s.next(); err != nil {
			return err
		}
	}
	return nil
}

func (s *sequence) next() error {
	e := heap.Pop(&s.waiting).(placed).Exchange
	s.size -= sizeOf(e)
	return s.visit(e)
}

func (s *sequence) end() error {
	for len(s.waiting) > 0 {
		if err := s.next(); err != nil {
			return err
		}
	}
	return nil
}

func sizeOf(e *recording.Exchange) int {
	return len(e.Head) + len(e.Body) + len(e.Coded) + len(e.Answer.Head) + len(e.Answer.Body) + len(e.Answer.Coded)
}
