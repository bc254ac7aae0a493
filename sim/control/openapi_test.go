package control_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ringback/fixtures/harness"
	"ringback/sim/control/simapi"
)

// rawDocument is the OpenAPI document as clients get it.
func rawDocument(t *testing.T) (doc map[string]any) {
	t.Helper()
	w := begin(t)
	rec := httptest.NewRecorder()
	w.backend.ServeHTTP(rec, httptest.NewRequest("GET", "/sim/v1/openapi.json", nil))
	if err := json.Unmarshal(rec.Body.Bytes(), &doc); rec.Code != http.StatusOK || err != nil {
		t.Fatalf("status %d, %v", rec.Code, err)
	}
	return doc
}

// validators are what others made of the specification, from npm.
var validators = []string{"@apidevtools/swagger-parser", "@seriousme/openapi-schema-validator"}

// validate reads documents, one a line, and says of each, in a line, what each
// validator has against it.
const validate = `
import { createInterface } from "node:readline";
import SwaggerParser from "@apidevtools/swagger-parser";
import { Validator } from "@seriousme/openapi-schema-validator";
for await (const line of createInterface({ input: process.stdin })) {
	const one = await SwaggerParser.validate(JSON.parse(line)).then(() => "", (e) => String(e.message));
	const two = await new Validator().validate(JSON.parse(line)).then((r) => r.valid ? "" : JSON.stringify(r.errors), String);
	console.log(JSON.stringify([one, two]));
}`

// The document is one that two public validators take, and they would say if it
// were not. .ci/run fetches them.
func TestOpenAPIValidators(t *testing.T) {
	node, at := harness.Program(t, "node"), ""
	for _, dir := range filepath.SplitList(os.Getenv("NODE_PATH")) {
		if !slices.ContainsFunc(validators, func(v string) bool { _, err := os.Stat(filepath.Join(dir, v)); return err != nil }) {
			at = filepath.Dir(dir)
		}
	}
	if at == "" {
		harness.Lacks(t, "%s of npm in a folder of NODE_PATH", strings.Join(validators, " and "))
	}
	doc := rawDocument(t)
	var lines []string
	breaks := []func(doc map[string]any){
		func(map[string]any) {},
		func(doc map[string]any) { delete(doc, "info") },
		func(doc map[string]any) { doc["servers"] = "/" },
		func(doc map[string]any) { doc["security"] = map[string]any{} },
		func(doc map[string]any) { doc["paths"].(map[string]any)["no slash"] = map[string]any{} },
	}
	for _, break_ := range breaks {
		doc := maps.Clone(doc)
		doc["paths"] = maps.Clone(doc["paths"].(map[string]any))
		break_(doc)
		line, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(line))
	}
	cmd := exec.CommandContext(t.Context(), node, "--input-type=module", "--eval", validate)
	cmd.Dir, cmd.Stdin = at, strings.NewReader(strings.Join(lines, "\n")+"\n")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, err.(*exec.ExitError).Stderr)
	}
	answers := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(answers) != len(breaks) {
		t.Fatalf("%d answers to %d documents: %s", len(answers), len(breaks), out)
	}
	for i, answer := range answers {
		var against [2]string
		if err := json.Unmarshal([]byte(answer), &against); err != nil {
			t.Fatalf("%v: %s", err, answer)
		}
		for j, text := range against {
			if (text == "") != (i == 0) {
				t.Errorf("%s of document %d: %q", validators[j], i, text)
			}
		}
	}
}

// A text in a request whose words are checked has them in the document, and no
// other text has.
func TestWordsOfRequests(t *testing.T) {
	d, err := readDocument()
	if err != nil {
		t.Fatal(err)
	}
	// What some of them go with.
	with := map[string]string{
		"Acting.media": `"do":"change_media","who":"alice",`, "Acting.quality": `"do":"quality","who":"alice",`, "Acting.who": `"do":"mic",`,
		"Waiting.state": `"count":99,`, "Waiting.word": `"count":99,`,
	}
	var names []string
	for path, methods := range d.Paths {
		for method, op := range methods {
			schema := strings.TrimPrefix(op.RequestBody.Content["application/json"].Schema.Ref, "#/components/schemas/")
			var body struct {
				Properties map[string]struct {
					Type any // a list where null is good, too
					Enum []string
				}
			}
			if err := json.Unmarshal(d.Components.Schemas[schema], &body); schema == "" {
				continue
			} else if err != nil {
				t.Fatal(err)
			}
			for field, p := range body.Properties {
				if p.Type != "string" {
					continue
				}
				name := schema + "." + field
				w := begin(t)
				w.place(`{}`)
				request := fmt.Sprintf(`{%s%q:"zzzzzz"}`, with[name], field)
				path := strings.NewReplacer("calls/{id}", "calls/rb-test-0001", "{id}", "1", "{sandbox}", fmt.Sprint(appID)).Replace(path)
				rec := httptest.NewRecorder()
				w.backend.ServeHTTP(rec, httptest.NewRequest(strings.ToUpper(method), path, strings.NewReader(request)))
				var refused simapi.Problem
				_ = json.Unmarshal(rec.Body.Bytes(), &refused) // what was done is no problem
				checked := refused.Field == field && wordsWanted.MatchString(refused.Detail)
				if checked != (p.Enum != nil) {
					t.Errorf("%s %s: the words in the document are %q, the answer is %s", path, request, p.Enum, rec.Body)
				}
				if checked {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names) // each is at /sim/v1 and in sandboxes
	want := []string{
		"Acting.do", "Acting.media", "Acting.quality", "Clocking.do", "Handling.do", "Placing.generation", "Placing.media", "Placing.outcome", "Placing.platform",
		"Waiting.state", "Waiting.until", "Waiting.word",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("fields with words (-want +got):\n%s", diff)
	}
}

// wordsWanted is how a word that is none of those is refused.
var wordsWanted = regexp.MustCompile("want one of|want one like|no operation")
