package main

import (
	"archive/tar"
	"archive/zip"
	"cmp"
	"compress/flate"
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// entry is a file of an archive.
type entry struct {
	name string // in the archive
	path string // where it is
	mode fs.FileMode
}

// writeArchive writes base.tar.gz, or base.zip for Windows.
func writeArchive(base, program, extras string, date time.Time) error {
	top := filepath.Base(base)
	list := []entry{{path.Join(top, filepath.Base(program)), program, 0o755}}
	for _, page := range []string{"LICENSE", "README.md", "CHANGELOG.md"} {
		list = append(list, entry{path.Join(top, page), page, 0o644})
	}
	err := filepath.WalkDir(extras, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(extras, at)
		list = append(list, entry{path.Join(top, filepath.ToSlash(rel)), at, 0o644})
		return err
	})
	if err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	write, ending := writeTar, ".tar.gz"
	if filepath.Ext(program) == ".exe" {
		write, ending = writeZip, ".zip"
	}
	f, err := os.Create(base + ending)
	if err != nil {
		return err
	}
	return cmp.Or(write(f, list, date), f.Close())
}

func writeTar(w io.Writer, list []entry, date time.Time) error {
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	t := tar.NewWriter(z)
	for _, e := range list {
		data, err := os.ReadFile(e.path)
		if err != nil {
			return err
		}
		h := &tar.Header{Name: e.name, Mode: int64(e.mode), Size: int64(len(data)), ModTime: date}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(data); err != nil {
			return err
		}
	}
	return cmp.Or(t.Close(), z.Close())
}

func writeZip(w io.Writer, list []entry, date time.Time) error {
	z := zip.NewWriter(w)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	for _, e := range list {
		data, err := os.ReadFile(e.path)
		if err != nil {
			return err
		}
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: date.UTC()}
		h.SetMode(e.mode)
		f, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := f.Write(data); err != nil {
			return err
		}
	}
	return z.Close()
}
