package recording

import (
	"net/url"
	"slices"
	"strings"
)

// hostOf is the scheme and host of a URL.
func hostOf(target string) string {
	u, err := url.Parse(target)
	if err != nil || u.Host == "" {
		return "http://target.invalid"
	}
	return u.Scheme + "://" + u.Host
}

// callbacksOwn are the parameters of a callback in lower case; what else is in a query is
// the address's own.
var callbacksOwn = map[string]bool{
	"sdkappid": true, "command": true, "callbackcommand": true, "contenttype": true, "clientip": true, "optplatform": true,
	"requestid": true, "sign": true, "requesttime": true,
}

// CallbacksOwn reports whether a parameter, in lower case, is a callback's own.
func CallbacksOwn(name string) bool { return callbacksOwn[name] }

// OwnTarget is the path of a request and what of its query is the receiver's address: the
// parameters that stand before the callback's or, where all are sorted, among them.
func OwnTarget(e *Exchange) string {
	_, target, _ := e.RequestLine()
	return ownTarget(target)
}

func ownTarget(target string) string {
	path, query, ok := strings.Cut(target, "?")
	if !ok {
		return path
	}
	pairs := strings.Split(query, "&")
	sorted := slices.IsSortedFunc(pairs, func(a, b string) int { return strings.Compare(nameOf(a), nameOf(b)) })
	var own []string
	for _, pair := range pairs {
		if !callbacksOwn[strings.ToLower(nameOf(pair))] {
			own = append(own, pair)
		} else if !sorted {
			break
		}
	}
	if len(own) == 0 {
		return path
	}
	return path + "?" + strings.Join(own, "&")
}

func nameOf(pair string) string {
	name, _, _ := strings.Cut(pair, "=")
	return name
}
