package delivery_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/sim/delivery"
)

// How a configured URL becomes the target of a request: our parameters go
// behind its own.
func TestParseEndpoint(t *testing.T) {
	for _, test := range []struct {
		url    string
		target string // with a=1 as our parameters
		addr   string
		host   string // the Host header
	}{
		{"http://app.example", "/?a=1", "app.example:80", "app.example"},
		{"https://app.example", "/?a=1", "app.example:443", "app.example"},
		{"http://app.example/", "/?a=1", "app.example:80", "app.example"},
		{"http://app.example:8080/callback", "/callback?a=1", "app.example:8080", "app.example:8080"},
		{"https://app.example:8443/a/b/", "/a/b/?a=1", "app.example:8443", "app.example:8443"},
		{"http://127.0.0.1:3000/callback?token=secret", "/callback?token=secret&a=1", "127.0.0.1:3000", "127.0.0.1:3000"},
		{"http://app.example?token=secret", "/?token=secret&a=1", "app.example:80", "app.example"},
		{"http://app.example?", "/?a=1", "app.example:80", "app.example"},
		{"http://app.example/p?", "/p?a=1", "app.example:80", "app.example"},
		{"http://app.example/p?x=1&", "/p?x=1&a=1", "app.example:80", "app.example"},
		{"http://app.example/p?x=1&y=2", "/p?x=1&y=2&a=1", "app.example:80", "app.example"},
		{"http://app.example/p?&", "/p?&a=1", "app.example:80", "app.example"},
		{"http://app.example/p?x", "/p?x&a=1", "app.example:80", "app.example"},
		{"http://app.example/p?u=http://b.example/?c=d", "/p?u=http://b.example/?c=d&a=1", "app.example:80", "app.example"},
		{"http://app.example/p#top", "/p?a=1", "app.example:80", "app.example"},
		{"http://app.example/p?x=1#top", "/p?x=1&a=1", "app.example:80", "app.example"},
		{"http://app.example#top", "/?a=1", "app.example:80", "app.example"},
		{"http://app.example/a b", "/a%20b?a=1", "app.example:80", "app.example"},
		{"http://app.example/a%20b%2Fc", "/a%20b%2Fc?a=1", "app.example:80", "app.example"},
		{"http://app.example/回调", "/%E5%9B%9E%E8%B0%83?a=1", "app.example:80", "app.example"},
		{"http://app.example/p?房=会议 室", "/p?%E6%88%BF=%E4%BC%9A%E8%AE%AE%20%E5%AE%A4&a=1", "app.example:80", "app.example"},
		{`http://app.example/"<>?"<>`, "/%22%3C%3E?%22%3C%3E&a=1", "app.example:80", "app.example"},
		{"http://app.example/p?x=%26%3D+%2B", "/p?x=%26%3D+%2B&a=1", "app.example:80", "app.example"},
		{"http://app.example//p", "//p?a=1", "app.example:80", "app.example"},
		{"http://app.example/..;/p", "/..;/p?a=1", "app.example:80", "app.example"},
		{"HTTP://App.Example/P", "/P?a=1", "App.Example:80", "App.Example"},
		{"hTTps://APP/", "/?a=1", "APP:443", "APP"},
		{"http://[::1]/", "/?a=1", "[::1]:80", "[::1]"},
		{"http://[::1]:8080/p", "/p?a=1", "[::1]:8080", "[::1]:8080"},
		{"https://[2001:db8::1]", "/?a=1", "[2001:db8::1]:443", "[2001:db8::1]"},
		{"http://app.example:1/", "/?a=1", "app.example:1", "app.example:1"},
		{"http://app.example:65535/", "/?a=1", "app.example:65535", "app.example:65535"},
		{"http://app.example:/", "/?a=1", "app.example:80", "app.example:"},
		{"http://localhost:80/", "/?a=1", "localhost:80", "localhost:80"},
		{"http://xn--bcher-kva.example/", "/?a=1", "xn--bcher-kva.example:80", "xn--bcher-kva.example"},
	} {
		e, err := delivery.ParseEndpoint(test.url)
		if err != nil {
			t.Error(err)
			continue
		}
		target := string(delivery.Freeze(e, []byte("a=1"), nil).Target())
		if diff := cmp.Diff([]string{test.target, test.addr, test.host}, []string{target, e.Addr(), e.Host}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.url, diff)
		}
		if e.URL != test.url || e.TLS != strings.HasPrefix(strings.ToLower(test.url), "https") {
			t.Errorf("%s: URL %s, TLS %t", test.url, e.URL, e.TLS)
		}
	}
}

func TestWrongEndpoints(t *testing.T) {
	const (
		scheme   = "want it to start with http:// or https://, like http://127.0.0.1:3000/callback"
		host     = "has no host, want something like http://127.0.0.1:3000/callback"
		password = "CallKit sends no user and password"
		port     = "want 1 to 65535"
		atSign   = "check the port, and escape what stands in front of the @"
	)
	for text, want := range map[string]string{
		"":                                         scheme,
		"app.example":                              scheme,
		"app.example:8080/callback":                "",
		"localhost:8080/callback":                  scheme,
		"//app.example/callback":                   scheme,
		"/callback":                                scheme,
		"ftp://app.example/":                       scheme,
		"ws://app.example/":                        scheme,
		"file:///etc/passwd":                       scheme,
		"javascript:alert(1)":                      scheme,
		"http:":                                    host,
		"http://":                                  host,
		"http:///callback":                         host,
		"http://:8080/":                            host,
		"http:app.example":                         host,
		"http:/callback":                           host,
		"http://?x=1":                              host,
		"http://alice@app.example/":                password,
		"http://alice:pw@app.example/":             password,
		"http://@app.example/":                     password,
		"http://alice:p w@app.example":             atSign,
		"http://app.example:80a/?m=a@b":            atSign,
		"http://app.example:0/":                    port,
		"http://app.example:65536/":                port,
		"http://app.example:99999999999999999999/": port,
		"http://app.example:-1/":                   "",
		"http://app.example:http/":                 "",
		"http://app.example: 80/":                  "",
		"http://app example/":                      "",
		"http://bücher.example/":                   "want a host of letters, digits, - and . (a name in other letters as punycode), or an address",
		"http://%E5%9B%9E.example/":                "want a host of letters",
		"http://app.example/%zz":                   "",
		"http://app.example/a\nb":                  "",
		"http://app.example/\r\nX: y":              "",
		"http://app.example/p?a\x00b":              "",
		"http://[::1/":                             "",
		"http://[::1]x/":                           "",
		" http://app.example/":                     "",
		"http://app.example\\callback/":            "",
	} {
		e, err := delivery.ParseEndpoint(text)
		switch {
		case err == nil:
			t.Errorf("%q is the endpoint %+v", text, e)
		case !strings.Contains(err.Error(), want):
			t.Errorf("%q: %v, want ...%s", text, err, want)
		case !strings.HasPrefix(err.Error(), "URL "):
			t.Errorf("%q: %v does not name what is wrong", text, err)
		}
	}
}

// What journals carry of a typed target says the same again.
func TestRelative(t *testing.T) {
	for text, want := range map[string]string{
		"http://app.example":                 "/",
		"http://app.example/":                "/",
		"http://app.example/p":               "/p",
		"http://app.example/p?":              "/p",
		"http://app.example/p?x=1":           "/p?x=1",
		"http://app.example/p?x=1&":          "/p?x=1&",
		"http://app.example/p?x=1#top":       "/p?x=1",
		"http://app.example?x=1":             "/?x=1",
		"http://app.example/a b?房=1":         "/a%20b?%E6%88%BF=1",
		"https://app.example:8443/a%2Fb?x=?": "/a%2Fb?x=?",
	} {
		e, err := delivery.ParseEndpoint(text)
		if err != nil {
			t.Fatal(err)
		}
		if e.Relative() != want {
			t.Errorf("%s: %s, want %s", text, e.Relative(), want)
		}
		again, err := delivery.ParseEndpoint("http://target.invalid" + e.Relative())
		if err != nil {
			t.Fatal(err)
		}
		was, is := delivery.Freeze(e, []byte("a=1"), nil), delivery.Freeze(again, []byte("a=1"), nil)
		if diff := cmp.Diff(string(was.Target()), string(is.Target())); diff != "" {
			t.Errorf("%s: target (-was +is):\n%s", text, diff)
		}
	}
}

// The bytes of a request, whole.
func TestFreeze(t *testing.T) {
	e, err := delivery.ParseEndpoint("http://app.example:8080/callback?token=secret")
	if err != nil {
		t.Fatal(err)
	}
	r := delivery.Freeze(e, []byte("sdkappid=1&command=call_end"), []byte(`{"UserId":"愛"}`))
	const want = "POST /callback?token=secret&sdkappid=1&command=call_end HTTP/1.1\r\n" +
		"Host: app.example:8080\r\n" +
		"User-Agent: ringback\r\n" +
		"Content-Type: application/json\r\n" +
		"Content-Length: 16\r\n" +
		"\r\n" +
		`{"UserId":"愛"}`
	if diff := cmp.Diff(want, string(r.Bytes())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Endpoint != e || string(r.Target()) != "/callback?token=secret&sdkappid=1&command=call_end" || string(r.Body()) != `{"UserId":"愛"}` {
		t.Errorf("endpoint %+v, target %s, body %s", r.Endpoint, r.Target(), r.Body())
	}
}

// Every attempt gets the same bytes, also when the buffers that a request was
// made from are used again.
func TestRequestIsFrozen(t *testing.T) {
	e, err := delivery.ParseEndpoint("http://app.example/callback")
	if err != nil {
		t.Fatal(err)
	}
	query, body := []byte("sdkappid=1"), []byte(`{"UserId":"alice"}`)
	r := delivery.Freeze(e, query, body)
	was := bytes.Clone(r.Bytes())
	clear(query)
	clear(body)
	delivery.Freeze(e, query, body)
	for range 3 {
		if !bytes.Equal(was, r.Bytes()) {
			t.Fatalf("the request is now %q", r.Bytes())
		}
	}
	restored := delivery.Restore(e, r.Target(), r.Body())
	if !bytes.Equal(was, restored.Bytes()) {
		t.Errorf("restored as %q", restored.Bytes())
	}
}

// checkEndpoint holds an accepted URL against url.Parse and http.ReadRequest.
func checkEndpoint(t *testing.T, raw string, query url.Values, body []byte) {
	t.Helper()
	e, err := delivery.ParseEndpoint(raw)
	if err != nil {
		return
	}
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatalf("%q is accepted, but no URL: %v", raw, err)
	}
	r := delivery.Freeze(e, []byte(query.Encode()), body)
	in := bufio.NewReader(bytes.NewReader(r.Bytes()))
	got, err := http.ReadRequest(in)
	if err != nil {
		t.Fatalf("%q: the request does not read back: %v\n%q", raw, err, r.Bytes())
	}
	path := u.Path
	if path == "" {
		path = "/"
	}
	if got.Method != http.MethodPost || got.Host != u.Host || got.URL.Path != path || got.RequestURI != string(r.Target()) {
		t.Fatalf("%q: %s of %s at %s, target %s", raw, got.Method, got.URL.Path, got.Host, got.RequestURI)
	}
	want, _ := url.ParseQuery(u.RawQuery) // what it can read of it
	for k, v := range query {
		want[k] = append(want[k], v...) // ours come last
	}
	values, _ := url.ParseQuery(got.URL.RawQuery)
	if diff := cmp.Diff(want, values); diff != "" {
		t.Fatalf("%q: query %s (-want +got):\n%s", raw, got.URL.RawQuery, diff)
	}
	if !strings.HasSuffix(got.RequestURI, query.Encode()) {
		t.Fatalf("%q: our parameters are not last: %s", raw, got.RequestURI)
	}
	read, err := io.ReadAll(got.Body)
	if err != nil || !bytes.Equal(read, body) || got.ContentLength != int64(len(body)) {
		t.Fatalf("%q: Content-Length %d, body %q, %v", raw, got.ContentLength, read, err)
	}
	if _, err := in.ReadByte(); err != io.EOF {
		t.Fatalf("%q: something follows the request: %q", raw, r.Bytes())
	}
	if h := got.Header; len(h) != 3 || h.Get("Content-Type") != "application/json" || h.Get("User-Agent") != "ringback" {
		t.Fatalf("%q: headers %v", raw, h)
	}
	if restored := delivery.Restore(e, r.Target(), r.Body()); !bytes.Equal(restored.Bytes(), r.Bytes()) {
		t.Fatalf("%q: restored as %q", raw, restored.Bytes())
	}
	checkSorted(t, e, query, want)
}

// checkSorted holds a request whose parameters are sorted against those it must have.
func checkSorted(t *testing.T, e *delivery.Endpoint, query, want url.Values) {
	t.Helper()
	r := delivery.FreezeSorted(e, delivery.ContentType, []byte(query.Encode()), nil)
	_, all, _ := strings.Cut(string(r.Target()), "?")
	pairs := strings.Split(all, "&")
	names := make([]string, len(pairs))
	for i, p := range pairs {
		names[i], _, _ = strings.Cut(p, "=")
	}
	if !slices.IsSorted(names) {
		t.Fatalf("%q: not sorted: %s", e.URL, all)
	}
	values, _ := url.ParseQuery(all)
	for _, lists := range []url.Values{want, values} {
		for _, v := range lists { // one name may be written in several ways
			slices.Sort(v)
		}
	}
	if diff := cmp.Diff(want, values); diff != "" {
		t.Fatalf("%q: sorted query %s (-want +got):\n%s", e.URL, all, diff)
	}
	if own, ok := e.Parameters(r.Target()); !ok || string(own) != query.Encode() {
		t.Fatalf("%q: sorted query %s: our parameters are %s (%t)", e.URL, all, own, ok)
	}
}

var ours = url.Values{"sdkappid": {"1"}, "command": {"call_end"}, "clientip": {"::1"}}

func TestRequestsReadBack(t *testing.T) {
	for _, raw := range urls {
		checkEndpoint(t, raw, ours, []byte(`{"UserId":"alice"}`))
	}
	checkEndpoint(t, "http://app.example/", ours, nil)
}

var urls = []string{
	"http://app.example", "https://app.example:8443/callback?token=a%20b&x=", "http://[::1]:80/p?", "http://app.example/回调 1?房=会议 室&",
	"http://app.example/p?command=mine&command=mine2", "http://app.example/a%2Fb%20c//..?;&&=&%zz", "http://app.example/p#f", "HTTP://A/\"<>`{}|\\^",
	"http://app.example:/?+", "http://1.2.3.4:65535/*", "http://app.example/?\xff", "http://app.example/\xff%ff", "http://app.example?a=b?c=d",
	"http://[fe80::1%25eth0]:8080/",
}

func FuzzEndpoint(f *testing.F) {
	for _, raw := range urls {
		f.Add(raw, "127.0.0.1", []byte(`{"UserId":"alice"}`))
	}
	f.Fuzz(func(t *testing.T, raw, ip string, body []byte) {
		checkEndpoint(t, raw, url.Values{"sdkappid": {"1"}, "clientip": {ip}}, body)
	})
}

// Faults change the content type, or leave out the callback's query: then the
// URL is the configured one.
func TestFreezeAs(t *testing.T) {
	for raw, bare := range map[string]string{"http://h/cb?token=1": "/cb?token=1", "http://h": "/", "http://h/cb?a=1&": "/cb?a=1&"} {
		e, err := delivery.ParseEndpoint(raw)
		if err != nil {
			t.Fatal(err)
		}
		usual, as := delivery.Freeze(e, []byte("q=1"), []byte("{}")), delivery.FreezeAs(e, delivery.ContentType, []byte("q=1"), []byte("{}"))
		if !bytes.Equal(usual.Bytes(), as.Bytes()) {
			t.Errorf("%q is not %q", as.Bytes(), usual.Bytes())
		}
		r := delivery.FreezeAs(e, "text/plain", nil, nil)
		want := "POST " + bare + " HTTP/1.1\r\nHost: h\r\nUser-Agent: ringback\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"
		if string(r.Bytes()) != want || string(r.Target()) != bare {
			t.Errorf("%q, want %q", r.Bytes(), want)
		}
		if back := delivery.RestoreAs(e, "text/plain", r.Target(), r.Body()); !bytes.Equal(back.Bytes(), r.Bytes()) {
			t.Errorf("restored as %q, want %q", back.Bytes(), r.Bytes())
		}
	}
}

// What was put behind an endpoint's URL is found again, to be put behind another.
func TestParameters(t *testing.T) {
	for _, test := range []struct{ url, target, want string }{
		{"http://h/cb", "/cb?sdkappid=1&command=x", "sdkappid=1&command=x"},
		{"http://h/cb?token=a", "/cb?token=a&sdkappid=1", "sdkappid=1"},
		{"http://h/cb?token=a&", "/cb?token=a&sdkappid=1", "sdkappid=1"},
		{"http://h", "/?sdkappid=1", "sdkappid=1"},
		{"http://h/cb", "/cb", ""},
		{"http://h/cb?token=a", "/cb?token=a", ""},
		{"http://h/cb", "/cc?sdkappid=1", "no"},
		{"http://h/cb?token=a", "/cb?token=b&sdkappid=1", "no"},
		{"http://h/cb", "", "no"},
	} {
		e, err := delivery.ParseEndpoint(test.url)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := e.Parameters([]byte(test.target))
		if ok != (test.want != "no") || ok && string(got) != test.want {
			t.Errorf("%s of %s: %q, %v, want %s", test.target, test.url, got, ok, test.want)
		}
	}
}
