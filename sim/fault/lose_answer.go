package fault

// LoseAnswer closes the connection when the callback is sent, without reading
// the answer, for the first attempts: the receiver may have stored it, the
// sender does not know and sends it again.
//
// A good receiver stores what it got and recognizes the retry by its bytes'
// meaning: same call, command, user and EventTime.
type LoseAnswer struct{ Attempts int }

// Apply hangs up on the first attempts.
func (f LoseAnswer) Apply(p *Plan) { p.maim(f.Attempts).HangUp = true }

func parseLoseAnswer(amount string) (Fault, error) {
	n, err := parseCount(amount, "attempts", "lose_answer=2")
	return LoseAnswer{n}, err
}
