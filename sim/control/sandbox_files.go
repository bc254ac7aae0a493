package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ringback/sim/control/simapi"
)

// folder is where the journals of sandboxes are beside the first's.
func folder(journal string) string { return journal + ".d" }

// settings is what the sandbox of a journal was asked to be.
func settings(journal string) string { return strings.TrimSuffix(journal, ".ndjson") + ".json" }

// keep writes what a sandbox was asked to be where a restart finds it. What an ended one
// left behind is removed first.
func keep(in *simapi.Making, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	if err := remove(path); err != nil {
		return err
	}
	beside := settings(path) + ".new"
	file, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(text, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(beside, settings(path))
	}
	if err != nil {
		return errors.Join(err, remove(beside))
	}
	return nil
}

// forget removes what a restart would find of a sandbox.
func forget(path string) error { return errors.Join(remove(settings(path)), remove(path)) }

func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// readAsked reads what a sandbox was asked to be.
func readAsked(path string, id uint32) (asked simapi.Making, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return asked, err
	}
	switch err := json.Unmarshal(text, &asked); {
	case err != nil:
		return asked, err
	case asked.SDKAppID != id || asked.Key == "":
		return asked, fmt.Errorf("want the sdkappid %d and a key in it", id)
	}
	return asked, nil
}

// kept are the sandboxes that a folder describes.
func kept(dir string) (ids []uint32, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".json")
		id, err := strconv.ParseUint(name, 10, 32)
		if ok && err == nil && name == fmt.Sprint(id) {
			ids = append(ids, uint32(id))
		}
	}
	slices.Sort(ids)
	return ids, nil
}
