package term

import (
	"io"

	"ringback/sim/journal"
)

// JSONLines prints the journal; with phones also what each phone sees.
func JSONLines(out io.Writer, phones bool) func(*journal.State, *journal.Event) error {
	var line []byte
	return func(st *journal.State, e *journal.Event) (err error) {
		masked := st.Masked(e)
		if line, err = masked.AppendLine(line[:0]); err != nil {
			return err
		}
		if phones {
			for _, ev := range st.ClientEvents(e) {
				if line, err = journal.AppendClientEvent(line, e, &ev); err != nil {
					return err
				}
			}
		}
		_, err = out.Write(line)
		return err
	}
}
