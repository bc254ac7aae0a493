package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"ringback/sim"
	"ringback/sim/delivery"
)

// common are the flags that the commands which send callbacks share.
type common struct {
	target     string
	app        uint32
	generation string
	seed       int64
	epoch      string
	token      string
	pace       string
	order      string
	timeout    time.Duration
	wait       time.Duration
	dialect    []string
	journal    string
	timings    bool
	force      bool // replace a journal that is there
	heartbeat  string
	allowNet   []string
	cacert     string
	insecure   bool
	sign       string
	userMap    []string
	anyIDs     bool
}

// register adds all of them, for commands that aim at one receiver.
func (c *common) register(cmd *cobra.Command, pace string) {
	c.registerTarget(cmd)
	f := cmd.Flags()
	f.StringArrayVar(&c.userMap, "user-map", nil, "`alice=10001`: the id to send for a name; repeatable, or a file of such lines")
	c.registerRun(cmd, pace)
	c.registerPeer(cmd)
}

// registerTarget adds the flags that say who gets which callbacks.
func (c *common) registerTarget(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.target, "target", "", "`URL` of the receiver under test")
	f.Uint32Var(&c.app, "sdkappid", defaultApp, "app `id` in the callbacks' URL")
	f.StringVar(&c.generation, "generation", "both", "callback `generation`: v1, v4 or both")
}

// registerRun adds the flags that make a simulation what it is.
func (c *common) registerRun(cmd *cobra.Command, pace string) {
	c.registerSeed(cmd)
	c.registerClock(cmd, pace)
	f := cmd.Flags()
	f.StringVar(&c.heartbeat, "heartbeat-expiry", sim.HeartbeatExpiry.String(), "`duration` after which a silent phone is offline, or platform: 60s for Web and miniProgram, 400s for others; a browser that is closed is not silent, it hangs up")
	f.BoolVar(&c.anyIDs, "any-ids", false, "allow user ids that CallKit would refuse")
	c.registerJournal(cmd)
}

// registerClock adds the flags that say how time passes.
func (c *common) registerClock(cmd *cobra.Command, pace string) {
	f := cmd.Flags()
	f.StringVar(&c.pace, "pace", pace, "how time passes: `real`, instant, or a factor like 10x")
	f.StringVar(&c.order, "order", "", "`serial`: a call's callbacks wait for each other; none: they do not (default: serial under instant)")
}

// registerJournal adds the flags that say what is written down.
func (c *common) registerJournal(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&c.journal, "journal", "", "write all events to this `file`, one JSON object a line")
	f.BoolVar(&c.timings, "journal-timings", false, "journal how long answers took; no two journals are equal then")
}

// registerForce adds the flag of commands whose --journal is a new one.
func (c *common) registerForce(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&c.force, "force", false, "with --journal: replace a file that is not empty")
}

// checkForce refuses --force typed without a journal, wherever that may come from:
// there is nothing that it could replace.
func checkForce(cmd *cobra.Command) error {
	force, journal, known := cmd.Flags().Lookup("force"), cmd.Flags().Lookup("journal"), cmd.Flags().Lookup("write-known-failures")
	if force == nil || !typed(force) || force.Value.String() != "true" || journal.Value.String() != "" || known != nil && known.Value.String() != "" {
		return nil
	}
	return usage(errors.New("--force: want --journal with it, which says what to replace"), asTyped+"--journal run.ndjson")
}

// registerSeed adds the flags that make two simulations equal.
func (c *common) registerSeed(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Int64Var(&c.seed, "seed", -1, "seed of all random choices, a `number` from 0 (default: chosen and printed)")
	f.StringVar(&c.epoch, "epoch", "", "start of the simulated time, an RFC 3339 `time` (default: now)")
	f.StringVar(&c.token, "run", "", "`token` that all call and room ids follow from (default: chosen and printed)")
	f.StringArrayVar(&c.dialect, "dialect", nil, "`key=value` where the documents disagree; repeatable, see ringback dialects")
	f.Lookup("seed").DefValue = "0" // what the help would print says nothing
}

// registerNet adds the flag about addresses that were not typed.
func (c *common) registerNet(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.allowNet, "allow-net", nil, "`network` that addresses learned over REST (serve, verify --await-registration) may be in, like 10.0.0.0/8; repeatable")
}

// warnOfNet warns whoever typed --allow-net where no address is learned.
func warnOfNet(cmd *cobra.Command, w world) {
	f := cmd.Flags().Lookup("allow-net")
	awaits, _ := cmd.Flags().GetBool("await-registration")
	if f != nil && typed(f) && cmd.Name() != "serve" && !awaits {
		fmt.Fprintln(w.stderr, "ringback: warning: --allow-net: has no effect here: it is about addresses that are learned over REST, and what was typed may be anywhere")
	}
}

// registerPeer adds those that are about a receiver whose address was typed.
func (c *common) registerPeer(cmd *cobra.Command) {
	f := cmd.Flags()
	f.DurationVar(&c.timeout, "timeout", delivery.DefaultTimeout, "for one attempt, in wall time")
	f.StringVar(&c.cacert, "cacert", "", "PEM `file` of the authorities to trust instead of the system's")
	f.BoolVar(&c.insecure, "insecure", false, "do not check the receiver's certificate")
	f.StringVar(&c.sign, "sign", "", "sign requests as Chat and Live do, with this `token` or that in @FILE; no part of the CallKit pages")
}

const insecureWarning = "ringback: warning: --insecure: the certificates of receivers are not checked"
