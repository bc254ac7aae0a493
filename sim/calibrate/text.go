package calibrate

import (
	"io"

	"ringback/sim/text"
)

// Print prints the report for people.
func (r *Report) Print(w io.Writer, style text.Style) error {
	for _, part := range []func(io.Writer, text.Style) error{r.printKeys, r.printTraffic} {
		if err := part(w, style); err != nil {
			return err
		}
	}
	return nil
}

func (r *Report) printKeys(w io.Writer, style text.Style) error {
	for _, f := range r.Keys {
		if _, err := text.Fprintf(w, "%s  %s\n", text.Pad(f.Key, 16), string(f.State)); err != nil {
			return err
		}
	}
	return nil
}

func (r *Report) printTraffic(w io.Writer, style text.Style) error {
	p := &printer{w: w, style: style}
	p.timing(r.Timing)
	p.others(r.Undocumented, r.UndocumentedMore)
	return p.err
}
