package probe

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/tidwall/gjson"

	"ringback/sim/post"
	"ringback/sim/secret"
	"ringback/sim/text"
)

// Options say where and how to ask.
type Options struct {
	URL     string        // with {CallId} where the id goes
	Fields  []string      // name=path, where the receiver's names differ: count=data.rows
	Results []string      // THEIRS=ours,ours, where the receiver has words of its own: FAILED=interrupt,offline
	Headers []string      // Name: value
	Timeout time.Duration // of a question; zero means 2 s
	Wait    time.Duration // bounds each wait for what must appear; zero means 30 s
	TLS     *tls.Config
	// Connections are those of the senders to the same receiver, which may serve
	// only a few; nil: it serves any number.
	Connections *post.Connections
}

// Probe asks a receiver what it stored. It is safe for concurrent use.
type Probe struct {
	before, after string // the URL around the id
	paths         map[string]string
	results       results
	header        http.Header
	client        *http.Client
	senders       *post.Connections
	secrets       *secret.Set

	most  time.Duration // of a wait
	grew  atomic.Pointer[time.Time]
	now   func() time.Time
	sleep func(context.Context, time.Duration) error

	learning      bool
	shown, missed map[string]bool // fields, while learning
}

// Stored is what a receiver holds of a call. A field that the receiver does not show is
// nil.
type Stored struct {
	Count    int      // end records
	Result   *string  // either generation's word, or the receiver's own
	Means    []string // the results that the receiver's own word stands for; nil if it is not in Options.Results
	Duration *float64 // seconds of talk
	Caller   *string
	Members  []string // who is in the call now, sorted; nil if it is not shown
	Room     *string
	Media    *string // audio or video, in either generation's spelling
	// When the call began, was answered and ended, in seconds since 1970, UTC;
	// 0 is a time that the call does not have.
	Start, Accept, End *int64
}

// place holds the place of the id while a URL is parsed.
const place = "{CallId}"

var fields = []string{"count", "result", "duration", "caller", "members", "room", "media", "start", "accept", "end"}

// Fields are the names of what is read. A receiver must have the first.
func Fields() []string { return slices.Clone(fields) }

// New makes a probe. Errors name what is wrong and show what would be right.
func New(o Options) (*Probe, error) {
	p := &Probe{
		paths: map[string]string{}, results: results{}, header: http.Header{}, secrets: new(secret.Set),
		most: o.Wait, now: time.Now, sleep: Sleep, shown: map[string]bool{}, missed: map[string]bool{},
	}
	p.secrets.AddURL(o.URL)
	for _, h := range o.Headers {
		p.secrets.AddHeader(h)
	}
	var ok bool
	if p.before, p.after, ok = strings.Cut(o.URL, place); !ok {
		return nil, fmt.Errorf("URL %q: want {CallId} where the id goes, like http://127.0.0.1:9080/calls/{CallId}", secret.URL(o.URL))
	}
	u, err := url.Parse(p.before + "id" + p.after)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Contains(u.Host, "id") && strings.HasSuffix(p.before, "//") {
		return nil, fmt.Errorf("URL %q: want an address like http://127.0.0.1:9080/calls/{CallId}", secret.URL(o.URL))
	}
	for _, f := range fields {
		p.paths[f] = f
	}
	for _, f := range o.Fields {
		name, path, ok := strings.Cut(f, "=")
		if !ok || path == "" || !slices.Contains(fields, name) {
			return nil, fmt.Errorf("field %q: want NAME=PATH with one of %s, like count=data.rows%s", f, strings.Join(fields, ", "), text.Meant(name, fields))
		}
		p.paths[name] = path
	}
	for _, r := range o.Results {
		if err := p.results.add(r); err != nil {
			return nil, err
		}
	}
	for _, h := range o.Headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return nil, errors.New("a header has no name: want Name: value, like Authorization: Bearer 1234") // it may be the secret
		}
		p.header.Add(strings.TrimSpace(name), strings.TrimSpace(value))
	}
	p.client, p.senders = client(o), o.Connections
	return p, nil
}

// Secrets are those of the probe's address and headers.
func (p *Probe) Secrets() *secret.Set { return p.secrets }

// Hide is a text without the secrets of the probe's address and headers.
func (p *Probe) Hide(text string) string { return p.secrets.Hide(text) }

func client(o Options) *http.Client {
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Second
	}
	return &http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			DialContext: post.Guard{}.Dialer().DialContext, TLSClientConfig: o.TLS, MaxIdleConnsPerHost: 16,
			IdleConnTimeout: time.Second, // servers close idle connections, and a request sent meanwhile is lost
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Close gives up the connections that are kept.
func (p *Probe) Close() { p.client.CloseIdleConnections() }

// maxAnswer bounds the bytes of an answer.
const maxAnswer = 1 << 20

// Error means that a question had no usable answer. It is never a verdict on the
// receiver.
type Error struct {
	err       error
	Elsewhere bool // count is not where it was looked for
	Down      bool // no connection was made, or a proxy could not reach the receiver (HTTP 502, 503, 504)
}

func (e *Error) Error() string { return "probe: " + e.err.Error() }
func (e *Error) Unwrap() error { return e.err }

// Ask asks what is stored of a call. The answer 404 means that nothing is stored. The
// error is an [*Error], the context's, or a [*delivery.OwnFaultError]: then nothing was
// asked.
func (p *Probe) Ask(ctx context.Context, callID string) (Stored, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.before+url.PathEscape(callID)+p.after, nil)
	if err != nil {
		return Stored{}, &Error{err: err}
	}
	req.Header = p.header.Clone()
	if p.senders != nil {
		giveBack, alone, err := p.senders.Reserve(ctx)
		if err != nil {
			return Stored{}, err
		}
		defer giveBack()
		req.Close = alone
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return Stored{}, p.failed(ctx, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return Stored{}, p.failed(ctx, err)
	case resp.StatusCode == http.StatusNotFound:
		return Stored{}, nil
	case resp.StatusCode != http.StatusOK:
		return Stored{}, &Error{
			err:  fmt.Errorf("answered HTTP %d, want 200 with a JSON object, or 404", resp.StatusCode),
			Down: resp.StatusCode >= http.StatusBadGateway && resp.StatusCode <= http.StatusGatewayTimeout,
		}
	case len(body) > maxAnswer:
		return Stored{}, &Error{err: fmt.Errorf("the answer is larger than %d bytes", maxAnswer)}
	}
	return p.read(body)
}

func (p *Probe) failed(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if own := post.OwnFault(err); own != nil {
		return fmt.Errorf("probe: %w", own)
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // the URL may hold a secret
	}
	if late := net.Error(nil); errors.As(err, &late) && late.Timeout() {
		return &Error{err: fmt.Errorf("no answer within %s", p.client.Timeout)}
	}
	return &Error{err: err, Down: true}
}

func (p *Probe) read(body []byte) (s Stored, err error) {
	// encoding/json bounds how deep it goes, unlike gjson.
	if !json.Valid(body) || !gjson.ParseBytes(body).IsObject() {
		return s, &Error{err: fmt.Errorf(`the answer is not a JSON object but %s: want one like {"count":1,"result":"normal_end","duration":9}, or 404 (ringback help probe)`, onOneLine(body))}
	}
	body = lastOfEqual(body)
	get := func(name string) gjson.Result { return p.field(name, gjson.GetBytes(body, p.paths[name])) }
	wrong := func(name, want string) error { return p.wrong(name, get(name), want) }
	for name := range zeros {
		p.learn(name, gjson.GetBytes(body, p.paths[name]))
	}
	n := get("count")
	if !n.Exists() {
		return s, &Error{
			err:       fmt.Errorf("count (at %s) is missing in %s, want a whole number; --probe-field count=PATH says where it is", p.paths["count"], onOneLine(body)),
			Elsewhere: true,
		}
	}
	if n.Type != gjson.Number || n.Num < 0 || n.Num != math.Trunc(n.Num) || n.Num > 1e9 {
		return s, wrong("count", "a whole number")
	}
	s.Count = int(n.Num)
	for _, f := range []struct {
		name string
		into **string
	}{{"result", &s.Result}, {"caller", &s.Caller}, {"room", &s.Room}, {"media", &s.Media}} {
		switch v := get(f.name); v.Type {
		case gjson.String, gjson.Number: // ids and rooms may be all digits
			text := v.String()
			*f.into = &text
		case gjson.Null:
		default:
			return s, wrong(f.name, "text")
		}
	}
	if s.Result != nil {
		s.Means = p.results[*s.Result]
	}
	switch d := get("duration"); d.Type {
	case gjson.Number:
		s.Duration = &d.Num
	case gjson.Null:
	default:
		return s, wrong("duration", "a number of seconds")
	}
	for _, f := range []struct {
		name string
		into **int64
	}{{"start", &s.Start}, {"accept", &s.Accept}, {"end", &s.End}} {
		if *f.into, err = p.readTime(f.name, get(f.name)); err != nil {
			return s, err
		}
	}
	return s, p.readMembers(&s, get("members"), wrong)
}

// onOneLine is the beginning of an answer.
func onOneLine(body []byte) string {
	return cmp.Or(text.Short(strings.Join(strings.Fields(string(body)), " "), 100), "empty")
}

// wrong says what is wrong with the type of a field, and at which path it is.
func (p *Probe) wrong(name string, v gjson.Result, want string) *Error {
	at := fmt.Sprintf("%s (at %s)", name, p.paths[name])
	raw := text.Short(v.Raw, 100)
	if v.Type == gjson.String && strings.HasPrefix(want, "a ") {
		_, err := strconv.ParseFloat(v.Str, 64)
		if err == nil {
			return &Error{err: fmt.Errorf("%s is the text %s, want %s: the same without the quotes", at, raw, want)}
		}
		return &Error{err: fmt.Errorf("%s is the text %s, want %s", at, raw, want)}
	}
	return &Error{err: fmt.Errorf("%s is %s, want %s", at, raw, want)}
}

// latest bounds the seconds of a time, in both directions; larger numbers are
// milliseconds.
const latest = 99_999_999_999

// readTime reads a time, in whole seconds as callbacks tell it.
func (p *Probe) readTime(name string, v gjson.Result) (*int64, error) {
	if v.Type == gjson.Null {
		return nil, nil
	}
	if v.Type == gjson.Number && math.Abs(v.Num) <= latest && v.Num == math.Trunc(v.Num) {
		at := int64(v.Num)
		return &at, nil
	}
	wrong := p.wrong(name, v, "a whole number of seconds since 1970 in UTC")
	if at, err := time.Parse(time.RFC3339, v.Str); err == nil {
		return nil, &Error{err: fmt.Errorf("%w: %d", wrong.err, at.Unix())}
	}
	if v.Num > latest {
		return nil, &Error{err: fmt.Errorf("%w: %.0f, without the milliseconds", wrong.err, math.Trunc(v.Num/1000))}
	}
	return nil, wrong
}

func (p *Probe) readMembers(s *Stored, v gjson.Result, wrong func(name, want string) error) error {
	if v.Type == gjson.Null {
		return nil
	}
	if !v.IsArray() {
		return wrong("members", "a list of user ids")
	}
	s.Members = []string{}
	for _, m := range v.Array() {
		if m.Type != gjson.String && m.Type != gjson.Number {
			return wrong("members", "a list of user ids")
		}
		s.Members = append(s.Members, m.String())
	}
	slices.Sort(s.Members)
	return nil
}
