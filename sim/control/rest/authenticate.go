package rest

import (
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ringback/sim/text"
	"ringback/sim/usersig"
)

// authenticate makes the checks on the query, up to who may call the API.
func (b *backend) authenticate(rawQuery string, codes *checkCodes) (app App, no *refusal) {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return app, refuse(codes.url, "the query: %v", err)
	}
	if app, no = b.appOf(query, codes); no != nil {
		return app, no
	}
	if no := checkPresent(query, codes); no != nil {
		return app, no
	}
	who := query.Get("identifier")
	if err := usersig.Check(app.Key, query.Get("usersig"), app.ID, who, b.Clock().Unix()); err != nil {
		var e *usersig.Error
		if errors.As(err, &e) && e.Reason == usersig.Expired {
			return app, refuse(codes.expired, "usersig: %v", err)
		}
		return app, refuse(codes.badSig, "usersig: %v", err)
	}
	if !slices.Contains(b.Admins, who) {
		return app, refuse(codes.notAdmin, "identifier: is %s, want one of %s", text.Quote(who, maxShown), strings.Join(b.Admins, ", "))
	}
	if !isUint(query.Get("random"), 32) {
		b.odd("random", "app %d sends a random above %d, the largest of the documents (60138, 68926)", app.ID, uint32(math.MaxUint32))
	}
	return app, nil
}

func (b *backend) appOf(query url.Values, codes *checkCodes) (App, *refusal) {
	raw := query.Get("sdkappid")
	if raw == "" {
		return App{}, refuse(codes.noApp, "sdkappid: is missing%s", lookalike(query, "sdkappid"))
	}
	id, err := strconv.ParseUint(raw, 10, 32)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return App{}, refuse(codes.noApp, "sdkappid: is %s, want a number", text.Quote(raw, maxShown))
	}
	app, ok := b.app(uint32(id))
	if err != nil || !ok {
		return App{}, refuse(codes.unknownApp, "sdkappid: there is no app %s", text.Short(raw, 1000))
	}
	return app, nil
}

// checkPresent checks the parameters besides sdkappid. The documents want 32
// bits of random, but there are clients that send 63.
func checkPresent(query url.Values, codes *checkCodes) *refusal {
	for _, name := range [...]string{"identifier", "usersig", "random", "contenttype"} {
		if query.Get(name) == "" {
			return refuse(codes.parameter, "%s: is missing%s", name, lookalike(query, name))
		}
	}
	if random := query.Get("random"); !isUint(random, 64) {
		return refuse(codes.parameter, "random: is %s, want a whole number without a sign", text.Quote(random, maxShown))
	}
	if t := query.Get("contenttype"); t != "json" {
		return refuse(codes.parameter, "contenttype: is %s, want json", text.Quote(t, maxShown))
	}
	return nil
}

func isUint(s string, bits int) bool {
	_, err := strconv.ParseUint(s, 10, bits)
	return err == nil
}

// lookalike finds the parameter that was probably meant.
func lookalike(query url.Values, name string) string {
	for k := range query {
		if k != name && strings.EqualFold(k, name) {
			return fmt.Sprintf("; there is %s, but names are case-sensitive", k)
		}
	}
	return ""
}
