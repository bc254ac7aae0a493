package delivery

import (
	"bytes"
	"compress/flate"
	"io"
)

// Archive keeps the bytes of many requests compressed, for readers of long journals who
// look at few of them: callbacks of one run are alike, and take about a twelfth. The zero
// value is ready. An archive and its requests are not safe for concurrent use.
type Archive struct {
	open   *block // which is being filled
	last   *block // which was read last
	bytes  []byte // of that one
	writer *flate.Writer
}

// blockSize is how many bytes are compressed together: reading one request takes as long
// as reading all of its block, some 0.1 ms.
const blockSize = 32 << 10

// Put moves the bytes of a request into the archive. The request returns them as before;
// slices that it returned stay valid.
func (a *Archive) Put(r *Request) {
	if r.block != nil {
		return
	}
	if a.open == nil {
		a.open = &block{unpack: a.unpack, raw: make([]byte, 0, blockSize+blockSize/4)}
	}
	b := a.open
	r.block, r.at, r.size = b, int32(len(b.raw)), int32(len(r.raw))
	b.raw = append(b.raw, r.raw...)
	r.raw = nil
	if len(b.raw) >= blockSize {
		a.open = nil
		a.pack(b)
	}
}

func (a *Archive) pack(b *block) {
	var into bytes.Buffer
	into.Grow(len(b.raw) / 8)
	if a.writer == nil {
		a.writer, _ = flate.NewWriter(&into, flate.BestSpeed) // a level that exists
	} else {
		a.writer.Reset(&into)
	}
	_, _ = a.writer.Write(b.raw) // into memory
	_ = a.writer.Close()
	b.raw, b.packed = nil, bytes.Clone(into.Bytes())
}

// unpack returns what pack packed.
func (a *Archive) unpack(b *block) []byte {
	if a.last != b {
		a.last = b
		a.bytes, _ = io.ReadAll(flate.NewReader(bytes.NewReader(b.packed))) // which pack wrote
	}
	return a.bytes
}
