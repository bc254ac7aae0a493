package diff

import (
	"fmt"
	"io"

	"ringback/sim/text"
)

// maxShown is how many characters of a value people get.
const maxShown = 48

// Print prints the report for people.
func (r *Report) Print(w io.Writer, style text.Style) error {
	all := text.Sprintf("%s played again in the simulator, %d alike", text.Count(r.Calls, "call"), r.Alike)
	if _, err := text.Fprintf(w, "\n%s\n", style.Bold.Render(string(all))); err != nil {
		return err
	}
	for _, l := range r.LeftOut {
		if _, err := text.Fprintf(w, "  %s left out: %s (first at %s:%d)\n", text.Count(l.Calls, "call"), l.Why, l.Place.File, l.Place.Line); err != nil {
			return err
		}
	}
	if len(r.Differences) == 0 && r.Calls > 0 {
		_, err := text.Fprintf(w, "  %s\n", style.Good.Render("nothing differs; values of times and whose phone it was are not compared"))
		return err
	}
	wide := 0
	for i := range r.Differences {
		wide = max(wide, text.Cells(r.Differences[i].title()))
	}
	for i := range r.Differences {
		d := &r.Differences[i]
		if _, err := text.Fprintf(w, "%s %s  recorded %s, simulated %s  %s\n", style.Wait.Render("≠"), text.Pad(d.title(), wide),
			text.Short(d.Recorded, maxShown), text.Short(d.Simulated, maxShown),
			style.Dim.Render(fmt.Sprintf("in %d of %s, first at %s:%d", d.Calls, text.Count(r.Calls, "call"), d.Place.File, d.Place.Line))); err != nil {
			return err
		}
	}
	if r.More > 0 {
		_, err := text.Fprintf(w, "  %d more are not listed\n", r.More)
		return err
	}
	return nil
}

// title is what differs, in a few words.
func (d *Difference) title() string {
	title := fmt.Sprintf("%s %s", d.Generation, d.word.Label())
	switch d.What {
	case Field:
		return title + "  " + d.Name
	case Parameter, Header:
		return title + "  " + d.What + " " + d.Name
	}
	return title + "  " + d.What
}
