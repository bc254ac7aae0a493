package report

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// xsd is what a common schema of JUnit's XML allows, element by element. Both
// are read from their files, which state nothing else:
//
//   - https://github.com/jenkinsci/xunit-plugin: junit-10.xsd
//   - https://github.com/windyroad/JUnit-Schema: JUnit.xsd
type xsd map[string]element

// element is what an element may hold. A child or an attribute that is not there is
// refused.
type element struct {
	children string            // a regular expression of their names, each followed by a blank
	text     bool              // it may have text
	any      bool              // it may have any attributes
	required map[string]string // attributes by name, with a pattern of their values
	optional map[string]string
}

// Patterns of values. A token is compared without the blanks at its ends.
const (
	anyText   = `(?s).*`
	someText  = `(?s).+`
	integer32 = `[+-]?\d{1,9}`
	decimal   = `[+-]?(?:\d+(?:\.\d*)?|\.\d+)`
	surefire  = `(?:(?:\d{0,3},)*\d{3}|\d{0,3})*(?:\.\d*)?`
	dateTime  = `\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d`
)

func attributes(pattern string, names ...string) map[string]string {
	m := map[string]string{}
	for _, n := range names {
		m[n] = pattern
	}
	return m
}

func with(m map[string]string, name, pattern string) map[string]string {
	m[name] = pattern
	return m
}

var jenkinsSchema = xsd{
	"testsuites": {children: `(testsuite )*`, optional: with(attributes(anyText, "name", "tests", "failures", "errors"), "time", surefire)},
	"testsuite": {
		children: `((testsuite|properties|testcase|system-out|system-err) )*`,
		required: attributes(anyText, "name", "tests", "failures", "errors"),
		optional: with(attributes(anyText, "group", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"), "time", surefire),
	},
	"properties": {children: `(property )*`},
	"property":   {required: attributes(anyText, "name", "value")},
	"testcase": {
		children: `((skipped|error|failure|rerunFailure|rerunError|flakyFailure|flakyError|system-out|system-err) )*`,
		required: attributes(anyText, "name"), optional: attributes(anyText, "time", "classname", "group"),
	},
	"skipped":    {text: true, optional: attributes(anyText, "type", "message")},
	"error":      {text: true, optional: attributes(anyText, "type", "message")},
	"failure":    {text: true, optional: attributes(anyText, "type", "message")},
	"system-out": {text: true},
	"system-err": {text: true},
}

var antSchema = xsd{
	"testsuites": {children: `(testsuite )*`},
	"testsuite": {
		children: `properties (testcase )*system-out system-err `,
		required: map[string]string{
			"name": someText, "hostname": someText, "package": anyText, "id": integer32, "timestamp": dateTime,
			"tests": integer32, "failures": integer32, "errors": integer32, "time": decimal,
		},
		optional: attributes(integer32, "skipped"),
	},
	"properties": {children: `(property )*`},
	"property":   {required: map[string]string{"name": someText, "value": anyText}},
	"testcase": {
		children: `((skipped|error|failure) )?`,
		required: map[string]string{"name": anyText, "classname": anyText, "time": decimal},
	},
	"skipped":    {text: true, any: true},
	"error":      {text: true, required: attributes(anyText, "type"), optional: attributes(anyText, "message")},
	"failure":    {text: true, required: attributes(anyText, "type"), optional: attributes(anyText, "message")},
	"system-out": {text: true},
	"system-err": {text: true},
}

// check holds a document against the schema; the error is the first that is wrong.
func (s xsd) check(doc string) error {
	type open struct {
		name     string
		children string
	}
	stack := []open{{}}
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return matches(stack[0].children, `testsuites `, "the document's elements")
		}
		if err != nil {
			return err
		}
		top := &stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			name := token.Name.Local
			top.children += name + " "
			if err := s.attributes(name, token.Attr); err != nil {
				return err
			}
			stack = append(stack, open{name: name})
		case xml.EndElement:
			if err := matches(top.children, s[top.name].children, "the elements of "+top.name); err != nil {
				return err
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if strings.TrimSpace(string(token)) != "" && !s[top.name].text {
				return fmt.Errorf("%s has the text %q", top.name, token)
			}
		}
	}
}

func (s xsd) attributes(name string, list []xml.Attr) error {
	e, ok := s[name]
	if !ok {
		return fmt.Errorf("element %s", name)
	}
	seen := map[string]bool{}
	for _, a := range list {
		pattern, ok := e.required[a.Name.Local]
		if !ok {
			pattern, ok = e.optional[a.Name.Local]
		}
		switch {
		case seen[a.Name.Local]:
			return fmt.Errorf("%s has %s twice", name, a.Name.Local)
		case ok:
			if err := matches(strings.TrimSpace(a.Value), pattern, name+"'s "+a.Name.Local); err != nil {
				return err
			}
		case !e.any:
			return fmt.Errorf("%s has the attribute %s", name, a.Name.Local)
		}
		seen[a.Name.Local] = true
	}
	for a := range e.required {
		if !seen[a] {
			return fmt.Errorf("%s lacks the attribute %s", name, a)
		}
	}
	return nil
}

func matches(text, pattern, what string) error {
	if !regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(text) {
		return fmt.Errorf("%s: %q, want %s", what, text, pattern)
	}
	return nil
}

// validJUnit holds a document against both schemas.
func validJUnit(t *testing.T, doc string) {
	t.Helper()
	for name, s := range map[string]xsd{"Jenkins": jenkinsSchema, "Ant": antSchema} {
		if err := s.check(doc); err != nil {
			t.Errorf("not as the schema of %s has it: %v\n%s", name, err, doc[:min(len(doc), 4000)])
		}
	}
}

// edgeReports are what a run can come to, besides the ordinary.
func edgeReports() map[string]*Report {
	skipped := passedReport(0)
	skipped.Scenarios = []Result{sampleSkipped("a", "why"), sampleSkipped("b", "")}
	away := passedReport(0)
	away.Reason = "the receiver cannot be reached:\x00 no connection was ever made"
	odd := passedReport(0)
	for _, name := range []string{"", " ", "\t\n", "\x00\x1b[31m", "a  b\u00a0c\u2028", "]]>", "\xff\xfe", strings.Repeat("x", 1<<16)} {
		for _, status := range []Status{Passed, Failed, Warned, Skipped, Errored} {
			odd.Scenarios = append(odd.Scenarios, Result{Name: name, Feature: name, File: name, Message: name, Step: name, Status: status, Rerun: name})
		}
	}
	fault := passedReport(3)
	fault.Scenarios[1] = sampleAtFault()
	slow := passedReport(1)
	slow.Scenarios[0].Took, slow.Took = 123456*time.Second, 123456*time.Second
	return map[string]*Report{
		"sample": sampleReport(), "full": fullReport(), "all failed": failedReport(1000), "nothing selected": passedReport(0),
		"nobody there": away, "all skipped": skipped, "odd names": odd, "at fault": fault, "slow": slow, "zero": {},
	}
}

// Whatever a run comes to, both schemas allow the file.
func TestJUnitSchemas(t *testing.T) {
	for name, r := range edgeReports() {
		t.Run(name, func(t *testing.T) { validJUnit(t, written(t, r.WriteJUnit)) })
	}
}

// The schemas refuse what they must: each part of the file is looked at.
func TestJUnitSchemasRefuse(t *testing.T) {
	doc := written(t, sampleReport().WriteJUnit)
	for _, test := range []struct{ from, to, jenkins, ant string }{
		{`<testsuites>`, `<testsuites name="x">`, "", "testsuites has the attribute name"},
		{`<testsuites>`, `<testsuites skipped="1">`, "testsuites has the attribute skipped", "testsuites has the attribute skipped"},
		{`hostname="localhost"`, ``, "", "testsuite lacks the attribute hostname"},
		{`hostname="localhost"`, `hostname=" "`, "", "testsuite's hostname"},
		{`T09:30:07"`, `T09:30:07Z"`, "", "testsuite's timestamp"},
		{`T09:30:07"`, `T24:30:07"`, "", "testsuite's timestamp"},
		{` id="0"`, ` id="a"`, "", "testsuite's id"},
		{` id="0"`, ` id="0" line="1"`, "testsuite has the attribute line", "testsuite has the attribute line"},
		{` id="0"`, ` id="0" file="a"`, "", "testsuite has the attribute file"},
		{` failures="1"`, ``, "testsuite lacks the attribute failures", "testsuite lacks the attribute failures"},
		{`<testcase `, `<testcase file="a" `, "testcase has the attribute file", "testcase has the attribute file"},
		{`classname="ringback.v1_status" `, ``, "", "testcase lacks the attribute classname"},
		{` type="contract"`, ``, "", "failure lacks the attribute type"},
		{`<failure `, `<system-out></system-out><failure `, "", "the elements of testcase"},
		{`<failure `, `<flop></flop><failure `, "element flop", "element flop"},
		{`<properties>`, `<properties>text`, `properties has the text`, `properties has the text`},
		{`<system-out>`, `<system-out></system-out><system-out>`, "", "the elements of testsuite"},
		{` time="0.022470"`, ` time="1e-2"`, "testsuite's time", "testsuite's time"},
		{`</testsuites>`, `</testsuites><testsuites></testsuites>`, "the document's elements", "the document's elements"},
	} {
		if !strings.Contains(doc, test.from) {
			t.Errorf("%q is not in the file:\n%s", test.from, doc[:2000])
			continue
		}
		spoilt := strings.Replace(doc, test.from, test.to, 1)
		for name, s := range map[string]xsd{test.jenkins: jenkinsSchema, test.ant: antSchema} {
			err := s.check(spoilt)
			if name == "" && err != nil || name != "" && (err == nil || !strings.HasPrefix(err.Error(), name)) {
				t.Errorf("%q for %q: %v, want %q", test.to, test.from, err, name)
			}
		}
	}
}

// The counts of a suite are those of its cases.
func TestJUnitCounts(t *testing.T) {
	for name, r := range edgeReports() {
		var doc struct {
			Suites []struct {
				ID       int `xml:"id,attr"`
				Tests    int `xml:"tests,attr"`
				Failures int `xml:"failures,attr"`
				Errors   int `xml:"errors,attr"`
				Skipped  int `xml:"skipped,attr"`
				Cases    []struct {
					Skipped *struct{} `xml:"skipped"`
					Failure *struct{} `xml:"failure"`
					Error   *struct{} `xml:"error"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		if err := xml.Unmarshal([]byte(written(t, r.WriteJUnit)), &doc); err != nil {
			t.Fatal(err)
		}
		for i, s := range doc.Suites {
			got := make([]int, 4)
			for _, c := range s.Cases {
				for i, is := range []bool{true, c.Failure != nil, c.Error != nil, c.Skipped != nil} {
					if is {
						got[i]++
					}
				}
			}
			if want := []int{s.Tests, s.Failures, s.Errors, s.Skipped}; s.ID != i || !slices.Equal(got, want) {
				t.Errorf("%s: suite %d says %d: %v, and has %v", name, i, s.ID, want, got)
			}
		}
	}
}
