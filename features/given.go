package features

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ringback/sim"
	"ringback/sim/call"
	"ringback/sim/wire"
)

// givens has the steps that a scenario starts from, and whole calls in one sentence.
var givens = []Step{
	{
		Pattern: `^the callbacks are (v1|v4)$`, Form: "the callbacks are {generation}", Example: "the callbacks are v1",
		About: "calls make callbacks of this generation only", handler: theCallbacksAre,
	},
	{
		Pattern: `^the receiver subscribes to (.+)$`, Form: "the receiver subscribes to {words}", Example: "the receiver subscribes to normal_end, cancel",
		About: "only callbacks of these words and commands are delivered; the ends of calls are all that tell of one and that the receiver takes", handler: theReceiverSubscribesTo,
		check: func(d *draft, args []string) (err error) {
			if args[0] == theEnds {
				d.words &= endWords
			} else {
				d.words, err = parseWords(args[0])
			}
			return err
		},
	},
	{
		Pattern: `^the callback address ends in (\S+)$`, Form: "the callback address ends in {query}", Example: "the callback address ends in rb_tenant=7&rb_city=k%C3%B6ln",
		About: "the configured URL has a query of its own, behind which the sender's parameters go", handler: theCallbackAddressEndsIn,
		check: all(of(parseQuery)),
	},
	{
		Pattern: `^the app id is (missing|empty|a word|cut short|followed by a digit|followed by letters|followed by a letter|with a zero in front|with a decimal|between spaces)$`, Form: "the app id is {what}", Example: "the app id is followed by a letter",
		About: "callbacks of the one word that the receiver subscribes to have no app id, or one that is not the receiver's: a word, or its own changed", handler: theAppIDIs,
		check: func(d *draft, args []string) error { return onlyWord(d.words, args[0]) },
	},
	{
		Pattern: `^the sender says (\w+=\S+)$`, Form: "the sender says {key}={value}", Example: "the sender says user_account=number",
		About: "a choice where the documents disagree; ringback dialects lists them", handler: theSenderSays,
		check: all(of(parseChoice)),
	},
	{
		Pattern: `^callbacks of one moment go out in turn$`, Form: "callbacks of one moment go out in turn", Example: "callbacks of one moment go out in turn",
		About: "each when the one before is answered or 5 ms under way, in the same order each time, once time moves on or a step asks; else at once", handler: inTurn,
	},
	{
		Pattern: `^the phones run (\S+)$`, Form: "the phones run {platform}", Example: "the phones run Android",
		About: "what OptPlatform says", handler: thePhonesRun,
		check: all(of(parsePlatform)),
	},
	{
		Pattern: `^an? (audio|video) (call|group call) ends as (\w+)(?: as call (\S+))?$`, Form: "a {media} call ends as {result}[ as call {name}], a {media} group call ends as {result}[ as call {name}]",
		Example: "a video call ends as normal_end",
		About:   "alice calls bob, or bob and carol in a group; it rings 3 s and, if it is answered, lasts 9 s", handler: aCallEndsAs,
		check: func(d *draft, args []string) error {
			result, err := parseOutcome(args[2])
			d.place(args[3], append([]string{"alice"}, calleesOf(args[1])...)...)
			d.now += usual(result).Length()
			return err
		},
	},
	{
		Pattern: `^(\S+) calls (\S+) in no room$`, Form: "{who} calls {whom} in no room", Example: "alice calls bob in no room",
		About: "a call is placed whose RoomId is empty", handler: callsInNoRoom,
		check: func(d *draft, args []string) error { d.place("", args...); return nil },
	},
	{
		Pattern: `^a group call of (\d+) people is under way$`, Form: "a group call of {n} people is under way", Example: "a group call of 100 people is under way",
		About: "one user calls all the others, and they answer; the call does not end", handler: aGroupCallIsUnderWay,
		check: func(d *draft, args []string) error {
			n, err := parseNumber(args[0], "people", 3, maxPeople)
			var people []string
			for i := range n {
				people = append(people, member(i+1))
			}
			d.place("", people...)
			return err
		},
	},
	{
		Pattern: `^(\d+) calls take place at once$`, Form: "{n} calls take place at once", Example: "20 calls take place at once",
		About: "calls of as many pairs, of all six results", handler: callsTakePlaceAtOnce,
		check: func(d *draft, args []string) error {
			n, err := parseNumber(args[0], "calls", 1, maxCalls)
			d.placeCrowd(n)
			longest := time.Duration(0)
			for i := range n {
				longest = max(longest, usual(outcomeOf(i)).Length())
			}
			d.now += longest
			return err
		},
	},
}

func theCallbacksAre(ctx context.Context, generation string) error {
	s := worldOf(ctx)
	var g wire.Generation
	if err := g.UnmarshalText([]byte(generation)); err != nil {
		return err
	}
	if s.opts.Generation&g == 0 {
		return skipped("the receiver takes %s callbacks only", s.opts.Generation)
	}
	s.generation = g
	return nil
}

// theEnds are the words of a step for [endWords].
const theEnds = "the ends of calls"

func theReceiverSubscribesTo(ctx context.Context, words string) error {
	s := worldOf(ctx)
	if words == theEnds {
		s.words = s.opts.Words & endWords // if there is none, the step that needs one says so
		return nil
	}
	set, err := wire.ParseWords(splitList(words))
	if err != nil {
		return err
	}
	for _, w := range set.List() {
		if err := s.opts.needs(w); err != nil {
			return err
		}
	}
	s.words = set
	return nil
}

func theCallbackAddressEndsIn(ctx context.Context, query string) error {
	worldOf(ctx).suffix = query
	return nil
}

// theAppIDIs leaves out the callback's own parameters, and adds them to the address with
// another app id, which no fault can do.
func theAppIDIs(ctx context.Context, what string) error {
	s := worldOf(ctx)
	own := strconv.FormatUint(uint64(s.opts.App), 10)
	id := map[string]string{
		"empty": "", "a word": "undefined", "cut short": own[:len(own)-1], "followed by a digit": own + "0", "followed by a letter": own + "x",
		"followed by letters": own + "abc", "with a zero in front": "0" + own, "with a decimal": own + ".0", "between spaces": "%20" + own + "%20",
	}[what]
	if err := onlyWord(s.words, what); err != nil {
		return err
	}
	words := s.words.List()
	command := words[0].String()
	if words[0].Status() && s.dialect.StatusCommand == "call_end" {
		command = "call_end"
	}
	params := []string{"sdkappid=" + id, "command=" + command, "contenttype=json", "clientip=127.0.0.1", "optplatform=iOS"}
	if words[0].Generation() == wire.V4 {
		params = []string{"SdkAppid=" + id, "CallbackCommand=" + command, "contenttype=json", "ClientIP=127.0.0.1", "OptPlatform=iOS"}
	}
	if what == "missing" {
		params = params[1:]
	}
	s.suffix = strings.Join(params, "&")
	return s.perform(ctx, "the faults are no_query")
}

// onlyWord checks that the receiver subscribes to only one word.
func onlyWord(words wire.Words, what string) error {
	if len(words.List()) != 1 {
		return fmt.Errorf("the app id is %s: say first to which one word the receiver subscribes, like: the receiver subscribes to normal_end", what)
	}
	return nil
}

func theSenderSays(ctx context.Context, choice string) error {
	return worldOf(ctx).dialect.Set(choice)
}

func inTurn(ctx context.Context) error {
	worldOf(ctx).inTurn = true
	return nil
}

func thePhonesRun(ctx context.Context, platform string) (err error) {
	worldOf(ctx).device.Platform, err = parsePlatform(platform)
	return err
}

func aCallEndsAs(ctx context.Context, media, kind, result, name string) error {
	s := worldOf(ctx)
	return s.play(ctx, name, "alice", calleesOf(kind), media, result)
}

func callsInNoRoom(ctx context.Context, caller, callee string) error {
	s := worldOf(ctx)
	if err := s.start(); err != nil {
		return err
	}
	setup := s.setup(caller, callee)
	setup.RoomTag = call.StringRoom
	return s.begin("", sim.Place{Setup: setup, Generation: s.generation})
}

func aGroupCallIsUnderWay(ctx context.Context, number string) error {
	s := worldOf(ctx)
	n, err := parseNumber(number, "people", 3, maxPeople)
	if err != nil {
		return err
	}
	if err := s.start(); err != nil {
		return err
	}
	var callees []string
	for i := 2; i <= n; i++ {
		callees = append(callees, member(i))
	}
	setup := s.setup(member(1), callees...)
	if err := s.begin("", sim.Place{Setup: setup, Generation: s.generation}); err != nil {
		return err
	}
	for _, id := range setup.Callees {
		if err := s.do(sim.Act{Call: s.binding.Last(), Action: call.Action{Do: call.DoAccept, By: id}}); err != nil {
			return err
		}
	}
	return nil
}

func callsTakePlaceAtOnce(ctx context.Context, number string) error {
	s := worldOf(ctx)
	n, err := parseNumber(number, "calls", 1, maxCalls)
	if err != nil {
		return err
	}
	return s.crowd(ctx, n, func(i int) string { return outcomeOf(i).String() })
}
