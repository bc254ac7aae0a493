package record_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"

	"ringback/sim/record"
	"ringback/sim/recording"
)

// A request is passed on as it came, and so is the answer; both are in the file.
func Example() {
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, `{"ErrorCode":0,"ErrorMessage":""}`)
	}))
	defer receiver.Close()
	folder, err := os.MkdirTemp("", "record")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	file, err := record.Open(filepath.Join(folder, "real.ndjson"), recording.Header{Version: "0.2.0", Target: receiver.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	seen, done := make(chan *record.Seen, 1), make(chan error)
	proxy := record.New(record.Config{Address: receiver.Listener.Addr().String(), File: file, Seen: func(s *record.Seen) { seen <- s }})
	go func() { done <- proxy.Serve(ctx, l) }()

	answer, err := http.Post("http://"+l.Addr().String()+"/cb?command=call_end", "application/json", strings.NewReader(`{"CallId":"1"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	answer.Body.Close()
	<-seen
	stop()
	if err := <-done; err != nil {
		fmt.Println(err)
	}
	_ = file.Close()
	lines, err := os.ReadFile(filepath.Join(folder, "real.ndjson"))
	fmt.Println(answer.Status, strings.Count(string(lines), "\n"), err) // a header, the request and the answer
	// Output:
	// 200 OK 3 <nil>
}
