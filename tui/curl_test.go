package tui_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ringback/fixtures/harness"
	"ringback/sim/delivery"
	"ringback/tui"
)

// listener takes one request after the other, as bytes.
type listener struct {
	net.Listener
	requests chan []byte
}

func listen(t *testing.T) *listener {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { inner.Close() })
	l := &listener{inner, make(chan []byte, 1)}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			l.requests <- request(c)
			c.Close()
		}
	}()
	return l
}

// request reads one and answers it.
func request(c net.Conn) []byte {
	var raw bytes.Buffer
	in := bufio.NewReader(io.TeeReader(c, &raw))
	r, err := http.ReadRequest(in)
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	if err != nil {
		return append(raw.Bytes(), err.Error()...)
	}
	return raw.Bytes()
}

// parts are the line, the headers in any order, and the body.
func parts(request []byte) (line string, headers []string, body string) {
	head, body, _ := strings.Cut(string(request), "\r\n\r\n")
	line, rest, _ := strings.Cut(head, "\r\n")
	headers = strings.Split(rest, "\r\n")
	slices.Sort(headers)
	return line, headers, body
}

// What is copied, pasted into a shell, sends what was sent.
func TestCurlSendsTheSame(t *testing.T) {
	harness.Program(t, "sh")
	harness.Program(t, "curl")
	l := listen(t)
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	same := func(t interface {
		Helper()
		Fatal(...any)
		Fatalf(string, ...any)
		Errorf(string, ...any)
	}, r *delivery.Request,
	) {
		t.Helper()
		command := tui.Curl(r)
		if strings.ContainsAny(command, "\n\r\t\x1b") {
			t.Errorf("the command is more than a line of text: %q", command)
		}
		cmd := exec.Command("sh")
		cmd.Stdin = strings.NewReader(command)
		cmd.Env = append(os.Environ(), "http_proxy=http://127.0.0.1:1", "HOME=/nowhere")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s\n%s", err, command, out)
		}
		line, headers, body := parts(<-l.requests)
		wantLine, wantHeaders, wantBody := parts(r.Bytes())
		if diff := cmp.Diff([]any{wantLine, wantHeaders, wantBody}, []any{line, headers, body}); diff != "" {
			t.Errorf("%s\n(-sent by ringback +by curl):\n%s", command, diff)
		}
	}
	for _, path := range []string{
		"", "/", "/callback", "/a/../b/./c//d/..", "/a[1-3]/{x,y}", "/?q=[1-3]&r={x,y}", "/a b/c%20d%2fe%2F", "/it's/$HOME/`id`/!x/\\y", `/"quoted"?a="b"`, "/你好?名=值", "/#fragment",
		"/?x='$(id)'&y=$PATH&z=!!", "/?a|b^c~d", "/%00%0a?x=%00", "/*?*", "/-x?-y", "/a;b=c?d;e", "/?",
	} {
		for _, host := range []string{"127.0.0.1:", "localhost:", "LocalHost:"} {
			e, err := delivery.ParseEndpoint("http://" + host + port + path)
			if err != nil {
				t.Fatal(err)
			}
			if host != "127.0.0.1:" && path != "/callback" {
				continue
			}
			same(t, delivery.Freeze(e, []byte("SdkAppid=1400000001&Command=x"), []byte(`{"a":"it's $HOME !x \\ % \"q\""}`)))
		}
	}
	e, err := delivery.ParseEndpoint("http://127.0.0.1:" + port + "/callback?token=[1]")
	if err != nil {
		t.Fatal(err)
	}
	same(t, delivery.FreezeAs(e, "text/plain; charset='x'", nil, []byte("-n")))
	same(t, delivery.FreezeSorted(e, "application/json", []byte("z=1&SdkAppid=1400000001&a=%20b"), []byte("{}")))
	for _, body := range []string{"", "@/etc/hostname", "-", "--", "\\", "%s%d", "'", "!!", "a\nb\n", "\n\n", "\x00", "a\x00b", "\xff\xfe", "\x1b[31m", "\u202e", "\t", "\r\n", strings.Repeat("x", 300<<10), strings.Repeat("\x00\n'", 50<<10)} {
		same(t, delivery.Freeze(e, []byte("a=b"), []byte(body)))
	}
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.Map(rapid.String(), func(s string) []byte { return []byte(s) })).Draw(t, "body")
		same(t, delivery.Freeze(e, []byte("a=b"), body))
	})
}
