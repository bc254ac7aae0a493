package record_test

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ringback/sim/record"
	"ringback/sim/recording"
)

// BenchmarkProxy passes callbacks on, and their answers back: what 16 clients, a receiver
// and the proxy take together, in one process.
func BenchmarkProxy(b *testing.B) {
	for _, proxied := range []bool{false, true} {
		b.Run(map[bool]string{false: "straight", true: "recorded"}[proxied], func(b *testing.B) { benchmark(b, proxied) })
	}
}

func benchmark(b *testing.B, proxied bool) {
	body := `{"UserId":"alice","RoomId":"460185761","TotalNum":2,"MediaType":"audio","CallType":"single","CallId":"bf129f8f-b089-4bc7-ada5-54a6605ef159","Role":"caller","Event":"start_call","CallResult":"","EventTime":1767225600,"StartCallTs":1767225600,"AcceptTs":0,"EndTs":0}`
	request := "POST /cb?sdkappid=1400000001&command=caller_start_call&contenttype=json&clientip=127.0.0.1&optplatform=iOS HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: " + itoa(len(body)) + "\r\n\r\n" + body
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go answer(l, len(request))
	address := l.Addr().String()
	if proxied {
		file, err := record.Open(filepath.Join(b.TempDir(), "rec.ndjson"), recording.Header{})
		if err != nil {
			b.Fatal(err)
		}
		defer file.Close()
		near, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		ctx, stop := context.WithCancel(b.Context())
		done := make(chan error, 1)
		p := record.New(record.Config{Address: address, File: file})
		go func() { done <- p.Serve(ctx, near) }()
		defer func() { stop(); <-done }()
		address = near.Addr().String()
	}
	const clients = 16
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for i := range clients {
		wg.Go(func() {
			c, err := net.Dial("tcp", address)
			if err != nil {
				b.Error(err)
				return
			}
			defer c.Close()
			got := make([]byte, len(good))
			for range (b.N + i) / clients {
				if _, err := io.WriteString(c, request); err != nil {
					b.Error(err)
					return
				}
				if _, err := io.ReadFull(c, got); err != nil || !strings.HasPrefix(good, string(got)) {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// answer answers each so many bytes.
func answer(l net.Listener, size int) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			b := make([]byte, size)
			for {
				if _, err := io.ReadFull(c, b); err != nil {
					return
				}
				if _, err := io.WriteString(c, good); err != nil {
					return
				}
			}
		}()
	}
}
