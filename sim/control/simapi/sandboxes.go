package simapi

import (
	"net/http"
	"strings"
)

// SandboxesPath is where the routes of all sandboxes are.
const SandboxesPath = "/sim/v1/sandboxes"

// sandboxRoutes are the routes about all sandboxes.
func (b *backend) sandboxRoutes() []route {
	if b.Sandboxes == nil {
		return nil
	}
	return []route{
		get(SandboxesPath, "List the sandboxes: simulators that know nothing of each other", func(*http.Request) (SandboxList, error) {
			return SandboxList{b.Sandboxes.List()}, nil
		}),
		put("POST", SandboxesPath, "Make a sandbox", http.StatusCreated, func(_ *http.Request, in Making) (Sandbox, error) {
			return b.Sandboxes.Make(in)
		}),
		get(SandboxesPath+"/{sandbox}", "Show a sandbox", func(r *http.Request) (Sandbox, error) {
			return b.Sandboxes.Show(r.PathValue("sandbox"))
		}),
		put("DELETE", SandboxesPath+"/{sandbox}", "End a sandbox, and remove its journal", http.StatusOK, func(r *http.Request, _ struct{}) (Sandbox, error) {
			return b.Sandboxes.End(r.Context(), r.PathValue("sandbox"))
		}),
	}
}

// withinSandboxes are routes as they are in each sandbox.
func withinSandboxes(routes []route) (within []route) {
	for _, r := range routes {
		r.path = SandboxesPath + "/{sandbox}" + strings.TrimPrefix(r.path, "/sim/v1")
		r.summary += ", in a sandbox"
		within = append(within, r)
	}
	return within
}
