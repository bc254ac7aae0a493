package main

import (
	"encoding/json"
	"os"
	"runtime/debug"
	"time"
)

// bom is a list of modules, as CycloneDX 1.5 has it.
type bom struct {
	Format     string      `json:"bomFormat"`
	Spec       string      `json:"specVersion"`
	Version    int         `json:"version"`
	Metadata   metadata    `json:"metadata"`
	Components []component `json:"components"`
}

type metadata struct {
	Timestamp string    `json:"timestamp"`
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Ref        string     `json:"bom-ref"`
	Name       string     `json:"name"`
	Version    string     `json:"version"`
	PURL       string     `json:"purl"`
	Licenses   []choice   `json:"licenses"`
	Properties []property `json:"properties,omitempty"`
}

type choice struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

func newComponent(kind, path, version, license string) component {
	c := component{Type: kind, Name: path, Version: version, PURL: "pkg:golang/" + path + "@" + version, Licenses: make([]choice, 1)}
	c.Ref, c.Licenses[0].License.ID = c.PURL, license
	return c
}

// writeBOM lists what a program was made of, as it says itself (go version -m).
func writeBOM(path string, info *debug.BuildInfo, version string, date time.Time) error {
	b := bom{Format: "CycloneDX", Spec: "1.5", Version: 1}
	b.Metadata.Timestamp = date.UTC().Format(time.RFC3339)
	b.Metadata.Component = newComponent("application", info.Main.Path, version, "MIT")
	std := newComponent("library", "std", info.GoVersion, "BSD-3-Clause")
	b.Components = append(b.Components, std)
	for _, m := range modules(info) {
		_, id, err := licenses(m)
		if err != nil {
			return err
		}
		if m.Replace != nil {
			m = m.Replace
		}
		c := newComponent("library", m.Path, m.Version, id)
		c.Properties = []property{{"go:sum", m.Sum}}
		b.Components = append(b.Components, c)
	}
	data, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(data, '\n'), 0o644)
}
