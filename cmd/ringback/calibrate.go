package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ringback/cmd/cli"
	"ringback/sim/calibrate"
	"ringback/sim/calibrate/diff"
	"ringback/sim/text"
)

type calibrateFlags struct {
	json      bool
	whole     bool
	calls     []string
	diff      bool
	write     string
	anonymize string
}

func newCalibrate(w cli.Env) *cobra.Command {
	c := new(calibrateFlags)
	cmd := &cobra.Command{
		Use: "calibrate FILE...", Args: cobra.ArbitraryArgs,
		Short: "Say what the real service's callbacks show of its dialect",
		Long: `Reads what the real service sent, and says for each key of the dialect (see ringback
dialects) which value the callbacks show: how many of them do, and where the first
stands. A key that some callbacks show one way and some another is contradicted, and
one that they don't show is unknown, with the call that would tell. Nothing is guessed.

A FILE is a recording of ringback record, a journal, a HAR file of a browser,
mitmproxy or ngrok, or a log of anyone's own with a JSON object a line, like
{"time":"2026-01-01T00:00:00Z","method":"POST","url":"/cb?...","headers":{},
"body":{},"status":200,"response":{}}; - is the standard input. Several are counted
in one report; what is missing in one is judged in it alone.

Some values show by what does not come, like the second status callback of a call.
That is evidence only in a file whose exchanges are numbered, as those of recordings
and journals are, with none missing; of another file --whole says that it holds all
that came. And callbacks do not show what a person did, like losing a phone:
--call says it.

--write keeps the choices that are shown in a settings file: of one that exists it
changes only dialect, and its comments stay. It refuses files that contradict
themselves. --diff plays the same calls in the simulator with these choices and says
what still differs: callbacks that only one of the two sends, their order, and each
field of bodies and URLs. Ids, users and rooms are the files' own, and times are
compared by what they count. A call whose callbacks do not tell what happened is left
out, with the reason.

--anonymize writes a recording that others may have: ids, addresses, names and texts are
replaced by others of the same form, the same by the same, and all times are moved by
one amount. What stays are the words and keys of the documents and those of HTTP. It
calibrates as the files do.

Exits with 5 if there is no callback in the files.`,
		Example: `  ringback calibrate monday.ndjson
  ringback calibrate monday.ndjson --call 055662e1=battery
  ringback calibrate monday.ndjson --diff --write ringback.yaml
  ringback calibrate export.har --whole --json
  ringback calibrate monday.ndjson --anonymize shared.ndjson`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd.Context(), w, args) },
	}
	f := cmd.Flags()
	f.BoolVar(&c.diff, "diff", false, "play the same calls in the simulator, and print what differs")
	f.StringVar(&c.write, "write", "", "keep the choices in this settings `file`, like ringback.yaml")
	f.BoolVar(&c.json, "json", false, "print the report as a JSON object")
	f.BoolVar(&c.whole, "whole", false, "the files hold all that the service sent: what is not in them was not sent")
	f.StringArrayVar(&c.calls, "call", nil, "what was done in a call, as `CALLID=WHAT`: battery (a phone lost it), no_group (several callees, no IM group) or ended (by the REST API); the first 8 characters of the CallId do; repeatable")
	f.StringVar(&c.anonymize, "anonymize", "", "also write what was read to a new `file`, without ids, addresses, names and texts")
	return cmd
}

const calibrateHint = "ringback calibrate monday.ndjson"

func (c *calibrateFlags) run(ctx context.Context, w cli.Env, files []string) error {
	options, err := c.options()
	switch {
	case err != nil:
		return err
	case len(files) == 0:
		return cli.Usage(errors.New("FILE: is missing, want a recording, a journal, a HAR file or a log of requests, or - for the standard input"), calibrateHint)
	}
	if c.diff && slices.Contains(files, "-") {
		return cli.Usage(errors.New("--diff: reads its files more than once, and the standard input comes only once; name a file"), calibrateHint+" --diff")
	}
	out, err := newAnonymous(c.anonymize, options.Calls)
	if err != nil {
		return err
	}
	found := calibrate.New(options)
	each := func(read func(*calibrate.Source) error) error { return readAll(ctx, w, files, read) }
	if err := out.close(w, each(func(s *calibrate.Source) error { return found.Read(s, out.add) })); err != nil {
		return err
	}
	report := found.Report()
	var differs *diff.Report
	if c.diff {
		if differs, err = playAgain(w, report, each); err != nil {
			return err
		}
	}
	err = printCalibration(w, c.json, report, differs)
	if err == nil && !report.Judged() {
		text.Fprintf(w.Stderr, "ringback calibrate: there is no callback in %s\n", strings.Join(files, ", "))
		return cli.Outcome(cli.ExitNothing)
	}
	if err == nil && c.write != "" {
		return writeChoices(w, report, c.write, calibrateHint)
	}
	return err
}

// readAll opens files, one after the other.
func readAll(ctx context.Context, w cli.Env, files []string, read func(*calibrate.Source) error) error {
	for _, path := range files {
		if err := readExchanges(ctx, w, path, func(name string, r io.Reader) error {
			s, err := calibrate.Open(name, r)
			if err != nil {
				return err
			}
			return read(s)
		}); err != nil {
			return err
		}
	}
	return nil
}

// options are what the flags say.
func (c *calibrateFlags) options() (o calibrate.Options, err error) {
	o = calibrate.Options{Whole: c.whole, Calls: map[string]calibrate.Deed{}}
	for _, s := range c.calls {
		id, what, _ := strings.Cut(s, "=")
		deed := calibrate.Deed(what)
		switch {
		case len(id) < 8:
			return o, cli.Usage(fmt.Errorf("--call: %s: want CALLID=WHAT, with 8 characters or more of the CallId", text.Quote(s, 60)), calibrateHint+" --call 055662e1=battery")
		case !deed.Valid():
			return o, cli.Usage(fmt.Errorf("--call: %s: want battery, no_group or ended behind the =", text.Quote(s, 60)), calibrateHint+" --call "+text.Shell(id)+"=battery")
		}
		o.Calls[id] = deed
	}
	return o, nil
}

// readExchanges opens a file, or the standard input, for read. Its errors are those of
// wrong usage, unless the context ended.
func readExchanges(ctx context.Context, w cli.Env, path string, read func(name string, r io.Reader) error) error {
	from, name := w.Stdin, "standard input"
	if path != "-" {
		file, err := os.Open(path)
		if err != nil {
			return cli.Usage(fmt.Errorf("FILE: %w", err), calibrateHint)
		}
		defer file.Close()
		from, name = file, path
	}
	if from == nil {
		from = strings.NewReader("")
	}
	err := read(name, interruptible{from, ctx})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return cli.Usage(fmt.Errorf("FILE: %w", err), calibrateHint)
	}
	return nil
}
