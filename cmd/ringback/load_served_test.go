package main

import (
	"strings"
	"testing"

	"ringback/cmd/cli"
	"ringback/fixtures/hostile"
	"ringback/sim/delivery"
	"ringback/sim/run"
)

// A load to a receiver that serves one connection at once says that this seems to be so.
// It tries again, since a machine that stalls may leave that one without an answer, too.
func TestLoadNamesAReceiverOfFewConnections(t *testing.T) {
	t.Parallel()
	receiver, _ := hostile.Find("one_connection")
	said := ""
	for try := 0; try < 3 && !strings.Contains(said, "seems to serve only few connections at once"); try++ {
		s, err := receiver.Start()
		if err != nil {
			t.Fatal(err)
		}
		said, _ = trial{args: []string{
			"load", "--target", s.URL, "--max", "--connections", "8", "--duration", "300ms", "--ramp", "0s", "--generation", "v4", "--timeout", "500ms",
		}}.ended()
		s.Close()
	}
	if !strings.Contains(said, "seems to serve only few connections at once") || !strings.Contains(said, "  Serve each connection in a thread") {
		t.Errorf("it says %q", said)
	}
}

// Connections of which each was answered at some time, all that were not, or many that
// were, say nothing of how many are served at once.
func TestServedConnections(t *testing.T) {
	const answered, silent, refused = "answered", "silent", "refused"
	several := func(n int, of ...string) (list [][]string) {
		for range n {
			list = append(list, of)
		}
		return list
	}
	for name, tt := range map[string]struct {
		connections [][]string // and what came of the attempts over each
		want        bool
	}{
		"one is served":      {append(several(1, answered, answered), several(63, silent, silent)...), true},
		"two are":            {append(several(2, answered, silent), several(2, silent)...), true},
		"all, later":         {several(8, silent, answered), false},
		"none":               {several(8, silent, silent), false},
		"nobody is there":    {several(8, refused), false},
		"all but one":        {append(several(7, answered), several(1, silent)...), false},
		"many":               {append(several(20, answered), several(44, silent)...), false},
		"others are refused": {append(several(1, answered), several(8, refused)...), false},
	} {
		var s servedConnections
		for _, attempts := range tt.connections {
			sender := s.counting(func() run.Sender { return &played{attempts} })()
			for range attempts {
				sender.Send(nil, delivery.Transport{}, new(delivery.Answer))
			}
			sender.Close()
		}
		var errs strings.Builder
		if s.warn(cli.Env{Stderr: &errs}); (errs.Len() > 0) != tt.want {
			t.Errorf("%s: it says %q", name, errs.String())
		}
	}
}

// played is a sender whose attempts come to what is in the list.
type played struct{ list []string }

func (p *played) Send(_ *delivery.Request, _ delivery.Transport, a *delivery.Answer) {
	a.Failure = map[string]delivery.Failure{"answered": delivery.NoFailure, "silent": delivery.TimedOut, "refused": delivery.Refused}[p.list[0]]
	p.list = p.list[1:]
}

func (*played) Close() {}
