package simapi

import (
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"ringback/sim/journal"
	"ringback/sim/script"
	"ringback/sim/text"
	"ringback/sim/wire"
)

// vocabulary is the words that a value may be: for the document, and for the
// check of requests.
type vocabulary struct {
	words []string
	// explained: who reads the value says more about a wrong word than check does.
	explained bool
}

// vocabularies are named by parameters, and by fields of requests in their tag
// enum.
var vocabularies = map[string]vocabulary{
	"phase":      {words: []string{"ringing", "connected", "over"}},
	"status":     {words: []string{"dialled", "alerting", "talking", "gone"}},
	"type":       {words: []string{"single", "group"}},
	"result":     {words: []string{"normal_end", "cancel", "reject", "not_answer", "call_busy", "interrupt", "offline"}},
	"media":      {words: []string{"audio", "video"}},
	"platform":   {words: wire.Platforms()},
	"generation": {words: []string{"v1", "v4", "both"}},
	"outcome":    {words: []string{"normal_end", "reject", "not_answer", "call_busy", "cancel", "interrupt"}},
	"state":      {words: []string{"queued", "waiting", "in_flight", "acked", "abandoned", "dropped", "withdrawn"}},
	"word":       {words: wordNames(), explained: true},
	"action":     {words: append(script.Actions(), "replay"), explained: true},
	"quality":    {words: []string{"Unknown", "Excellent", "Good", "Poor", "Bad", "Vbad", "Down"}, explained: true},
	"handling":   {words: []string{"retry_now", "give_up", "duplicate"}},
	"clocking":   {words: []string{"pause", "resume", "step"}},
	"until":      {words: []string{"idle", "quiet"}},
	"kind":       {words: append([]string{journal.KindClientEvent}, journal.Kinds()...)},
	"boolean":    {words: []string{"true", "false"}},
}

func wordNames() (names []string) {
	for _, w := range wire.AllWords() {
		names = append(names, w.String())
	}
	return names
}

// checkWord refuses a value that is none of the words, and says which was probably
// meant. Name "" is any text.
func checkWord(name, field, value string) error {
	v := vocabularies[name]
	if name == "" || v.explained || slices.Contains(v.words, value) {
		return nil
	}
	list := strings.Join(v.words, ", ")
	if meant := text.Nearest(value, v.words); meant != "" {
		return wrong(field, meant, "%q: did you mean %s? want one of %s", value, meant, list)
	}
	return wrong(field, v.words[0], "%q: want one of %s", value, list)
}

// wordSchema is what the document says of a value; name "" is any text.
func wordSchema(name string) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string"}
	for _, w := range vocabularies[name].words {
		s.Enum = append(s.Enum, w)
	}
	return s
}
