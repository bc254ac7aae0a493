package post_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"runtime"
	"strconv"
	"testing"

	"ringback/sim/delivery"
	"ringback/sim/post"
)

var okAnswer = []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 40\r\n\r\n" +
	`{"ErrorCode":0,"ErrorMessage":"Success"}`)

const callbackBody = `{"UserId":"alice","RoomId":"1234","TotalNum":2,"MediaType":"audio","CallType":"single",` +
	`"CallId":"055662e1-bc8a-469c-a334-1126c8c17d58","Role":"caller","Event":"call_end","CallResult":"normal_end",` +
	`"EventTime":1704856885,"StartCallTs":1704856873,"AcceptTs":1704856876,"EndTs":1704856885}`

const callbackQuery = "sdkappid=1400000001&command=caller_call_end&contenttype=json&clientip=127.0.0.1&optplatform=iOS"

// BenchmarkSend measures attempts against the same answerer through a Sender
// and through the client of net/http, over 1 and over 64 connections.
func BenchmarkSend(b *testing.B) {
	for _, connections := range []int{1, 64} {
		for _, client := range []struct {
			name string
			make func(testing.TB, string) (attempt func() int)
		}{{"post", byPost}, {"net-http", byNetHTTP(connections)}} {
			b.Run(client.name+"/"+strconv.Itoa(connections), func(b *testing.B) {
				url := answerer(b)
				b.ReportAllocs()
				if connections == 1 {
					attempt := client.make(b, url)
					for b.Loop() {
						mustBe200(b, attempt())
					}
					return
				}
				b.SetParallelism(connections / runtime.GOMAXPROCS(0))
				b.RunParallel(func(pb *testing.PB) {
					attempt := client.make(b, url)
					for pb.Next() {
						mustBe200(b, attempt())
					}
				})
			})
		}
	}
}

func mustBe200(b testing.TB, status int) {
	if status != 200 {
		b.Errorf("status %d", status)
	}
}

func byPost(b testing.TB, url string) func() int {
	s := post.New(&post.Options{})
	b.Cleanup(s.Close)
	e, err := delivery.ParseEndpoint(url)
	if err != nil {
		b.Error(err)
	}
	r := delivery.Freeze(e, []byte(callbackQuery), []byte(callbackBody))
	a := new(delivery.Answer)
	return func() int {
		s.Send(r, delivery.Transport{}, a)
		return a.Status
	}
}

func byNetHTTP(connections int) func(testing.TB, string) func() int {
	transport := &http.Transport{
		MaxIdleConnsPerHost: connections, DisableCompression: true,
		WriteBufferSize: 4 << 10, ReadBufferSize: 4 << 10,
	}
	client := &http.Client{Transport: transport}
	return func(b testing.TB, url string) func() int {
		b.Cleanup(transport.CloseIdleConnections)
		url += "/?" + callbackQuery
		return func() int {
			response, err := client.Post(url, "application/json", bytes.NewReader([]byte(callbackBody)))
			if err != nil {
				b.Error(err)
				return 0
			}
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			return response.StatusCode
		}
	}
}

// answerer is as cheap a receiver as there can be: it looks for the length and
// answers the same bytes.
func answerer(tb testing.TB) (url string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c)
		}
	}()
	return "http://" + l.Addr().String()
}

func answer(c net.Conn) {
	defer c.Close()
	r := bufio.NewReader(c)
	for {
		length := 0
		for {
			line, err := r.ReadSlice('\n')
			if err != nil {
				return
			}
			if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
				for _, d := range bytes.TrimSpace(value) {
					length = length*10 + int(d-'0')
				}
			}
			if len(line) == 2 {
				break
			}
		}
		if _, err := r.Discard(length); err != nil {
			return
		}
		if _, err := c.Write(okAnswer); err != nil {
			return
		}
	}
}
