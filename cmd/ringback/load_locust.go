package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"ringback/cmd/cli"
	"ringback/sim/load"
	"ringback/sim/load/locust"
	"ringback/sim/text"
)

const locustHint = "ringback load --locust 127.0.0.1:5557 --per-user 10/s"

// masterPatience is how long a worker looks for its master.
const masterPatience = time.Minute

// loadLocust are the flags of a worker of a Locust master.
type loadLocust struct {
	master  string
	perUser string
}

func (c *loadLocust) register(f *pflag.FlagSet) {
	f.StringVar(&c.master, "locust", "", "be a worker of the Locust master at this `address`, like 127.0.0.1:5557, which says how many users there are")
	f.StringVar(&c.perUser, "per-user", "", "`rate` of callbacks of each user of --locust, like 10/s, with calls under way from the start")
}

// check finds flags that mean nothing to a worker, whose master says when and how much.
func (c *loadLocust) check(set func(flag string) bool, reports []string) error {
	if c.master == "" {
		if set("per-user") {
			return cli.Usage(errors.New("--per-user: is the rate of each user of a Locust master; want --locust"), locustHint)
		}
		return nil
	}
	if _, _, err := net.SplitHostPort(c.master); err != nil {
		return cli.Usage(fmt.Errorf("--locust: %q: want a host and a port, like 127.0.0.1:5557", c.master), locustHint)
	}
	for _, flag := range []string{"duration", "ramp", "drain", "segment", "start-at", "journal", "probe", "listen"} {
		if set(flag) {
			return cli.Usage(fmt.Errorf("--%s: not with --locust, whose master says when the load begins and ends", flag), locustHint)
		}
	}
	if set("seed") && set("run") {
		return cli.Usage(errors.New("--seed, --run: two workers with the same would send the same calls; want one of them"), locustHint)
	}
	for _, r := range reports {
		if strings.HasPrefix(r, "html") {
			return cli.Usage(errors.New("--report html: the master has the charts; want json"), locustHint+" --report json=worker.json")
		}
	}
	return nil
}

// work makes the load as a worker of a Locust master, and returns what this worker sent.
func (c *loadLocust) work(ctx context.Context, w cli.Env, cfg load.Config) (*load.Report, error) {
	cfg.Duration, cfg.Ramp = 24*time.Hour, 0
	users, err := load.NewUsers(cfg)
	if err != nil {
		return nil, cli.Usage(err, locustHint)
	}
	text.Fprintf(w.Stderr, "a worker of the Locust master at %s, each user of which stands for callbacks at %s\n", c.master, c.perUser)
	host, _ := os.Hostname()
	worker := locust.New(locust.Config{
		Master: c.master, Name: fmt.Sprintf("%s_%s", cmp.Or(host, "ringback"), rand.Text()), Load: locust.FromUsers(users), Usage: usage,
		Note: func(s string) { text.Fprintf(w.Stderr, "%s\n", s) },
	})
	if err := worker.Run(ctx, masterPatience); err != nil {
		if errors.Is(err, locust.ErrNoMaster) {
			return nil, cli.Fail(cli.ExitUnreachable, fmt.Errorf("--locust: %w", err), "locust -f locustfile.py --master")
		}
		return nil, err
	}
	report := users.Report()
	if report.Callbacks == 0 && ctx.Err() == nil {
		return nil, cli.Fail(cli.ExitNothing, errors.New("nothing was measured: the master had no users, or for less time than a callback takes to become due"), locustHint)
	}
	return report, nil
}

// usage returns the processor time that the process has used or waited for, and its memory.
func usage() (time.Duration, uint64) {
	memory := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(memory)
	return load.CPUDemand(), memory[0].Value.Uint64()
}
