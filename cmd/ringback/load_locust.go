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

	"ringback/cmd/cli"
	"ringback/sim/load"
	"ringback/sim/load/locust"
	"ringback/sim/text"
)

const locustHint = "ringback load --locust 127.0.0.1:5557 --per-user 10/s"

// masterPatience is how long a worker looks for its master.
const masterPatience = time.Minute

// checkLocust finds flags that mean nothing to a worker, whose master says when and how
// much.
func (c *loadFlags) checkLocust(set func(flag string) bool) error {
	if c.locust == "" {
		if set("per-user") {
			return cli.Usage(errors.New("--per-user: is the rate of each user of a Locust master; want --locust"), locustHint)
		}
		return nil
	}
	if _, _, err := net.SplitHostPort(c.locust); err != nil {
		return cli.Usage(fmt.Errorf("--locust: %q: want a host and a port, like 127.0.0.1:5557", c.locust), locustHint)
	}
	for _, flag := range []string{"duration", "ramp", "drain", "segment", "start-at", "journal", "probe", "listen"} {
		if set(flag) {
			return cli.Usage(fmt.Errorf("--%s: not with --locust, whose master says when the load begins and ends", flag), locustHint)
		}
	}
	if set("seed") && set("run") {
		return cli.Usage(errors.New("--seed, --run: two workers with the same would send the same calls; want one of them"), locustHint)
	}
	for _, r := range c.reports {
		if strings.HasPrefix(r, "html") {
			return cli.Usage(errors.New("--report html: the master has the charts; want json"), locustHint+" --report json=worker.json")
		}
	}
	return nil
}

// work makes the load as a worker of a Locust master, and then reports what this worker
// sent.
func (c *loadFlags) work(ctx context.Context, w cli.Env, r *loadRun) error {
	r.cfg.Duration, r.cfg.Ramp = 24*time.Hour, 0
	users, err := load.NewUsers(r.cfg)
	if err != nil {
		return cli.Usage(err, locustHint)
	}
	text.Fprintf(w.Stderr, "ringback load  preset %s  seed %d  run %s  to %s as app %d: a worker of the Locust master at %s, each user of which stands for callbacks at %s\n",
		c.preset, r.Run.Seed, r.Run.Token, r.Endpoint.Shown(), r.App, c.locust, c.perUser)
	host, _ := os.Hostname()
	worker := locust.New(locust.Config{
		Master: c.locust, Name: fmt.Sprintf("%s_%s", cmp.Or(host, "ringback"), rand.Text()), Load: locust.FromUsers(users), Usage: usage,
		Note: func(s string) { text.Fprintf(w.Stderr, "%s\n", s) },
	})
	if err := worker.Run(ctx, masterPatience); err != nil {
		if errors.Is(err, locust.ErrNoMaster) {
			return cli.Fail(cli.ExitUnreachable, fmt.Errorf("--locust: %w", err), "locust -f locustfile.py --master")
		}
		return err
	}
	report := users.Report()
	if report.Callbacks == 0 && ctx.Err() == nil {
		return cli.Fail(cli.ExitNothing, errors.New("nothing was measured: the master had no users, or for less time than a callback takes to become due"), locustHint)
	}
	kept := report.Judge(r.thresholds)
	lost := c.print(w, report, r.files)
	return cli.Judged(c.outcome(ctx, w, r, report, kept), lost)
}

// usage returns the processor time that the process has used or waited for, and its memory.
func usage() (time.Duration, uint64) {
	memory := []metrics.Sample{{Name: "/memory/classes/total:bytes"}}
	metrics.Read(memory)
	return load.CPUDemand(), memory[0].Value.Uint64()
}
