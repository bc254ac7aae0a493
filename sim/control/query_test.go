package control_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ringback/sim/control"
	"ringback/sim/control/simapi"
)

// What a route would not read of its query is refused, whatever the route, and
// the problem names the parameter.
func TestQueries(t *testing.T) {
	w := begin(t)
	w.place(`{}`)
	d, err := readDocument()
	if err != nil {
		t.Fatal(err)
	}
	refused := func(method, path, query, field, words string) {
		t.Helper()
		var p simapi.Problem
		w.ask(method, strings.NewReplacer("{id}", "1", "{sandbox}", fmt.Sprint(appID)).Replace(path)+"?"+query, "", http.StatusBadRequest, &p)
		if p.Field != field || !strings.Contains(p.Detail, words) {
			t.Errorf("%s %s?%s: field %q, %s; want %q, %s", method, path, query, p.Field, p.Detail, field, words)
		}
	}
	for path, methods := range d.Paths {
		for method, op := range methods {
			method := strings.ToUpper(method)
			refused(method, path, "zzzzzz=1", "zzzzzz", "no such parameter")
			refused(method, path, "=1", "", "no such parameter")
			for _, p := range op.Parameters {
				if p.In != "query" {
					continue
				}
				value := "1"
				if words := append(p.Schema.Enum, p.Schema.Items.Enum...); len(words) > 0 {
					value = words[0]
					refused(method, path, p.Name+"=zzzzzz", p.Name, `"zzzzzz": `)
				}
				good := p.Name + "=" + value
				refused(method, path, good+"&"+good, p.Name, "is there twice")
				refused(method, path, good+"&%"+hex(p.Name[0])+p.Name[1:]+"=x", p.Name, "is there twice")
				refused(method, path, p.Name+"=", p.Name, "is empty")
				refused(method, path, p.Name, p.Name, "is empty")
				refused(method, path, good+"%", p.Name, `invalid URL escape "%"`)
				refused(method, path, good+"%zz", p.Name, `invalid URL escape "%zz"`)
				refused(method, path, good+"%ff", p.Name, "is not UTF-8")
				refused(method, path, good+";limit=1", p.Name, "a semicolon follows")
				refused(method, path, p.Name+";"+good, p.Name, "a semicolon follows")
				refused(method, path, strings.ToUpper(p.Name)+"="+value, strings.ToUpper(p.Name), "did you mean "+p.Name+"?")
				refused(method, path, p.Name+"x="+value, p.Name+"x", "did you mean "+p.Name+"?")
			}
		}
	}
	// What is right is read as it is meant.
	var page simapi.Deliveries
	w.get("/sim/v1/deliveries?st%61te=dropped&&limit=%31", 200, &page)
	if len(page.Deliveries) != 0 {
		t.Errorf("dropped are %+v", page)
	}
}

func hex(b byte) string { return string("0123456789abcdef"[b>>4]) + string("0123456789abcdef"[b&15]) }

// Of a key that is there twice the last counts, with nothing of the first.
func TestRepeatedKeys(t *testing.T) {
	w := begin(t)
	var c simapi.CallView
	w.post("/sim/v1/calls", `{"caller":"zoe","callees":["yan","xi"],"caller":"alice","callees":["bob"]}`, 201, &c)
	if c.Caller != "alice" || len(c.Members) != 2 || c.Members[1].ID != "bob" {
		t.Errorf("the call is %+v", c)
	}
	var e simapi.Errors
	w.ask("PUT", "/sim/v1/errors", `{"errors":[{"path":"v1/callback/set","code":70005,"times":3}],"errors":[{"path":"v1/callback/get","code":50001,"times":2,"times":1}]}`, 200, &e)
	if want := (control.PlannedError{Path: "v1/callback/get", Code: 50001, Times: 1}); len(e.Errors) != 1 || e.Errors[0] != want {
		t.Errorf("planned are %+v", e)
	}
	var p simapi.Problem
	w.ask("PUT", "/sim/v1/errors", `{"errors":[{"path":"v1/callback/set","code":70005,"times":3}],"errors":[{"path":"v1/callback/get"}]}`, 400, &p)
	if !strings.Contains(p.Detail, "code: 0") {
		t.Errorf("the second list was filled from the first: %+v", p)
	}
}
