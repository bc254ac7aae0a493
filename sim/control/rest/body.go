package rest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"ringback/sim/control/jsonhttp"
)

// maxBody is the size of a body that the REST API takes.
const maxBody = 64 << 10

// readRequest reads the fields of a body.
func readRequest(w http.ResponseWriter, r *http.Request, codes *checkCodes) (*fields, *refusal) {
	large := &refusal{codes.large, fmt.Sprintf("the body has more than %d bytes", maxBody), http.StatusRequestEntityTooLarge}
	if r.ContentLength > maxBody {
		return nil, large
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, large
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, &refusal{codes.slow, fmt.Sprintf("the body did not come within %s", jsonhttp.BodyTime), http.StatusRequestTimeout}
	case err != nil:
		return nil, refuse(codes.body, "the body cannot be read: %v", err)
	}
	f, err := readFields(body)
	if err != nil {
		return nil, refuse(codes.body, "%v", err)
	}
	return f, nil
}
