package calibrate

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"ringback/sim/recording"
)

// harEntry is an entry of a HAR file (HAR 1.2), as far as it is read. What browsers and
// proxies add of their own begins with an underscore.
type harEntry struct {
	Started string  `json:"startedDateTime"`
	Time    float64 `json:"time"` // milliseconds, all in all
	Request *struct {
		Method   string       `json:"method"`
		URL      string       `json:"url"`
		Version  string       `json:"httpVersion"`
		Headers  []harPair    `json:"headers"`
		BodySize int64        `json:"bodySize"`
		PostData *harPostData `json:"postData"`
	} `json:"request"`
	Response *struct {
		Status  int       `json:"status"` // 0: no answer came
		Text    string    `json:"statusText"`
		Version string    `json:"httpVersion"`
		Headers []harPair `json:"headers"`
		Content struct {
			Text     string `json:"text"`
			Encoding string `json:"encoding"`
		} `json:"content"`
		Error any `json:"_error"`
	} `json:"response"`
}

type harPair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type harPostData struct {
	Text     *string `json:"text"`     // null or absent where the exporter left it out
	Encoding string  `json:"encoding"` // not of 1.2, but some write it
}

// readHAR hands on the entries of a HAR file, one at a time. It returns how many lack the
// body that they had.
func readHAR(r io.Reader, add func(*recording.Exchange) error) (bodiless int, err error) {
	err = readArray(r, "HAR file", []string{"log", "entries"}, func(dec *json.Decoder) (*recording.Exchange, error) {
		var h harEntry
		if err := dec.Decode(&h); err != nil {
			return nil, err
		}
		if q := h.Request; q != nil && q.BodySize > 0 && (q.PostData == nil || q.PostData.Text == nil) {
			bodiless++
		}
		return h.exchange()
	}, add)
	return bodiless, err
}

func (h *harEntry) exchange() (*recording.Exchange, error) {
	if h.Request == nil || h.Request.URL == "" {
		return nil, missing("request.url", "the address that was asked for")
	}
	at, err := parseTime(h.Started)
	if err != nil {
		return nil, fmt.Errorf("startedDateTime %w", err)
	}
	q := h.Request
	e := &recording.Exchange{At: at, Head: requestHead(q.Method, q.URL, q.Version, harFields(q.Headers))}
	if p := q.PostData; p != nil && p.Text != nil {
		if e.Body, err = harText(*p.Text, p.Encoding); err != nil {
			return nil, fmt.Errorf("request.postData.text: %w", err)
		}
	}
	a := h.Response
	if a == nil {
		return e, nil
	}
	body, err := harText(a.Content.Text, a.Content.Encoding)
	if err != nil {
		return nil, fmt.Errorf("response.content.text: %w", err)
	}
	why, _ := a.Error.(string)
	answered(e, milliseconds(h.Time), a.Status, answerHead(a.Version, a.Status, a.Text, harFields(a.Headers)), body, why)
	return e, nil
}

func harText(text, encoding string) ([]byte, error) {
	switch encoding {
	case "":
		return []byte(text), nil
	case "base64":
		return base64.StdEncoding.DecodeString(text)
	}
	return nil, fmt.Errorf("encoding %q: want base64 or none", encoding)
}

// harFields are header fields. Those of HTTP/2 that begin with a colon say again what
// the request line says, but for the host.
func harFields(pairs []harPair) (list []field) {
	for _, p := range pairs {
		if p.Name == ":authority" {
			list = append(list, field{"Host", p.Value})
		}
		if !strings.HasPrefix(p.Name, ":") {
			list = append(list, field{p.Name, p.Value})
		}
	}
	return list
}
