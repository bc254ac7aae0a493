package main

import (
	"strings"

	"ringback/cmd/cli"
	"ringback/sim/calibrate"
	"ringback/sim/calibrate/diff"
	"ringback/sim/recording"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// playAgain plays the calls of files again, with the choices that a report of them shows.
// Read hands over the files, one after the other: it is called twice, first for which words
// they have.
func playAgain(w cli.Env, r *calibrate.Report, read func(func(*calibrate.Source) error) error) (*diff.Report, error) {
	dialect := wire.Default()
	for _, choice := range r.Choices() {
		if err := dialect.Set(choice); err != nil {
			return nil, err
		}
	}
	each := func(visit func(name string, e *recording.Exchange)) error {
		return read(func(s *calibrate.Source) error {
			return s.Each(func(e *recording.Exchange) error {
				visit(s.Name, e)
				return nil
			})
		})
	}
	var words wire.Words
	if err := each(func(_ string, e *recording.Exchange) { words = diff.Words(words, e) }); err != nil {
		return nil, err
	}
	d := diff.New(dialect, words)
	if err := each(d.Add); err != nil {
		return nil, err
	}
	var contradicted []string
	for _, f := range r.Keys {
		if f.State == calibrate.Contradicted {
			contradicted = append(contradicted, f.Key)
		}
	}
	if len(contradicted) > 0 {
		text.Fprintf(w.Stderr, "played again with the default of what is contradicted: %s\n", strings.Join(contradicted, ", "))
	}
	return d.Report(), nil
}

// printCalibration prints a report, with what differs unless that is nil.
func printCalibration(w cli.Env, asJSON bool, r *calibrate.Report, d *diff.Report) error {
	switch {
	case asJSON && d != nil:
		return cli.WriteJSON(w.Stdout, struct {
			*calibrate.Report
			Diff *diff.Report `json:"diff"`
		}{r, d})
	case asJSON:
		return cli.WriteJSON(w.Stdout, r)
	}
	if err := r.Print(w.Stdout, w.Style()); err != nil || d == nil {
		return err
	}
	if choices := r.Choices(); len(choices) > 0 {
		text.Fprintf(w.Stdout, "\nWith --dialect %s:", strings.Join(choices, " --dialect "))
	}
	return d.Print(w.Stdout, w.Style())
}
