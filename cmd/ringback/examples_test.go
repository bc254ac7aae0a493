package main

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// service is one of the example for Docker Compose, as far as tests look at it.
type service struct {
	Image   string
	Command []string
}

func composed(t *testing.T) map[string]service {
	t.Helper()
	file, err := os.ReadFile("examples/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]service
	}
	if err := yaml.Unmarshal(file, &compose); err != nil || len(compose.Services) == 0 {
		t.Fatal(err, len(compose.Services))
	}
	return compose.Services
}

// Each command of the example for Docker Compose is one of ours, with flags that exist.
func TestComposeCommands(t *testing.T) {
	for name, s := range composed(t) {
		if err := parses(s.Command); err != nil {
			t.Errorf("%s: ringback %s: %v", name, strings.Join(s.Command, " "), err)
		}
	}
}
