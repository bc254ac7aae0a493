package fault

// Truncate leaves out the last bytes of the first attempt and closes the
// connection for writing, so that less comes than Content-Length says.
//
// A good receiver stores nothing of a body that is not whole, answers 400 or
// nothing, and takes the retry, which is.
type Truncate struct{ Bytes int }

// Apply cuts the first attempt short.
func (f Truncate) Apply(p *Plan) { p.maim(1).LoseTail += f.Bytes }

func parseTruncate(amount string) (Fault, error) {
	n, err := parseSize(amount, "truncate=20")
	return Truncate{n}, err
}
