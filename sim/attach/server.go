package attach

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ringback/sim/control/simapi"
)

// Config says which server to attach to.
type Config struct {
	// URL is the server's, like http://127.0.0.1:8080, as ringback serve prints it.
	URL string
	// Sandbox is the id of the sandbox that is meant; empty means the first.
	Sandbox string
	// Token is that of ringback serve --token; empty sends none.
	Token string
	// Version is that of Ringback which the server must have; empty takes any.
	Version string
	// TLS is how to check a server whose URL begins with https; nil means as the system
	// does.
	TLS *tls.Config
	// Quiet is how long the server may give no sign of life on a connection before
	// that counts as lost; 0 means 40 s. A stream gives one every 15 s.
	Quiet time.Duration
	// Pause waits before the n-th attempt in a row to connect again, from 1, or until
	// the context ends; nil means 0.1 s, then twice as long each time, up to 5 s.
	Pause func(ctx context.Context, n int)
}

// Server is a running ringback serve. It is safe for concurrent use.
type Server struct {
	cfg    Config
	base   string // of all routes
	client *http.Client
}

const (
	// requestTime is how long a request to do something may take.
	requestTime = 30 * time.Second
	// maxAnswer is the max size of an answer that is no stream.
	maxAnswer = 16 << 20
)

// New returns a client of a server, which it does not contact yet.
func New(cfg Config) (*Server, error) {
	u, err := url.Parse(cfg.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.Opaque != "":
		return nil, errors.New("want the URL of a ringback serve, like http://127.0.0.1:8080")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("want a URL without a user, a query or a fragment, like http://127.0.0.1:8080; a token goes into a header")
	}
	if cfg.Quiet == 0 {
		cfg.Quiet = 40 * time.Second
	}
	if cfg.Pause == nil {
		cfg.Pause = pause
	}
	s := &Server{cfg: cfg, base: strings.TrimRight(u.Scheme+"://"+u.Host+u.EscapedPath(), "/") + "/sim/v1"}
	if cfg.Sandbox != "" {
		s.base += "/sandboxes/" + url.PathEscape(cfg.Sandbox)
	}
	s.client = &http.Client{
		Transport: &http.Transport{ // no proxy, and HTTP/1.1 alone, as everywhere
			DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext, TLSClientConfig: cfg.TLS, TLSHandshakeTimeout: 5 * time.Second,
			ResponseHeaderTimeout: requestTime, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s, nil
}

// Close closes connections that are not in use.
func (s *Server) Close() { s.client.CloseIdleConnections() }

// open sends a request, and returns the answer if that is good. The errors are those of
// the network, [simapi.Problem] and [RefusedError].
func (s *Server) open(ctx context.Context, method, path string, body any, header http.Header) (*http.Response, error) {
	var text io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		text = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, s.base+path, text)
	if err != nil {
		return nil, err
	}
	if header != nil {
		req.Header = header
	}
	if s.cfg.Token != "" {
		req.Header.Set("Authorization", "Bearer "+s.cfg.Token)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		var why *url.Error // whose text has the URL, too
		if errors.As(err, &why) {
			err = why.Err
		}
		return nil, err
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, problem(resp)
}

// problem is why an answer is not good.
func problem(resp *http.Response) error {
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	p := new(simapi.Problem)
	ours := json.Unmarshal(data, p) == nil && p.Title != "" && strings.HasPrefix(p.Type, "/sim/v1/problems#")
	switch {
	case resp.StatusCode == http.StatusUnauthorized && resp.Request.Header.Get("Authorization") == "":
		return &RefusedError{Token: true, Why: "401 Unauthorized: the server asks for the token of its --token, and none was given"}
	case resp.StatusCode == http.StatusUnauthorized:
		return &RefusedError{Token: true, Why: "401 Unauthorized: the server asks for the token of its --token, and that is not it"}
	case !ours && resp.StatusCode/100 == 5: // a proxy before it, say
		return fmt.Errorf("the server answers %s", resp.Status)
	case !ours:
		return refused("the server answers %s, and not as ringback serve does", resp.Status)
	case strings.HasSuffix(p.Type, "#"+simapi.KindForeign):
		return refused("%s", p.Detail)
	}
	return p
}

// ask sends a request with a body, and reads the answer.
func (s *Server) ask(ctx context.Context, method, path string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	resp, err := s.open(ctx, method, path, in, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, out); err != nil {
		return refused("the server's answer to %s /sim/v1%s is not as ringback serve answers", method, path)
	}
	return nil
}

// Status shows the run, how its time passes, and its totals. The error is a
// [RefusedError] if the server is no Ringback, or of another version than
// [Config.Version].
func (s *Server) Status(ctx context.Context) (st simapi.Status, err error) {
	if err = s.ask(ctx, http.MethodGet, "/status", nil, &st); err == nil {
		err = s.checkVersion(st.Version)
	}
	return st, err
}

func (s *Server) checkVersion(version string) error {
	switch {
	case version == "":
		return refused("the server is no ringback serve, or one of a version that can't be attached to")
	case s.cfg.Version != "" && version != s.cfg.Version:
		return refused("the server is Ringback %s, this is %s: use the same version of both", version, s.cfg.Version)
	}
	return nil
}

// pause is the pause of [Config.Pause].
func pause(ctx context.Context, n int) {
	t := time.NewTimer(min(5*time.Second, 100*time.Millisecond<<min(n-1, 10)))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
