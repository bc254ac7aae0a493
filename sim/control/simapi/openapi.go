package simapi

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"ringback/sim/call"
	"ringback/sim/delivery"
	"ringback/sim/wire"
)

// object is a part of the document.
type object = map[string]any

// words are the schemas of types that JSON shows as a word.
var words = map[reflect.Type]*jsonschema.Schema{
	reflect.TypeFor[call.Instant]():    {Type: "string", Format: "date-time"},
	reflect.TypeFor[call.Phase]():      wordSchema("phase"),
	reflect.TypeFor[call.Status]():     wordSchema("status"),
	reflect.TypeFor[call.Media]():      wordSchema("media"),
	reflect.TypeFor[call.Kind]():       wordSchema("type"),
	reflect.TypeFor[call.Result]():     wordSchema("result"),
	reflect.TypeFor[wire.Generation](): wordSchema("generation"),
	reflect.TypeFor[wire.Word]():       wordSchema("word"),
	reflect.TypeFor[delivery.State]():  wordSchema("state"),
	reflect.TypeFor[json.RawMessage](): {Type: "object"},
}

// openAPI makes the document from the route table; guarded: it asks for a token.
func openAPI(version string, guarded bool, routes []route) (object, error) {
	schemas, paths := object{}, object{}
	problems, err := schemaRef(schemas, reflect.TypeFor[Problem]())
	if err != nil {
		return nil, err
	}
	for _, r := range routes {
		op, err := operation(schemas, &r)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", r.method, r.path, err)
		}
		op["responses"].(object)["default"] = object{
			"description": "What was wrong with the request", "content": object{"application/problem+json": object{"schema": problems}},
		}
		if paths[r.path] == nil {
			paths[r.path] = object{}
		}
		paths[r.path].(object)[strings.ToLower(r.method)] = op
	}
	components := object{"schemas": schemas}
	doc := object{
		"openapi": "3.1.0",
		"info": object{
			"title": "Ringback's simulation API", "version": cmp.Or(version, "0"),
			"description": "Places calls, acts as their phones, and shows what became of the callbacks. The REST API of CallKit itself, under /v1 and /v4, is documented by its vendor.",
		},
		"servers":  []object{{"url": "/", "description": "Wherever this document came from"}},
		"security": []object{}, // it asks for no credentials
		"paths":    paths, "components": components,
	}
	if guarded {
		components["securitySchemes"] = object{"token": object{"type": "http", "scheme": "bearer", "description": "The token of ringback serve --token"}}
		doc["security"] = []object{{"token": []string{}}}
	}
	return doc, nil
}

func operation(schemas object, r *route) (object, error) {
	op := object{"summary": r.summary, "operationId": operationID(r)}
	var params []object
	for _, part := range strings.Split(r.path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			param := object{"name": strings.TrimSuffix(name, "}"), "in": "path", "required": true, "schema": object{"type": "string"}}
			switch {
			case part == "{sandbox}":
				param["description"] = "which sandbox: the SDKAppID of its app"
			case strings.Contains(r.path, "/calls/"):
				param["description"] = "which call: " + callForms
			}
			params = append(params, param)
		}
	}
	for _, p := range r.query {
		param := object{"name": p.name, "in": p.in, "description": p.about, "schema": wordSchema(p.words)}
		if p.list {
			param["schema"], param["explode"] = object{"type": "array", "items": wordSchema(p.words)}, false
		}
		params = append(params, param)
	}
	if params != nil {
		op["parameters"] = params
	}
	if r.in != nil && r.in.NumField() > 0 {
		ref, err := schemaRef(schemas, r.in)
		if err != nil {
			return nil, err
		}
		op["requestBody"] = object{"content": object{"application/json": object{"schema": ref}}}
	}
	ref, err := schemaRef(schemas, r.out)
	if err != nil {
		return nil, err
	}
	content := object{"application/json": object{"schema": ref}}
	if r.streams != nil {
		content = object{}
		for _, media := range r.streams {
			content[media] = object{"schema": ref}
		}
	}
	answer := object{"description": http.StatusText(r.status), "content": content}
	if r.headers != nil {
		headers := object{}
		for _, h := range r.headers {
			headers[h.name] = object{"description": h.about, "schema": wordSchema(h.words)}
		}
		answer["headers"] = headers
	}
	op["responses"] = object{strconv.Itoa(r.status): answer}
	return op, nil
}

// operationID is a name for clients that are generated, like post_calls_actions.
func operationID(r *route) string {
	parts := []string{strings.ToLower(r.method)}
	for _, p := range strings.FieldsFunc(strings.TrimPrefix(r.path, "/sim/v1"), func(r rune) bool { return r == '/' || r == '.' }) {
		if strings.HasPrefix(p, "{") {
			p = "one"
		}
		parts = append(parts, p)
	}
	return strings.Join(parts, "_")
}

// schemaRef puts the schema of a type into the document and refers to it.
func schemaRef(schemas object, t reflect.Type) (object, error) {
	if t.Name() == "" {
		return object{"type": "object"}, nil
	}
	if schemas[t.Name()] == nil {
		s, err := jsonschema.ForType(t, &jsonschema.ForOptions{TypeSchemas: words})
		if err != nil {
			return nil, err
		}
		if t == reflect.TypeFor[StreamEvent]() || t == reflect.TypeFor[JournalLine]() {
			s.AdditionalProperties = nil // each kind has fields of its own
		}
		for _, f := range reflect.VisibleFields(t) {
			if words := f.Tag.Get("enum"); words != "" {
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				s.Properties[name].Enum = wordSchema(words).Enum
			}
		}
		schemas[t.Name()] = s
	}
	return object{"$ref": "#/components/schemas/" + t.Name()}, nil
}
