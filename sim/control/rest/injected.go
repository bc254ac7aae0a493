package rest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"ringback/sim/text"
	"ringback/sim/wire"
)

// PlannedError is an error that the REST API answers with though nothing is
// wrong, so that a client can be tried with it: the next Times requests to Path
// that are authenticated get Code.
type PlannedError struct {
	Path  string `json:"path" jsonschema:"of a command, like v1/callback/set"`
	Code  int    `json:"code" jsonschema:"that its generation documents"`
	Times int    `json:"times" jsonschema:"how many requests get it"`
}

type injectedErrors struct {
	mu   sync.Mutex
	list []PlannedError
}

// Limits of a plan.
const (
	maxPlanned = 1000
	maxTimes   = 1_000_000
)

func (p *injectedErrors) replace(list []PlannedError) error {
	if len(list) > maxPlanned {
		return fmt.Errorf("want at most %d entries, got %d", maxPlanned, len(list))
	}
	list = slices.Clone(list)
	for i := range list {
		if err := list[i].check(); err != nil {
			return fmt.Errorf("entry %d: %w", i+1, err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = list
	return nil
}

func (p *injectedErrors) left() []PlannedError {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]PlannedError{}, p.list...)
}

// check checks an error, and writes its path as this package does.
func (p *PlannedError) check() error {
	p.Path = strings.TrimPrefix(p.Path, "/")
	c := findCommand(p.Path)
	switch {
	case c == nil:
		return fmt.Errorf("path: is %s, want one of %s", text.Quote(p.Path, maxShown), strings.Join(Paths(), ", "))
	case p.Code == codeOK || findCode(c.generation(), p.Code) == nil:
		return fmt.Errorf("code: %d is not an error of %s, want one of %s", p.Code, c.generation(), codeList(c.generation()))
	case p.Times < 1 || p.Times > maxTimes:
		return fmt.Errorf("times: is %d, want 1 to %d", p.Times, maxTimes)
	}
	return nil
}

func codeList(g wire.Generation) string {
	var codes []string
	for i := range Codes {
		if Codes[i].Generation == g && Codes[i].Code != codeOK {
			codes = append(codes, fmt.Sprint(Codes[i].Code))
		}
	}
	return strings.Join(codes, ", ")
}

// take takes the code of the next error of a command, if there is one.
func (p *injectedErrors) take(path string) (code int, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.list, func(e PlannedError) bool { return e.Path == path })
	if i < 0 {
		return 0, false
	}
	code = p.list[i].Code
	if p.list[i].Times--; p.list[i].Times == 0 {
		p.list = slices.Delete(p.list, i, i+1)
	}
	return code, true
}
