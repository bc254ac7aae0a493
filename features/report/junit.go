package report

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"ringback/sim/text"
)

// JUnit's XML has no standard. These are the elements and attributes that both
// common schemas allow, with all that either asks for: junit-10.xsd of the Jenkins
// xunit plugin, and the JUnit.xsd of Apache Ant's reports. Neither knows a file or
// a line; only a suite has text besides failures.
type (
	junitSuites struct {
		XMLName xml.Name      `xml:"testsuites"`
		Suites  []*junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Package    string          `xml:"package,attr"`
		ID         int             `xml:"id,attr"`        // counts the suites from 0
		Timestamp  string          `xml:"timestamp,attr"` // when the run began, UTC
		Host       string          `xml:"hostname,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"` // scenarios at fault, or 1 if nothing was judged
		Skipped    int             `xml:"skipped,attr"`
		Time       junitSeconds    `xml:"time,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []*junitCase    `xml:"testcase"`
		SystemOut  junitText       `xml:"system-out"` // what warned
		SystemErr  junitText       `xml:"system-err"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Time    junitSeconds  `xml:"time,attr"`
		Skipped *junitSkipped `xml:"skipped"`
		Failure *junitFailure `xml:"failure"`
		Error   *junitFailure `xml:"error"`
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
	var doc junitSuites
	suites := map[string]*junitSuite{}
	taken := map[string]bool{} // classes with names
	p := newPrinter(r, TerminalOptions{})
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		key := s.File + "\x00" + s.Feature
		if suites[key] == nil {
			suites[key] = doc.add(r, cmp.Or(junitName(s.Feature), class(s)), s.File)
		}
		suites[key].scenario(p, s, taken)
	}
	if r.Verdict() == "none" && r.Count(Errored) == 0 { // so that a build is not green
		doc.add(r, "ringback verify", "").nothing(text.Clean(r.outcomeWords()))
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

// add adds a suite, of a feature file if it is not empty.
func (d *junitSuites) add(r *Report, name, file string) *junitSuite {
	s := &junitSuite{
		Name: name, Package: "ringback", ID: len(d.Suites), Timestamp: r.Began.UTC().Format("2006-01-02T15:04:05"),
		Host: "localhost", Properties: r.properties(), // not the machine's own name, which differs from run to run
	}
	if file != "" {
		s.Properties = append(s.Properties, junitProperty{"file", text.Clean(file)})
	}
	d.Suites = append(d.Suites, s)
	return s
}

// nothing says that nothing was judged, and why.
func (s *junitSuite) nothing(why string) {
	s.Tests, s.Errors = 1, 1
	s.Cases = []*junitCase{{
		Name: "Something is judged", Class: "ringback.verify", Error: &junitFailure{Message: why, Type: "nothing judged", Text: why},
	}}
}

// properties are what it takes to run the suite again.
func (r *Report) properties() []junitProperty {
	list := []junitProperty{
		{"seed", fmt.Sprint(r.Seed)},
		{"epoch", r.Epoch.Format(time.RFC3339Nano)},
		{"run", text.Clean(r.Run)},
		{"generation", r.Generation},
		{"target", text.Clean(r.Target)},
		{"probe", fmt.Sprint(r.Probe)},
		{"version", text.Clean(r.Version)},
	}
	for _, what := range r.NotJudged {
		list = append(list, junitProperty{"not_judged", text.Clean(what)})
	}
	for _, tag := range r.KnownPassed {
		list = append(list, junitProperty{"known_passed", text.Clean(tag)})
	}
	return list
}

// scenario adds a case. What warned is told on the suite's behalf: a case has no
// room for the words of one that passed.
func (s *junitSuite) scenario(p *printer, of *Result, taken map[string]bool) {
	c := &junitCase{Name: cmp.Or(junitName(of.Name), of.at()), Class: junitName(class(of)), Time: junitSeconds(of.Took)}
	// GitLab drops all but one case of equal class and name.
	for n, base := 1, c.Class; taken[c.Class+"\x00"+c.Name]; n++ {
		c.Class = fmt.Sprintf("%s:%d", base, of.Line)
		if n > 1 {
			c.Class += fmt.Sprintf(":%d", n)
		}
	}
	taken[c.Class+"\x00"+c.Name] = true
	s.Cases = append(s.Cases, c)
	s.Tests++
	s.Time += c.Time
	switch of.Status {
	case Failed:
		s.Failures++
		c.Failure = &junitFailure{Message: text.Clean(of.headline()), Type: "contract", Text: p.account(of)}
	case Errored:
		s.Errors++
		c.Error = &junitFailure{Message: text.Clean(of.headline()), Type: "scenario", Text: p.account(of)}
	case Warned:
		s.SystemOut.Text += p.account(of)
	case Skipped:
		s.Skipped++
		c.Skipped = &junitSkipped{text.Clean(of.message())}
	}
}

// junitName is a name as a token: on one line, with nothing but words.
func junitName(name string) string { return strings.Join(strings.Fields(text.Line(name)), " ") }

// junitFull is how many bytes of accounts there are in full: a receiver may fail
// everywhere, and CI refuses large files.
const junitFull = 1 << 20

// account is a scenario in full, as the terminal shows it, while there is room;
// then what is wrong with it.
func (p *printer) account(s *Result) string {
	p.out.Reset()
	p.title(s.Status, s.Name)
	if p.told > junitFull {
		p.brief = true
		p.message(s.message())
		p.rerun(s)
		return strings.TrimRight(p.out.String(), "\n") + "\n"
	}
	defer func() { p.told += p.out.Len() }()
	p.printf("        %s\n", text.Line(s.place()))
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
