package record_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"ringback/sim/record"
	"ringback/sim/recording"
)

// A test of an app backend records what it is sent, and looks at that afterwards.
func Example() {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `{"ErrorCode":0,"ErrorMessage":"Success"}`)
	}))
	defer backend.Close()
	dir, err := os.MkdirTemp("", "ringback")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "real.ndjson")

	send := func(url string) error {
		for range 2 { // the second is a retry
			resp, err := http.Post(url+"/cb?sdkappid=1400000001&command=call_end", "application/json",
				strings.NewReader(`{"CallId":"one","CallResult":"reject"}`))
			if err != nil {
				return err
			}
			resp.Body.Close()
		}
		return nil
	}
	if err := recorded(path, backend, send); err != nil {
		fmt.Println(err)
		return
	}

	file, err := os.Open(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	r := recording.NewReader(file)
	for e, err := r.Next(); err == nil; e, err = r.Next() {
		fmt.Println(e.N, e.Generation, e.Word, e.Call, "like", e.Delivery, "->", e.Answer.Status(), e.Answer.Outcome)
	}
	// Output:
	// 1 v1 reject one like 1 -> 200 answered
	// 2 v1 reject one like 1 -> 200 answered
}

// recorded runs a proxy in front of a backend while something is sent to it.
func recorded(path string, backend *httptest.Server, send func(url string) error) error {
	file, err := record.Open(path, recording.Header{Version: "example", Target: backend.URL})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	p := record.New(record.Config{Address: backend.Listener.Addr().String(), File: file})
	go func() { done <- p.Serve(ctx, l) }()
	err = send("http://" + l.Addr().String())
	stop()
	if e := <-done; err == nil {
		err = e
	}
	if e := file.Close(); err == nil {
		err = e
	}
	return err
}
