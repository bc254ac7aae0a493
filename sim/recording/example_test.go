package recording_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"ringback/sim/recording"
)

// A callback and its answer are written as two lines, and read as one exchange.
func Example() {
	at := time.Date(2026, 1, 1, 0, 0, 0, 120_000, time.UTC)
	e := &recording.Exchange{
		N: 1, At: at, Source: "10.0.0.9:40112", Conn: 1,
		Head: []byte("POST /cb?sdkappid=1400000001&command=call_end&contenttype=json HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 57\r\n\r\n"),
		Body: []byte(`{"UserId":"alice","CallId":"1","CallResult":"normal_end"}`),
	}
	e.Callback = e.Recognize()
	var known recording.Deliveries
	e.Delivery = known.First(e)

	file := recording.AppendHeader(nil, recording.Header{Version: "0.2.0", Target: "http://127.0.0.1:3000/cb"})
	file = recording.AppendRequest(file, e, false)
	file = recording.AppendAnswer(file, 1, at.Add(2*time.Millisecond), &recording.Answer{
		Latency: 2 * time.Millisecond, Head: []byte("HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n"), Body: []byte(`{"ErrorCode":0}`),
		Outcome: recording.Answered,
	}, false)

	r := recording.NewReader(bytes.NewReader(file))
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(e.N, e.Generation, e.Word, e.Call, "->", e.Answer.Status(), string(e.Answer.Body), e.Answer.Latency)
	}
	// Output: 1 v1 normal_end 1 -> 200 {"ErrorCode":0} 2ms
}
