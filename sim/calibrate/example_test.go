package calibrate_test

import (
	"fmt"
	"time"

	"ringback/sim/calibrate"
	"ringback/sim/recording"
)

// What a callback has shows a value of the dialect.
func Example() {
	e := &recording.Exchange{
		N: 1, At: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Head: []byte("POST /cb?sdkappid=1400000001&command=call_end&contenttype=json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"),
		Body: []byte(`{"UserId":"alice","CallId":"1","CallResult":"Normal_End","MediaType":"Audio","CallType":"Single"}`),
	}
	e.Callback = e.Recognize()

	c := calibrate.New(calibrate.Options{})
	c.Begin(&calibrate.File{Name: "monday.ndjson", Kind: calibrate.Recording, Numbered: true, Exact: true})
	c.Add(e)
	c.End()
	report := c.Report()
	for _, key := range []string{"status_command", "attempts"} {
		f := report.Find(key)
		fmt.Println(f.Key, f.State, f.Value)
	}
	// Output:
	// status_command shown call_end
	// attempts unknown
}
