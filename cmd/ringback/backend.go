package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ringback/cmd/cli"
	"ringback/sim/control"
)

// defaultAdmins may call the REST API if no one else is named.
var defaultAdmins = []string{"administrator", "admin"}

// backend makes the fake backend of serve and verify --await-registration, with the apps
// and host names of the flags.
func backend(s *cli.Config, apps, hosts []string) (cfg control.Config, err error) {
	cfg = control.Config{
		NewSender: s.Sender,
		Run:       s.Run, Dialect: s.Dialect, Order: s.Order, Timeout: s.Timeout, HeartbeatExpiry: s.Heartbeat,
		Admins: defaultAdmins, AllowHosts: hosts, AnyIDs: s.AnyIDs, Timings: s.Timings, Sign: s.Sign,
	}
	for _, name := range hosts {
		if err := control.CheckHost(name); err != nil {
			return cfg, cli.Usage(fmt.Errorf("--allow-host: %w", err), "ringback serve --allow-host callkit")
		}
	}
	for _, a := range apps {
		app, err := parseApp(a)
		if err != nil {
			return cfg, cli.Usage(fmt.Errorf("--app: %w", err), "ringback serve --app 1400000001:@secret.txt")
		}
		cfg.Apps = append(cfg.Apps, app)
	}
	if len(cfg.Apps) == 0 {
		cfg.Apps = []control.App{{ID: cli.DefaultApp, Key: defaultKey}}
	}
	return cfg, nil
}

// defaultKey is the key of the default app. It is not secret: it is printed at every
// start.
const defaultKey = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

const allowHostHelp = "a host `name` besides localhost by which both APIs may be called, like callkit; repeatable"

// parseApp reads SDKAPPID:KEY[:nopackage] or SDKAPPID:@FILE[:nopackage]. Errors
// do not repeat what may be the key.
func parseApp(s string) (a control.App, err error) {
	id, key, ok := strings.Cut(s, ":")
	n, err := strconv.ParseUint(id, 10, 32)
	if !ok || err != nil || n == 0 {
		return a, errors.New("want SDKAPPID:KEY, where SDKAPPID is a number up to 4294967295")
	}
	key, a.NoPackage = strings.CutSuffix(key, ":nopackage")
	if key, err = cli.KeyText(key, "app's secret key"); err != nil {
		return a, err
	}
	a.ID, a.Key = uint32(n), strings.TrimSpace(key)
	switch {
	case a.Key == "":
		return a, fmt.Errorf("%d: has no key", n)
	case strings.Contains(a.Key, ":"):
		return a, fmt.Errorf("%d: the key has a colon, or something other than nopackage follows it", n)
	}
	return a, nil
}
