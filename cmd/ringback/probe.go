package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"ringback/sim/probe"
)

// probeFlags say how to look at what the receiver stored.
type probeFlags struct {
	url     string
	fields  []string
	results []string
	headers []string
}

// register adds the flags; then says what is done with what the probe shows.
func (c *probeFlags) register(f *pflag.FlagSet, then string) {
	f.StringVar(&c.url, "probe", "", "`URL` with {CallId} that shows what the receiver stored, as JSON"+then)
	f.StringArrayVar(&c.fields, "probe-field", nil, "`name=path` where the probe's JSON has another name for "+strings.Join(probe.Fields(), ", ")+": count=data.rows; repeatable")
	f.StringArrayVar(&c.results, "probe-result", nil, "`THEIRS=ours,ours` where the receiver stores a word of its own for one result or several: FAILED=interrupt,offline; repeatable")
	f.StringArrayVar(&c.headers, "probe-header", nil, "`'Name: value'` to send with the probe; repeatable")
}

// open makes the probe; nil if there is to be none. The command is one that the
// hint goes on from.
func (c *probeFlags) open(s *setup, command string) (*probe.Probe, error) {
	hint := command + " --probe 'http://127.0.0.1:3000/calls/{CallId}'"
	switch {
	case c.url == "" && len(c.fields)+len(c.results)+len(c.headers) > 0:
		return nil, usage(errors.New("--probe: is missing; --probe-field, --probe-result and --probe-header say how to read it"), hint)
	case c.url == "":
		return nil, nil
	}
	p, err := probe.New(probe.Options{
		URL: c.url, Fields: c.fields, Results: c.results, Headers: c.headers, Timeout: s.timeout, TLS: s.tls, Connections: s.connections,
	})
	if err != nil {
		if strings.HasPrefix(err.Error(), "result ") {
			return nil, badPart(hint, "probe-result", [3]string{"MISSED="}, nil, err, hint+" --probe-result FAILED=interrupt,offline")
		}
		for _, part := range []string{"field", "header"} {
			if strings.HasPrefix(strings.TrimPrefix(err.Error(), "a "), part+" ") {
				like := map[string]string{"field": "count=data.rows", "header": "'Name: value'"}[part]
				return nil, usage(fmt.Errorf("--probe-%s: %w", part, err), hint+" --probe-"+part+" "+like)
			}
		}
		return nil, usage(fmt.Errorf("--probe: %w", err), hint)
	}
	return p, nil
}
