package report

import "io"

// Writers write a report to a file, by the kinds of `ringback verify --report`.
var Writers = map[string]func(*Report, io.Writer) error{
	"junit": (*Report).WriteJUnit, "html": (*Report).WriteHTML, "json": (*Report).WriteJSON,
	"markdown": (*Report).WriteMarkdown, "ctrf": (*Report).WriteCTRF,
}
