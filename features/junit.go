package features

import (
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"
)

// The elements of JUnit's XML that Jenkins, GitLab and the GitHub actions all
// read.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		File       string          `xml:"file,attr,omitempty"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []*junitCase    `xml:"testcase"`
	}
	junitCounts struct {
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"` // 1 if nothing was judged: a scenario that can't be is skipped
		Skipped  int          `xml:"skipped,attr"`
		Time     junitSeconds `xml:"time,attr"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		Class     string        `xml:"classname,attr"`
		File      string        `xml:"file,attr,omitempty"`
		Line      int           `xml:"line,attr,omitempty"`
		Time      junitSeconds  `xml:"time,attr"`
		Skipped   *junitSkipped `xml:"skipped"`
		Failure   *junitFailure `xml:"failure"`
		Error     *junitFailure `xml:"error"`
		SystemOut *junitText    `xml:"system-out"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",cdata"`
	}
	junitText struct {
		Text string `xml:",cdata"`
	}
	junitSeconds time.Duration
)

// MarshalXMLAttr writes plain decimals: some readers know no exponents.
func (s junitSeconds) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: name, Value: strconv.FormatFloat(time.Duration(s).Seconds(), 'f', 6, 64)}, nil
}

// WriteJUnit writes the report as JUnit's XML: a suite for each feature file, a
// case for each scenario.
func (r *Report) WriteJUnit(w io.Writer) error {
	doc := junitSuites{Name: "ringback verify"}
	doc.Time = junitSeconds(r.Took)
	suites := map[string]*junitSuite{}
	taken := map[string]bool{} // classes with names
	p := newPrinter(r, TerminalOptions{})
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		key := s.File + "\x00" + s.Feature
		if suites[key] == nil {
			suites[key] = &junitSuite{Name: inline(s.Feature), File: printable(s.File), Properties: r.properties()}
			doc.Suites = append(doc.Suites, suites[key])
		}
		suite := suites[key]
		suite.Cases = append(suite.Cases, p.junitCase(s, taken))
		suite.count(s)
		suite.Time += junitSeconds(s.Took)
		doc.count(s)
	}
	if r.Verdict() == "none" {
		doc.Suites = append(doc.Suites, r.junitNothing())
		doc.Tests, doc.Errors = doc.Tests+1, 1
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// junitNothing is an error, so that a build is not green when nothing was judged.
func (r *Report) junitNothing() *junitSuite {
	return &junitSuite{
		Name: "ringback verify", junitCounts: junitCounts{Tests: 1, Errors: 1}, Properties: r.properties(),
		Cases: []*junitCase{{
			Name: "Something is judged", Class: "ringback.verify",
			Error: &junitFailure{Message: printable(r.outcomeWords()), Type: "nothing judged", Text: printable(r.outcomeWords())},
		}},
	}
}

// properties are what it takes to run the suite again.
func (r *Report) properties() []junitProperty {
	return []junitProperty{
		{"seed", fmt.Sprint(r.Seed)},
		{"epoch", r.Epoch.Format(time.RFC3339Nano)},
		{"run", printable(r.Run)},
		{"generation", r.Generation},
		{"target", printable(r.Target)},
		{"probe", fmt.Sprint(r.Probe)},
		{"version", printable(r.Version)},
	}
}

func (c *junitCounts) count(s *Result) {
	c.Tests++
	switch s.Status {
	case Failed:
		c.Failures++
	case Skipped:
		c.Skipped++
	}
}

func (p *printer) junitCase(s *Result, taken map[string]bool) *junitCase {
	c := &junitCase{Name: inline(s.Name), Class: printable(class(s)), File: printable(s.File), Line: s.Line, Time: junitSeconds(s.Took)}
	// GitLab drops all but one case of equal class and name.
	for n, base := 1, c.Class; taken[c.Class+"\x00"+c.Name]; n++ {
		c.Class = fmt.Sprintf("%s:%d", base, s.Line)
		if n > 1 {
			c.Class += fmt.Sprintf(":%d", n)
		}
	}
	taken[c.Class+"\x00"+c.Name] = true
	switch s.Status {
	case Failed:
		c.Failure = &junitFailure{Message: printable(s.headline()), Type: "contract", Text: p.account(s)}
	case Warned:
		c.SystemOut = &junitText{p.account(s)}
	case Skipped:
		c.Skipped = &junitSkipped{printable(s.message())}
	}
	return c
}

// junitFull is how many bytes of accounts there are in full: a receiver may fail
// everywhere, and CI refuses large files.
const junitFull = 1 << 20

// account is a scenario in full, as the terminal shows it, while there is room;
// then what is wrong with it.
func (p *printer) account(s *Result) string {
	p.out.Reset()
	if p.told > junitFull {
		p.brief = true
		p.message(s.message())
		p.rerun(s)
		return strings.TrimRight(p.out.String(), "\n") + "\n"
	}
	defer func() { p.told += p.out.Len() }()
	p.title(s.Status, s.Name)
	p.printf("        %s\n", inline(s.place()))
	p.full(s)
	return strings.TrimRight(p.out.String(), "\n") + "\n"
}

// class is the feature file. Jenkins takes what is before the last dot for a
// package, so there is exactly one.
func class(s *Result) string {
	name := strings.TrimSuffix(path.Base(s.File), path.Ext(s.File))
	if s.File == "" {
		name = s.Feature
	}
	return "ringback." + strings.ReplaceAll(name, ".", "_")
}
