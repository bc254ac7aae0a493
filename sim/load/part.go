package load

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
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
