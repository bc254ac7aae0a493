package cli

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"ringback/sim/probe"
	"ringback/sim/text"
)

// ProbeFlags say how to look at what the receiver stored.
type ProbeFlags struct {
	URL     string
	fields  []string
	results []string
	headers []string
	wait    time.Duration
}

const defaultProbeWait = 30 * time.Second

// Register adds the flags; then says what is done with what the probe shows.
func (c *ProbeFlags) Register(f *pflag.FlagSet, then string) {
	f.StringVar(&c.URL, "probe", "", "`URL` with {CallId} that shows what the receiver stored, as JSON"+then)
	f.StringArrayVar(&c.fields, "probe-field", nil, "`name=path` where the probe's JSON has another name for "+strings.Join(probe.Fields(), ", ")+": count=data.rows; repeatable")
	f.StringArrayVar(&c.results, "probe-result", nil, "`THEIRS=ours,ours` where the receiver stores a word of its own for one result or several: FAILED=interrupt,offline; repeatable")
	f.DurationVar(&c.wait, "probe-wait", defaultProbeWait, "max `duration` to wait until what was acknowledged is stored, while more of it appears")
	f.StringArrayVar(&c.headers, "probe-header", nil, "`'Name: value'` to send with the probe; repeatable")
}

// Open makes the probe, or returns nil without --probe. Hints begin with command.
func (c *ProbeFlags) Open(s *Config, command string) (*probe.Probe, error) {
	hint := command + " --probe 'http://127.0.0.1:3000/calls/{CallId}'"
	switch {
	case c.wait <= 0:
		return nil, Usage(fmt.Errorf("--probe-wait: %s: want more than 0", c.wait), hint+" --probe-wait 30s")
	case c.URL == "" && (len(c.fields)+len(c.results)+len(c.headers) > 0 || c.wait != defaultProbeWait):
		return nil, Usage(errors.New("--probe: is missing; --probe-field, --probe-header, --probe-result and --probe-wait say how to read it"), hint)
	case c.URL == "":
		return nil, nil
	}
	p, err := probe.New(probe.Options{
		URL: c.URL, Fields: c.fields, Results: c.results, Headers: c.headers, Wait: c.wait, Timeout: s.Timeout, TLS: s.TLS,
		Connections: s.Connections,
	})
	if err != nil {
		if strings.HasPrefix(err.Error(), "result ") {
			return nil, BadPart(hint, "probe-result", [3]string{"MISSED="}, nil, err, hint+" --probe-result FAILED=interrupt,offline")
		}
		for _, part := range []string{"field", "header"} {
			if strings.HasPrefix(strings.TrimPrefix(err.Error(), "a "), part+" ") {
				like := map[string]string{"field": "count=data.rows", "header": "'Name: value'"}[part]
				return nil, Usage(fmt.Errorf("--probe-%s: %w", part, err), hint+" --probe-"+part+" "+like)
			}
		}
		return nil, Usage(fmt.Errorf("--probe: %w", err), hint)
	}
	return p, nil
}

// SayLeftOut notes which fields only some answers of the probe have, and how they are
// read in the others.
func SayLeftOut(w Env, p *probe.Probe) {
	if p == nil {
		return
	}
	if names := p.LeftOut(); len(names) > 0 {
		text.Fprintf(w.Stderr, "ringback: note: --probe: %s left out where there is nothing to say, and read as 0 or empty there\n", isOrAreLeft(names))
	}
}

func isOrAreLeft(names []string) string {
	if len(names) == 1 {
		return names[0] + " is"
	}
	return strings.Join(names, ", ") + " are"
}
