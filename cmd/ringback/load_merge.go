package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/sim/load"
	"ringback/sim/text"
)

type loadMergeFlags struct {
	thresholds []string
	reports    []string
	json       bool
	missing    bool
}

// ofProcess are the flags of load that are a process's own: segments of one load may
// differ in them.
var ofProcess = []string{
	"segment", "connections", "backlog", "threshold", "config", "allow-net", "cacert", "insecure", "client-cert", "client-key",
	"probe", "probe-sample", "probe-field", "probe-header", "probe-result", "probe-wait",
}

func newLoadMerge(w cli.Env) *cobra.Command {
	c := new(loadMergeFlags)
	cmd := &cobra.Command{
		Use: "merge FILE...", Args: cobra.ArbitraryArgs,
		Short: "Make one report of those of a load's segments",
		Long: `Reads the JSON reports that the segments of a load wrote, and prints the report of the
whole: counters are added, percentiles are those of the merged histograms, and series
are joined by the time since the start. Reports that do not belong to one load are
refused, and say what differs, as are a segment that is there twice and one that is
missing, unless --allow-missing lets the report be incomplete, which it then says.

Exit codes: those of ringback load.`,
		Example: `  ringback load merge 1.json 2.json 3.json 4.json --threshold 'p99<50ms'
  ringback load merge *.json --report html=load.html`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), w, args) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&c.thresholds, "threshold", nil, "what must hold, a `METRIC<LIMIT` like 'p99<50ms'; repeatable. There are "+strings.Join(load.Metrics(), ", "))
	f.StringArrayVar(&c.reports, "report", nil, "also write `kind=FILE`, repeatable: html (a page with plots), json; - is the standard output, and the text goes to stderr then")
	f.BoolVar(&c.json, "json", false, "print the report as JSON")
	f.BoolVar(&c.missing, "allow-missing", false, "merge although segments are missing; the report says that it is incomplete")
	return cmd
}

func (c *loadMergeFlags) run(ctx context.Context, w cli.Env, names []string) error {
	const hint = "ringback load merge 1.json 2.json"
	thresholds, err := parseThresholds(c.thresholds)
	if err != nil {
		return err
	}
	data := ""
	if c.json {
		data = "--json"
	}
	files, people, err := cli.OpenReports(w, data, c.reports, []string{"html", "json"}, "ringback load merge 1.json 2.json --report html=load.html")
	if err != nil {
		return err
	}
	defer cli.CloseReports(files)
	w = people
	if len(names) == 0 {
		return cli.Usage(errors.New("no reports: want the JSON reports of a load's segments"), hint)
	}
	var parts []load.NamedReport
	for _, name := range names {
		r, err := readReport(name, files)
		if err != nil {
			return cli.Usage(fmt.Errorf("%s: %w", name, err), hint)
		}
		parts = append(parts, load.NamedReport{Name: name, Report: r})
	}
	r, err := load.Merge(parts, c.missing, ofProcess)
	var missing *load.MissingError
	switch {
	case errors.As(err, &missing):
		return cli.Usage(err, cli.AsTyped+"--allow-missing")
	case err != nil:
		return cli.Usage(err, hint)
	}
	kept := r.Judge(thresholds)
	r.About.Command = fmt.Sprintf("ringback load %s --seed %d --epoch %s", strings.Join(r.About.Flags, " "), r.About.Seed, r.About.Epoch.Format(time.RFC3339))
	asJSON := func(to io.Writer) error { return cli.WriteJSON(to, r) }
	lost := writeReports(w, files, asJSON, r.WriteHTML)
	if c.json {
		lost = errors.Join(lost, asJSON(w.Stdout))
	} else {
		r.WriteSummary(w.Stdout)
	}
	return cli.Judged(judgeLoad(ctx, w, r, kept, func() error {
		text.Fprintf(w.Stderr, "ringback: no attempt of any segment made a connection to %s\n", r.About.Target)
		return cli.Outcome(cli.ExitUnreachable)
	}), lost)
}

// readReport reads a JSON report of a load, unless it is a file that will be written over.
func readReport(name string, written []*cli.ReportFile) (*load.Report, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, errors.Unwrap(err) // which names the file, too
	}
	defer f.Close()
	if cli.Replaces(written, f) {
		return nil, errors.New("--report would write over it; want another file")
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	r := new(load.Report)
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("is not the JSON report of a load: %w", err)
	}
	return r, nil
}
