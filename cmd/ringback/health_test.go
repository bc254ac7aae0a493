package main

import (
	"io"
	"os"
	"strings"
	"testing"

	"ringback/cmd/cli"
)

// What is asked without a URL, by what process 1 is.
func TestHealthAddress(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("other.yaml", []byte("serve: {listen: 0.0.0.0:7070}"), 0o600); err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{}
	for _, c := range []struct{ process, variable, want string }{
		{"/sbin/init", "", "http://127.0.0.1:8080"},
		{"", "", "http://127.0.0.1:8080"},
		{"/ringback serve", "", "http://127.0.0.1:8080"},
		{"/ringback serve --listen 0.0.0.0:9090 --allow-host callkit", "", "http://127.0.0.1:9090"},
		{"/ringback serve --listen [::]:9090 --self-signed /data/callkit.pem", "", "https://127.0.0.1:9090"},
		{"/sbin/docker-init -- /ringback serve --listen=:9090", "", "http://127.0.0.1:9090"},
		{"/ringback serve --listen 10.0.0.7:9090", "", "http://10.0.0.7:9090"},
		{"/ringback serve --listen [::1]:9090", "", "http://[::1]:9090"},
		{"/ringback serve --listen callkit:9090", "", "http://callkit:9090"},
		{"/ringback serve", "0.0.0.0:6060", "http://127.0.0.1:6060"},
		{"/ringback --config other.yaml serve", "", "http://127.0.0.1:7070"},
		{"/ringback load --target http://backend/cb --calls 1/s --listen 0.0.0.0:9090", "", "http://127.0.0.1:9090"},
		{"/ringback load --target http://backend/cb --calls 1/s", "", ""},
		{"/ringback receiver --listen 0.0.0.0:3000", "", ""},
		{"/ringback verify --target http://backend/cb", "", ""},
		{"/ringback --help", "", ""},
	} {
		variables["RINGBACK_SERVE_LISTEN"] = c.variable
		w := cli.Env{
			Stdout: io.Discard, Stderr: io.Discard, Secrets: new(cli.Secrets),
			Lookup: func(name string) (string, bool) { v, ok := variables[name]; return v, ok },
		}
		if got, _ := addressOf(newRoot(w), w, []byte(strings.ReplaceAll(c.process, " ", "\x00")+"\x00")); got != c.want {
			t.Errorf("%s: asks %q, want %q", c.process, got, c.want)
		}
	}
}
