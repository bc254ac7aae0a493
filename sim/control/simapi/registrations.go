package simapi

import (
	"net/http"

	"ringback/sim/journal"
	"ringback/sim/wire"
)

// RegistrationView is where callbacks of an app go.
type RegistrationView struct {
	SDKAppID   uint32          `json:"sdkappid"`
	Generation wire.Generation `json:"generation" jsonschema:"whose API registered it: v1 or v4"`
	Address    string          `json:"address"`
	Typed      bool            `json:"typed,omitempty" jsonschema:"the operator typed it, with --callback"`
	Words      []string        `json:"words"`
}

// Registrations are all registrations.
type Registrations struct {
	Registrations []RegistrationView `json:"registrations"`
}

func (b *backend) listRegistrations(*http.Request) (list Registrations, _ error) {
	list.Registrations = []RegistrationView{}
	b.Session.State(func(s *journal.State) {
		for _, t := range s.Targets {
			v := RegistrationView{SDKAppID: t.App, Generation: t.Generation, Address: t.Endpoint.Shown(), Typed: t.Typed}
			for _, w := range t.Listed {
				v.Words = append(v.Words, w.String())
			}
			list.Registrations = append(list.Registrations, v)
		}
	})
	return list, nil
}
