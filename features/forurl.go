package features

import (
	"cmp"
	"crypto/tls"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ringback/sim/delivery"
	"ringback/sim/post"
	"ringback/sim/probe"
	"ringback/sim/run"
	"ringback/sim/wire"
)

// Option says something about a receiver to [ForURL].
type Option func(*receiver) error

// receiver is what options add up to.
type receiver struct {
	Options
	probe probe.Options
	tls   *tls.Config
}

// ForURL returns options for the receiver at a URL, like http://127.0.0.1:3000/callback. The
// error names the option that is wrong, and what would be right. What it returns may be
// changed before it is used, but for Timeout, which its senders have already: use [Timeout].
func ForURL(target string, options ...Option) (*Options, error) {
	var r receiver
	var err error
	if r.Target, err = delivery.ParseEndpoint(target); err != nil {
		return nil, fmt.Errorf("features.ForURL: %w", err)
	}
	for _, option := range options {
		if err := option(&r); err != nil {
			return nil, err
		}
	}
	r.connections = post.NewConnections(&post.Options{Timeout: r.Timeout, TLS: r.tls})
	r.NewSender = func() run.Sender { return r.connections.Sender() }
	r.OwnSender = func() run.Sender { return r.connections.Unshared() }
	switch {
	case r.probe.URL != "":
		r.probe.Timeout, r.probe.TLS, r.probe.Connections = r.Timeout, r.tls, r.connections
		if r.Options.Probe, err = probe.New(r.probe); err != nil {
			return nil, fmt.Errorf("features.Probe: %w", err)
		}
	case r.probe.Results != nil || r.probe.Headers != nil:
		return nil, fmt.Errorf("features.Probe is missing: ProbeResults and ProbeHeaders say how to ask it; want one like features.Probe(%q)", probeLike)
	}
	return &r.Options, nil
}

const probeLike = "http://127.0.0.1:3000/calls/{CallId}"

// Probe says where the receiver shows what it stored of a call, as a JSON object: a URL with
// {CallId} in it. fields are paths where its names differ: count=data.rows,
// result=data.outcome. See `ringback help probe`.
func Probe(url string, fields ...string) Option {
	return func(r *receiver) error {
		if url == "" {
			return fmt.Errorf("features.Probe: the URL is empty; want one like %q", probeLike)
		}
		r.probe.URL, r.probe.Fields = url, fields
		return nil
	}
}

// ProbeResults says which results the receiver's own words stand for, where it stores such:
// FAILED=interrupt,offline.
func ProbeResults(words ...string) Option {
	return func(r *receiver) error {
		r.probe.Results = append(r.probe.Results, words...)
		return nil
	}
}

// ProbeHeaders adds headers to the questions of [Probe]: "Authorization: Bearer 1234". Their
// values are secrets, which no report shows.
func ProbeHeaders(headers ...string) Option {
	return func(r *receiver) error {
		r.probe.Headers = append(r.probe.Headers, headers...)
		return nil
	}
}

// Generation says which callbacks the receiver takes: v1, v4, or both, which is the default.
func Generation(name string) Option {
	return func(r *receiver) error { return named("Generation", r.Generation.UnmarshalText([]byte(name))) }
}

// CallTypes leaves calls of another type out, for a receiver that never takes them: single,
// group, or all, which is the default.
func CallTypes(word string) Option {
	return func(r *receiver) error {
		r.CallTypes = word
		return named("CallTypes", checkCallTypes(word))
	}
}

// Subscribe says which callback words and commands the receiver takes, if not all: others
// are not sent.
func Subscribe(words ...string) Option {
	return func(r *receiver) (err error) {
		if r.Words, err = wire.ParseWords(words); err == nil && r.Words == 0 {
			err = fmt.Errorf("no word is given; want some like normal_end, cancel")
		}
		return named("Subscribe", err)
	}
}

// SDKAppID is the app whose callbacks are sent; the default is 1400000001.
func SDKAppID(id uint32) Option {
	return func(r *receiver) error {
		r.App = id
		return nil
	}
}

// Users says which ids to send for the names in scenarios. No one else calls or is called:
// at least alice and bob need one.
func Users(ids map[string]string) Option {
	ids = maps.Clone(ids)
	return func(r *receiver) error {
		for _, name := range slices.Sorted(maps.Keys(ids)) {
			if ids[name] == "" {
				return fmt.Errorf("features.Users: the id of %s is empty", name)
			}
		}
		r.User = func(name string) string { return ids[name] }
		return nil
	}
}

// Dialect chooses how the sender behaves where documents contradict each other: v4_retry=v1.
// `ringback dialects` lists all.
func Dialect(choices ...string) Option {
	return func(r *receiver) error {
		r.Options.Dialect = cmp.Or(r.Options.Dialect, wire.Default())
		for _, c := range choices {
			if _, err := parseChoice(c); err != nil {
				return named("Dialect", err)
			}
			r.keepIDs = r.keepIDs || strings.HasPrefix(c, "call_id=")
			_ = r.Options.Dialect.Set(c) // which parseChoice did with another
		}
		return nil
	}
}

// Sign signs requests with a token, for a receiver that checks that.
func Sign(token string) Option {
	return func(r *receiver) error {
		r.Options.Sign = token
		return named("Sign", r.Target.Signable())
	}
}

// Timeout bounds an attempt, and a question of the probe; the default is 2 s.
func Timeout(d time.Duration) Option {
	return func(r *receiver) error {
		if r.Timeout = d; d <= 0 {
			return fmt.Errorf("features.Timeout: %s: want more than 0, like 2*time.Second", d)
		}
		return nil
	}
}

// TLS says how a receiver behind https proves who it is, if not by the roots of the system.
func TLS(c *tls.Config) Option {
	return func(r *receiver) error {
		r.tls = c
		return nil
	}
}

// named puts the name of an option before what is wrong with it.
func named(option string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("features.%s: %w", option, err)
}
