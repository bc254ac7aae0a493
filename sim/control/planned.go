package control

import (
	"fmt"
	"net/http"
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

type plannedErrors struct {
	mu   sync.Mutex
	list []PlannedError
}

// Limits of a plan.
const (
	mostPlanned = 1000
	mostTimes   = 1_000_000
)

// PlanErrors replaces what is planned. Of several for a path the first comes
// first.
func (b *Backend) PlanErrors(list []PlannedError) error {
	if len(list) > mostPlanned {
		return fmt.Errorf("want at most %d entries, got %d", mostPlanned, len(list))
	}
	list = slices.Clone(list)
	for i := range list {
		if err := list[i].check(); err != nil {
			return fmt.Errorf("entry %d: %w", i+1, err)
		}
	}
	b.rest.planned.mu.Lock()
	defer b.rest.planned.mu.Unlock()
	b.rest.planned.list = list
	return nil
}

// PlannedErrors are the errors that are still to come.
func (b *Backend) PlannedErrors() []PlannedError {
	b.rest.planned.mu.Lock()
	defer b.rest.planned.mu.Unlock()
	return append([]PlannedError{}, b.rest.planned.list...)
}

// check checks an error, and writes its path as this package does.
func (p *PlannedError) check() error {
	p.Path = strings.TrimPrefix(p.Path, "/")
	c := findCommand(p.Path)
	switch {
	case c == nil:
		return fmt.Errorf("path: is %s, want one of %s", text.Quote(p.Path, maxShown), strings.Join(restPaths(), ", "))
	case p.Code == codeOK || findCode(c.generation(), p.Code) == nil:
		return fmt.Errorf("code: %d is no error of %s, want one of %s", p.Code, c.generation(), codeList(c.generation()))
	case p.Times < 1 || p.Times > mostTimes:
		return fmt.Errorf("times: is %d, want 1 to %d", p.Times, mostTimes)
	}
	return nil
}

func codeList(g wire.Generation) string {
	var codes []string
	for i := range restCodes {
		if restCodes[i].Generation == g && restCodes[i].Code != codeOK {
			codes = append(codes, fmt.Sprint(restCodes[i].Code))
		}
	}
	return strings.Join(codes, ", ")
}

// take takes a planned error of a command, if there is one.
func (p *plannedErrors) take(c *command) *refusal {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.IndexFunc(p.list, func(e PlannedError) bool { return e.Path == c.path })
	if i < 0 {
		return nil
	}
	code := p.list[i].Code
	if p.list[i].Times--; p.list[i].Times == 0 {
		p.list = slices.Delete(p.list, i, i+1)
	}
	return &refusal{code, "an error that was planned", http.StatusOK}
}
