package cli

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

// RegisterJournals makes --journal a folder for many journals, and fixes --pace:
// elsewhere both are for a single run.
func (c *Flags) RegisterJournals(cmd *cobra.Command, of string) {
	f := cmd.Flags()
	f.Lookup("pace").Usage = "always `instant` here"
	f.Lookup("journal").Usage = "write the journal of each " + of + " to this `folder`, for ringback tui FILE"
	f.BoolVar(&c.Force, "force", false, "with --journal: replace journals that are in the folder")
	OwnMeaning(f, "pace", "journal")
}

// onlyInstant refuses another pace.
func onlyInstant(s *Config) error {
	if s.Pace == run.Instant {
		return nil
	}
	return Usage(fmt.Errorf("--pace: %s: want instant; nothing here is played in wall time", s.Pace), "ringback call --pace instant")
}

// Journals is a folder of journals. The first error of writing is kept for Failed: it
// must not affect the verdict. It is safe for concurrent use.
type Journals struct {
	folder string
	force  bool

	mu  sync.Mutex
	err error // the first
}

// OpenJournals makes the folder of --journal, or returns nil without one. A folder
// that holds journals is left as it is, unless under --force.
func (c *Flags) OpenJournals() (*Journals, error) {
	if c.Journal == "" {
		return nil, nil
	}
	const hint = "ringback call --journal journals"
	if err := OnlyFile("journal", c.Journal, hint); err != nil {
		return nil, err
	}
	if st, err := os.Stat(c.Journal); err == nil && !st.IsDir() {
		return nil, Usage(fmt.Errorf("--journal: %s is a file; want a folder here, for many journals", c.Journal), hint)
	}
	if err := os.MkdirAll(c.Journal, 0o755); err != nil {
		return nil, Usage(fmt.Errorf("--journal: %w", err), hint)
	}
	if there, _ := filepath.Glob(filepath.Join(c.Journal, "*.ndjson")); len(there) > 0 && !c.Force {
		return nil, Usage(fmt.Errorf("--journal: %s holds %s", c.Journal, text.Count(len(there), "journal")), AsTyped+"--force   # replaces those of the same name")
	}
	return &Journals{folder: c.Journal, force: c.Force}, nil
}

// Create begins the journal of a name.
func (j *Journals) Create(name string) io.WriteCloser {
	create := store.Create
	if j.force {
		create = store.Replace
	}
	f, err := create(filepath.Join(j.folder, name+".ndjson"))
	j.note(err)
	return &oneOfJournals{j, f}
}

func (j *Journals) note(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = err
	}
}

// Failed is what could not be written.
func (j *Journals) Failed() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return Unwritten("--journal", j.err)
}

type oneOfJournals struct {
	*Journals
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

// CreateJournal makes the file of --journal, or returns nil without one. What
// the file holds it empties only under --force.
func (c *Flags) CreateJournal() (*store.File, error) {
	if c.Journal == "" {
		return nil, nil
	}
	if err := OnlyFile("journal", c.Journal, "ringback call --journal run.ndjson"); err != nil {
		return nil, err
	}
	create := store.Create
	if c.Force {
		create = store.Replace
	}
	f, err := create(c.Journal)
	if err != nil {
		return nil, Usage(fmt.Errorf("--journal: %w", err), c.existingHint(err))
	}
	return f, nil
}

// existingHint says what can be done with a file that is not empty.
func (c *Flags) existingHint(err error) string {
	var full *store.NotEmptyError
	if !errors.As(err, &full) {
		return ""
	}
	name := text.Shell(c.Journal)
	const replace = AsTyped + "--force   # replaces it"
	if !full.Journal {
		return replace
	}
	return "ringback tui " + name + "   # shows it\n" + "ringback serve --journal " + name + "   # goes on with it\n" + replace
}

// AppendTo is how a run writes its journal, if there is one.
func AppendTo(f *store.File) func(lines []byte) error {
	if f == nil {
		return nil
	}
	return f.Append
}
