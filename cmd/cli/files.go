package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxFile bounds the bytes of a file of flags, names or operations.
const maxFile = 4 << 20

// ReadFile reads a file that a person wrote. It stops at maxFile bytes: a larger one was
// named by mistake.
func ReadFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(data) > maxFile {
		err = fmt.Errorf("%s is larger than %d MiB", path, maxFile>>20)
	}
	return data, err
}

// ReadText reads a file of text that a person wrote, without a byte order mark.
func ReadText(path string) ([]byte, error) {
	data, err := ReadFile(path)
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return nil, fmt.Errorf("%s is UTF-16; save the file as UTF-8", path)
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), err
}

// fileExists reports whether a path names a file that can be read as such.
func fileExists(path string) bool {
	st, err := os.Stat(path)
	return err == nil && !st.IsDir()
}

// KeyText returns a key as typed or, for @FILE, the first line of the file, which must
// not be empty. Errors call the key by its kind, and do not show it.
func KeyText(key, kind string) (string, error) {
	path, isFile := strings.CutPrefix(key, "@")
	if !isFile {
		return key, nil
	}
	data, err := ReadText(path)
	if err != nil {
		return "", err
	}
	first, _, _ := strings.Cut(string(data), "\n")
	if first = strings.TrimSpace(first); first == "" {
		return "", fmt.Errorf("the first line of %s is empty, want the %s", path, kind)
	}
	return first, nil
}
