package calibrate_test

import (
	"strings"
	"testing"
	"time"

	"ringback/sim/calibrate"
	"ringback/sim/recording"
)

// A body of arrays in each other, millions deep, shows nothing, and does not end the program.
func TestDeepBody(t *testing.T) {
	const deep = 8 << 20
	e := &recording.Exchange{
		N: 1, At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Head: []byte("POST /cb?sdkappid=1400000001&command=call_end&contenttype=json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
		Body: []byte(`{"CallId":"1","CallResult":` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + "}"),
	}
	e.Callback = e.Recognize()
	c := calibrate.New(calibrate.Options{})
	c.Begin(&calibrate.File{Name: "monday.ndjson", Kind: calibrate.Recording, Numbered: true, Exact: true})
	c.Add(e)
	c.End()
	if f := c.Report().Find("case"); f.State != calibrate.Unknown {
		t.Errorf("case is %s", f.State)
	}
}
