package features

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"ringback/sim/script"
)

// maxFiles is the max number of feature files in a folder.
const maxFiles = 10_000

// FileErrors is the error of [Run] and [List] for scenarios that cannot be played, with file
// and line.
type FileErrors []string

const maxFileErrors = 20

// Error has one line for each of the first few.
func (e FileErrors) Error() string {
	lines := slices.Clone(e[:min(len(e), maxFileErrors)])
	if n := len(e) - len(lines); n > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", n))
	}
	return strings.Join(lines, "\n")
}

// distinct removes duplicates, as of a step in each row of an outline.
func (e FileErrors) distinct() FileErrors {
	said := map[string]bool{}
	return slices.DeleteFunc(e, func(line string) bool {
		again := said[line]
		said[line] = true
		return again
	})
}

// add adds what is wrong with a file.
func (e *FileErrors) add(file string, err error) {
	var list script.Errors
	if err == nil {
		return
	}
	if !errors.As(err, &list) {
		*e = append(*e, fmt.Sprintf("%s: %v", file, err))
	}
	for _, one := range list {
		where, what := file, *one
		if what.Line > 0 {
			where = fmt.Sprintf("%s:%d", file, what.Line)
		}
		what.Line, what.Operation = 0, 0
		*e = append(*e, where+": "+what.Error())
	}
}

// walker finds the feature files of a tree, each once, even if several links lead to it.
// Files come before links, and hidden names last: a mounted Kubernetes ConfigMap has
// three names for each file.
type walker struct {
	tree    fs.FS
	pending [3][]string // folders and files: the plain, links, the hidden
	seen    []fs.FileInfo
	files   []string
}

func featureFiles(tree fs.FS) ([]string, error) {
	w := &walker{tree: tree}
	w.pending[0] = []string{"."}
	for {
		rank := slices.IndexFunc(w.pending[:], func(names []string) bool { return len(names) > 0 })
		if rank < 0 {
			slices.Sort(w.files)
			return w.files, nil
		}
		name := w.pending[rank][0]
		w.pending[rank] = w.pending[rank][1:]
		if err := w.visit(name, rank); err != nil {
			return nil, err
		}
		if len(w.files) > maxFiles {
			return nil, fmt.Errorf("there are more than %d .feature files", maxFiles)
		}
	}
}

// visit adds a file, or the contents of a folder.
func (w *walker) visit(name string, rank int) error {
	isFeature := strings.EqualFold(path.Ext(name), ".feature")
	info, err := fs.Stat(w.tree, name) // follows links
	if err != nil {
		if lock := strings.HasPrefix(path.Base(name), ".#"); errors.Is(err, fs.ErrNotExist) && (lock || !isFeature) {
			return nil // a link to nothing, or an editor's lock
		}
		return err
	}
	switch {
	case !info.IsDir() && !isFeature, slices.ContainsFunc(w.seen, func(other fs.FileInfo) bool { return os.SameFile(info, other) }):
		return nil
	case info.IsDir():
		w.seen = append(w.seen, info)
		return w.folder(name, rank)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file", name)
	}
	w.seen = append(w.seen, info)
	w.files = append(w.files, name)
	return nil
}

func (w *walker) folder(name string, rank int) error {
	list, err := fs.ReadDir(w.tree, name)
	if err != nil {
		return err
	}
	for _, d := range list {
		of := rank
		switch {
		case strings.HasPrefix(d.Name(), "."):
			of = 2
		case d.Type()&fs.ModeSymlink != 0:
			of = max(of, 1)
		}
		w.pending[of] = append(w.pending[of], path.Join(name, d.Name()))
	}
	return nil
}

// readFile reads a feature file, up to the max length.
func readFile(tree fs.FS, name string) ([]byte, error) {
	f, err := tree.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, script.MaxBytes+1))
}
