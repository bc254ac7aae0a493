package load

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"

	"ringback/sim/wire"
)

// Part is what [Merge] needs of a report besides its figures. Histograms are in the
// compressed form of HdrHistogram (V2, base64), in microseconds.
type Part struct {
	Segment     string  `json:"segment"`    // like 2/4; "" of a whole load
	Partitions  int     `json:"partitions"` // of the whole load
	Model       string  `json:"model"`      // a hash of the model
	StartLateS  float64 `json:"start_late_s"`
	Connections int     `json:"connections"`
	Drains      bool    `json:"drains"` // whether what is due at the end of the window is delivered after it

	RateAsked       float64 `json:"rate_asked"`      // of the whole load: callbacks per second
	CallRateAsked   float64 `json:"call_rate_asked"` // of the whole load: calls per second
	AckedInWindow   uint64  `json:"acked_in_window"`
	SettledInWindow uint64  `json:"settled_in_window"` // acknowledged, abandoned or dropped

	Latency   string            `json:"latency"`
	Lateness  string            `json:"lateness"`
	Delivery  string            `json:"delivery"`
	ByCommand map[string]string `json:"by_command"` // latency
	Series    []string          `json:"series"`     // latency in each interval, within a fifth
}

// part returns what belongs to figures to merge them.
func (f *figures) part() *Part {
	p := f.about
	m := f.counters
	p.AckedInWindow, p.SettledInWindow = m.ackedInWindow, m.settledInWindow
	p.Latency, p.Lateness, p.Delivery = m.latency.encode(), m.lateness.encode(), m.delivery().encode()
	p.ByCommand, p.Series = map[string]string{}, []string{}
	for w, t := range m.words {
		if t != nil {
			p.ByCommand[wire.Word(w).String()] = t.latency.encode()
		}
	}
	for i := range m.series.list {
		p.Series = append(p.Series, m.series.list[i].latency.histogram().encode())
	}
	return &p
}

// encode returns the histogram in the compressed form of HdrHistogram.
func (h *histogram) encode() string {
	b, err := h.read().Encode(hdrhistogram.V2CompressedEncodingCookieBase)
	if err != nil {
		panic("load: a histogram cannot be encoded: " + err.Error()) // it is written to memory
	}
	return string(b)
}

// decodeHistogram reads what encode returned, of a histogram of that precision.
func decodeHistogram(text string, digits int) (*histogram, error) {
	read, err := hdrhistogram.Decode([]byte(text))
	if err != nil {
		return nil, err
	}
	s := read.Export()
	if s.SignificantFigures != int64(digits) || s.LowestTrackableValue != 1 || s.HighestTrackableValue != maxMicroseconds {
		return nil, fmt.Errorf("%d digits from %d to %d: want %d from 1 to %d", s.SignificantFigures, s.LowestTrackableValue, s.HighestTrackableValue, digits, maxMicroseconds)
	}
	h := newHistogram(digits)
	for at, n := range s.Counts {
		if n > 0 {
			h.grow((at>>h.half + 1) << h.half)
			h.counts[at] = uint32(min(n, math.MaxUint32))
		}
	}
	return h, nil
}

// value returns the smallest value that is counted at an index.
func (h *histogram) value(at int) int64 {
	bucket := max(at>>h.half-1, 0)
	return int64(at-bucket<<h.half) << bucket
}

// sketchDigits is the precision of a sketch as a histogram, whose steps divide those of
// the sketch.
const sketchDigits = 1

// histogram returns the sketch as a histogram.
func (s *sketch) histogram() *histogram {
	h := newHistogram(sketchDigits)
	for i, n := range s {
		if n > 0 {
			h.recordN(int64(middle(i)), n)
		}
	}
	return h
}

// addHistogram adds what histogram returned.
func (s *sketch) addHistogram(h *histogram) {
	for at, n := range h.counts {
		s[step(h.value(at))] += n
	}
}

// fingerprint identifies a model.
func fingerprint(model any) string {
	b, err := json.Marshal(model)
	if err != nil {
		panic("load: a model cannot be written: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}

// counters returns the counters from which a report was made, and what was open.
func (r *Report) counters() (*counters, openCounts, error) {
	o := openCounts{callbacks: r.Unfinished, waiting: r.Waiting, attempts: r.AttemptsUnfinished, calls: r.CallsUnfinished}
	m := newCounters(0, 0)
	if err := r.Balance(); err != nil {
		return nil, o, err
	}
	if r.Lost > r.Abandoned || len(r.Part.Series) != len(r.Series) {
		return nil, o, errors.New("its figures contradict each other")
	}
	m.calls, m.callbacks, m.acked, m.abandoned, m.lost, m.dropped = r.Calls, r.Callbacks, r.Acked, r.Abandoned-r.Lost, r.Lost, r.Dropped
	m.attempts, m.retries, m.connected = r.Attempts-r.AttemptsUnfinished, r.Retries, r.Connected
	m.attemptsAcked, m.attemptsRejected, m.attemptsError = r.AttemptsAcked, r.AttemptsRejected, r.AttemptsError
	m.ackedInWindow, m.settledInWindow = r.Part.AckedInWindow, r.Part.SettledInWindow
	for reason, n := range r.Reasons {
		m.reasons[reason] = n
	}
	var err error
	decode := func(what, text string, digits int) *histogram {
		h, why := decodeHistogram(text, digits)
		if why != nil && err == nil {
			err = fmt.Errorf("part.%s: no histogram that Ringback wrote: %w", what, why)
		}
		return h
	}
	m.latency, m.lateness, m.delays = decode("latency", r.Part.Latency, 3), decode("lateness", r.Part.Lateness, 3), decode("delivery", r.Part.Delivery, 3)
	m.slowAttempts = m.latency // so that the delays are all there is of the delivery
	for name, c := range r.ByCommand {
		var w wire.Word
		if unknown := w.UnmarshalText([]byte(name)); unknown != nil {
			return nil, o, fmt.Errorf("by_command: %w", unknown)
		}
		h := decode("by_command", r.Part.ByCommand[name], 2)
		m.words[w] = &wordCounters{callbacks: c.Callbacks, acked: c.Acked, abandoned: c.Abandoned, dropped: c.Dropped, latency: h}
	}
	for i, p := range r.Series {
		h := decode("series", r.Part.Series[i], sketchDigits)
		if err != nil {
			break
		}
		v := interval{due: p.Due, dropped: p.Dropped, attempts: p.Attempts, acked: p.Acked, failed: p.Failed, retries: p.Retries, waiting: p.Waiting}
		v.latency.addHistogram(h)
		m.series.list, m.series.width = append(m.series.list, v), int64(math.Round(1000*p.WidthS))
	}
	if err == nil && len(m.series.list) > 0 && (m.series.width < 1000 || len(m.series.list) > maxIntervals) {
		err = fmt.Errorf("series: %d intervals of %d ms", len(m.series.list), m.series.width)
	}
	return m, o, err
}
