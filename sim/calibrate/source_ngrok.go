package calibrate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"ringback/sim/recording"
)

// ngrokEntry is a request that an ngrok agent captured, as GET /api/requests/http of
// its own API at 127.0.0.1:4040 lists them. The bytes are those on the wire.
type ngrokEntry struct {
	Remote   string     `json:"remote_addr"`
	Start    string     `json:"start"`
	Duration int64      `json:"duration"` // nanoseconds
	Request  *ngrokSide `json:"request"`
	Response *ngrokSide `json:"response"` // null while there is none
}

type ngrokSide struct {
	Raw []byte `json:"raw"`
}

func readNgrok(r io.Reader, add func(*recording.Exchange) error) error {
	return readArray(r, "list of ngrok", []string{"requests"}, func(dec *json.Decoder) (*recording.Exchange, error) {
		var n ngrokEntry
		if err := dec.Decode(&n); err != nil {
			return nil, err
		}
		return n.exchange()
	}, add)
}

func (n *ngrokEntry) exchange() (*recording.Exchange, error) {
	if n.Request == nil || len(n.Request.Raw) == 0 {
		return nil, missing("request.raw", "the request's bytes in base64")
	}
	at, err := parseTime(n.Start)
	if err != nil {
		return nil, fmt.Errorf("start %w", err)
	}
	e := &recording.Exchange{At: at, Source: n.Remote}
	e.Head, e.Body, e.Coded = message(n.Request.Raw)
	if n.Response == nil || len(n.Response.Raw) == 0 {
		return e, nil
	}
	head, body, coded := message(n.Response.Raw)
	status := (&recording.Answer{Head: head}).Status()
	if status == 0 {
		return nil, errors.New("response.raw: its first line has no status: want one like HTTP/1.1 200 OK")
	}
	answered(e, milliseconds(float64(n.Duration)/1e6), status, head, body, "")
	e.Answer.Coded = coded
	return e, nil
}

// message takes the bytes of an HTTP/1.1 message apart.
func message(raw []byte) (head, body, coded []byte) {
	const end = "\r\n\r\n"
	i := bytes.Index(raw, []byte(end))
	if i < 0 {
		return raw, nil, nil
	}
	head, body = raw[:i+len(end)], raw[i+len(end):]
	if strings.EqualFold(recording.Field(head, "Transfer-Encoding"), "chunked") {
		coded = body
		body, _ = recording.Unchunk(coded)
	}
	return head, body, coded
}
