package script

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

func checkSize(data []byte) error {
	if len(data) > MaxBytes {
		return Errors{{Why: fmt.Sprintf("the file has %d bytes, at most %d", len(data), MaxBytes)}}
	}
	return nil
}

// checkFile refuses a file that is not plain UTF-8, and strips a byte order mark.
func checkFile(data []byte) ([]byte, error) {
	if err := checkSize(data); err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return nil, Errors{{Line: 1, Why: "is UTF-16; save the file as UTF-8"}}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return nil, Errors{{Line: lineAt(data, i), Why: "has a NUL byte; if the file is UTF-16, save it as UTF-8"}}
	}
	if !utf8.Valid(data) {
		i := 0
		for {
			r, n := utf8.DecodeRune(data[i:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			i += n
		}
		return nil, Errors{{Line: lineAt(data, i), Why: "is not UTF-8"}}
	}
	return data, nil
}

// lineAt is the line of a byte, from 1.
func lineAt(data []byte, i int) int { return 1 + bytes.Count(data[:i], []byte("\n")) }
