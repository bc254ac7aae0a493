package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ringback/sim/control"
	"ringback/sim/text"
)

// APIToken is the token of the simulation API, by the flag --token.
type APIToken struct{ flag string }

// Register adds the flag; usage says what the token does for the command.
func (t *APIToken) Register(cmd *cobra.Command, usage string) {
	cmd.Flags().StringVar(&t.flag, "token", "", usage)
}

// Value returns the token itself, "" without one.
func (t *APIToken) Value() (string, error) {
	if t.flag == "" {
		return "", nil
	}
	token, err := KeyText(t.flag, "token")
	if err == nil {
		err = control.CheckToken(token)
	}
	if err != nil {
		return "", Usage(fmt.Errorf("--token: %w", err), AsTyped+"--token @token.txt")
	}
	return token, nil
}

// Header returns the option with which curl sends the token, "" without one. The token
// itself is not in it.
func (t *APIToken) Header() string {
	path, isFile := strings.CutPrefix(t.flag, "@")
	switch {
	case t.flag == "":
		return ""
	case isFile:
		return ` -H "Authorization: Bearer $(head -1 ` + text.Shell(path) + `)"`
	}
	return ` -H "Authorization: Bearer $TOKEN"`
}
