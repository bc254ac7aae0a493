package load

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
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

// encoder writes histograms in the compressed form of HdrHistogram, as its library does,
// but all with one compressor: they take 800 KB each, which for the histograms of a report
// would be most of the memory of a load.
type encoder struct {
	plain  []byte
	packed bytes.Buffer
	zip    *zlib.Writer
}

func newEncoder() *encoder {
	e := new(encoder)
	e.zip, _ = zlib.NewWriterLevel(&e.packed, zlib.BestCompression) // fails at an unknown level only
	return e
}

// encode returns a histogram as text.
func (e *encoder) encode(h *histogram) string {
	const header = 40 // bytes
	be := binary.BigEndian
	e.plain = append(e.plain[:0], make([]byte, header)...)
	for at, end := 0, max(1, h.end()); at < end; {
		n := int64(h.at(at))
		if at++; n == 0 { // several zeros are a negative number
			zeros := int64(1)
			for ; at < end && h.at(at) == 0; at++ {
				zeros++
			}
			if zeros > 1 {
				n = -zeros
			}
		}
		e.plain = binary.AppendVarint(e.plain, n)
	}
	// All of the header that is not zero: the form, the length, and the layout.
	be.PutUint32(e.plain, uint32(hdrhistogram.V2EncodingCookieBase|0x10))
	be.PutUint32(e.plain[4:], uint32(len(e.plain)-header))
	be.PutUint32(e.plain[12:], uint32(h.digits))
	be.PutUint64(e.plain[16:], 1)
	be.PutUint64(e.plain[24:], maxMicroseconds)
	be.PutUint64(e.plain[32:], math.Float64bits(1))

	e.packed.Reset()
	e.packed.Write(make([]byte, 8))
	e.zip.Reset(&e.packed)
	_, err := e.zip.Write(e.plain)
	if err = errors.Join(err, e.zip.Close()); err != nil {
		panic("load: a histogram cannot be encoded: " + err.Error()) // it is written to memory
	}
	b := e.packed.Bytes()
	be.PutUint32(b, uint32(hdrhistogram.V2CompressedEncodingCookieBase|0x10))
	be.PutUint32(b[4:], uint32(len(b)-8))
	return base64.StdEncoding.EncodeToString(b)
}

// end returns the index after the largest time that was recorded; 0: there was none.
func (h *histogram) end() int {
	end := len(h.counts)
	for end > 0 && h.counts[end-1] == 0 {
		end--
	}
	return end
}

// at returns the count at an index.
func (h *histogram) at(i int) uint32 {
	if i < len(h.counts) {
		return h.counts[i]
	}
	return 0
}

// decodeHistogram reads what an encoder wrote, of a histogram of that precision.
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
