package record

import "os"

// Swap makes a recording write to another file, and returns the one before.
func (f *File) Swap(other *os.File) *os.File {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.file
	f.file = other
	return was
}

// Follow feeds a framer in pieces of some size, and says what each byte is and where
// messages end.
func Follow(answers bool, b []byte, size int) (parts []byte, ends []int, why string) {
	f := framer{answers: answers}
	for at := 0; at < len(b); {
		for chunk := b[at:min(at+size, len(b))]; len(chunk) > 0; {
			p := f.feed(chunk)
			for range p.n {
				parts = append(parts, byte(p.part))
			}
			chunk = chunk[p.n:]
			if at += p.n; p.done {
				ends = append(ends, at)
			}
		}
	}
	return parts, ends, f.why
}
