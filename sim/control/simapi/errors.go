package simapi

import (
	"net/http"

	"ringback/sim/control/rest"
)

// Errors are the errors that the REST API will answer.
type Errors struct {
	Errors []rest.PlannedError `json:"errors"`
}

func (b *backend) showErrors(*http.Request) (Errors, error) {
	return Errors{append([]rest.PlannedError{}, b.REST.PlannedErrors()...)}, nil
}

func (b *backend) setErrors(r *http.Request, in Errors) (Errors, error) {
	if err := b.REST.PlanErrors(in.Errors); err != nil {
		return Errors{}, wrong("errors", `[{"path":"/v1/callback/set","code":70005,"times":1}]`, "%v", err)
	}
	return b.showErrors(r)
}
