package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/spf13/cobra"

	"ringback/sim/run"
	"ringback/sim/store"
	"ringback/sim/text"
)

// registerJournals makes --journal the folder of many, and --pace what is always
// so: both are for single runs elsewhere.
func (c *common) registerJournals(cmd *cobra.Command, of string) {
	f := cmd.Flags()
	f.Lookup("pace").Usage = "always `instant` here"
	f.Lookup("journal").Usage = "write the journal of each " + of + " to this `folder`, for ringback tui FILE"
	f.BoolVar(&c.force, "force", false, "with --journal: replace journals that are in the folder")
	ownMeaning(f, "pace", "journal")
}

// onlyInstant refuses another pace.
func onlyInstant(s *setup) error {
	if s.pace == run.Instant {
		return nil
	}
	return usage(fmt.Errorf("--pace: %s: want instant; nothing here is played in wall time", s.pace), "ringback call --pace instant")
}

// journals is a folder of journals. What can't be written is remembered: it is no
// fault of who is judged. It is safe for concurrent use.
type journals struct {
	folder string
	force  bool

	mu  sync.Mutex
	err error // the first
}

// openJournals makes the folder of --journal, or returns nil without one. A folder
// that holds journals is left as it is, unless under --force.
func (c *common) openJournals() (*journals, error) {
	if c.journal == "" {
		return nil, nil
	}
	const hint = "ringback call --journal journals"
	if err := onlyFile("journal", c.journal, hint); err != nil {
		return nil, err
	}
	if st, err := os.Stat(c.journal); err == nil && !st.IsDir() {
		return nil, usage(fmt.Errorf("--journal: %s is a file; want a folder here, for many journals", c.journal), hint)
	}
	if err := os.MkdirAll(c.journal, 0o755); err != nil {
		return nil, usage(fmt.Errorf("--journal: %w", err), hint)
	}
	if there, _ := filepath.Glob(filepath.Join(c.journal, "*.ndjson")); len(there) > 0 && !c.force {
		return nil, usage(fmt.Errorf("--journal: %s holds %s", c.journal, text.Count(uint64(len(there)), "journal")), asTyped+"--force   # replaces those of the same name")
	}
	return &journals{folder: c.journal, force: c.force}, nil
}

// create begins the journal of a name.
func (j *journals) create(name string) io.WriteCloser {
	create := store.Create
	if j.force {
		create = store.Replace
	}
	f, err := create(filepath.Join(j.folder, name+".ndjson"))
	j.note(err)
	return &oneOfJournals{j, f}
}

func (j *journals) note(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = err
	}
}

// failed is what could not be written.
func (j *journals) failed() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return unwritten("--journal", j.err)
}

type oneOfJournals struct {
	*journals
	file *store.File // nil: it could not be made
}

func (o *oneOfJournals) Write(lines []byte) (int, error) {
	if o.file == nil {
		return 0, errors.New("no journal")
	}
	err := o.file.Append(lines)
	o.note(err)
	return len(lines), err
}

func (o *oneOfJournals) Close() error {
	if o.file == nil {
		return nil
	}
	err := o.file.Close()
	o.note(err)
	return err
}

// createJournal makes the file of --journal, or returns nil without one. What
// the file holds it empties only under --force.
func (c *common) createJournal() (*store.File, error) {
	if c.journal == "" {
		return nil, nil
	}
	if err := onlyFile("journal", c.journal, "ringback call --journal run.ndjson"); err != nil {
		return nil, err
	}
	create := store.Create
	if c.force {
		create = store.Replace
	}
	f, err := create(c.journal)
	if err != nil {
		return nil, usage(fmt.Errorf("--journal: %w", err), c.existingHint(err))
	}
	return f, nil
}

// existingHint says what can be done with a file that is not empty.
func (c *common) existingHint(err error) string {
	var full *store.NotEmptyError
	if !errors.As(err, &full) {
		return ""
	}
	name := text.Shell(c.journal)
	const replace = asTyped + "--force   # replaces it"
	if !full.Journal {
		return replace
	}
	return "ringback tui " + name + "   # shows it\n" + "ringback serve --journal " + name + "   # goes on with it\n" + replace
}

// appendTo is how a run writes its journal, if there is one.
func appendTo(f *store.File) func(lines []byte) error {
	if f == nil {
		return nil
	}
	return f.Append
}
