package rest

import "ringback/sim/wire"

// Code is an error code that the REST API documents.
type Code struct {
	Generation wire.Generation
	Code       int
	Name       string // for people who plan it
	Message    string // how the answer begins; what is wrong with this request follows
	Page       string // trtc.io/document/... or cloud.tencent.com/document/product/... that lists it
}

// Codes that this package answers with.
const (
	codeOK = 0

	codeV1Missing   = 999
	codeV1NoPackage = 50001
	codeV1Parameter = 70001
	codeV1BadSig    = 70002
	codeV1Expired   = 70003
	codeV1NotAdmin  = 70004
	codeV1Rate      = 70005
	codeV1Body      = 70009
	// 60138 has no number for it: every code that it does not list is an
	// internal error.
	codeV1Internal = 99999

	codeV4URL        = 60002
	codeV4JSON       = 60003
	codeV4Account    = 60004
	codeV4UnknownApp = 60006
	codeV4Rate       = 60007
	codeV4Timeout    = 60008
	codeV4Resource   = 60009
	codeV4NotAdmin   = 60010
	codeV4NoApp      = 60012
	codeV4NotText    = 60015
	codeV4NoPackage  = 60020

	codeConfigInternal  = 100001
	codeConfigParameter = 100002
	codeConfigMissing   = 100301
	codeCallInternal    = 101001
	codeCallParameter   = 101002
	codeNoCall          = 101004
	codeNoRecord        = 101050
)

// Codes are all codes of the documents. Those that nothing here causes can
// be injected, see [API.PlanErrors]. Mind 70001, 70003 and 70009: they mean
// other things in the other generation.
var Codes = []Code{
	{wire.V1, codeOK, "ok", "Success", "60138"},
	{wire.V1, codeV1Missing, "missing", "it does not exist", "60130, 60132"},
	{wire.V1, codeV1NoPackage, "no_package", "the app has not bought the Group Call Version package", "60138"},
	{wire.V1, codeV1Parameter, "parameter", "a request parameter is missing or wrong", "60138"},
	{wire.V1, codeV1BadSig, "bad_usersig", "UserSig is invalid", "60138"},
	{wire.V1, codeV1Expired, "usersig_expired", "UserSig has expired", "60138"},
	{wire.V1, codeV1NotAdmin, "not_admin", "the requesting user is not a super administrator", "60138"},
	{wire.V1, codeV1Rate, "rate", "the request frequency is limited", "60138"},
	{wire.V1, codeV1Body, "body", "the request body cannot be parsed", "60138"},
	{wire.V1, codeV1Internal, "internal", "internal error of the system", "60138"},

	{wire.V4, codeOK, "ok", "", "68926"},
	{wire.V4, codeV4URL, "url", "the HTTP request cannot be parsed, check the URL", "68926"},
	{wire.V4, codeV4JSON, "json", "the JSON of the request cannot be parsed", "68926"},
	{wire.V4, codeV4Account, "account", "the account or the signature in the URL or the body is wrong", "68926"},
	{wire.V4, 60005, "account_too", "the account or the signature in the URL or the body is wrong", "68926"},
	{wire.V4, codeV4UnknownApp, "unknown_app", "the SDKAppID is invalid", "68926"},
	{wire.V4, codeV4Rate, "rate", "the REST API is called more often than allowed", "68926"},
	{wire.V4, codeV4Timeout, "timeout", "the request timed out or its HTTP format is wrong", "68926"},
	{wire.V4, codeV4Resource, "resource", "there is no such resource, check the URL", "68926"},
	{wire.V4, codeV4NotAdmin, "not_admin", "the request needs the permissions of an App administrator", "68926"},
	{wire.V4, 60011, "app_rate", "the SDKAppID makes more requests than allowed", "68926"},
	{wire.V4, codeV4NoApp, "no_app", "the REST API needs an SDKAppID in the URL", "68926"},
	{wire.V4, 60013, "answer_json", "the JSON of the response cannot be parsed", "68926"},
	{wire.V4, 60014, "account_timeout", "switching the account timed out", "68926"},
	{wire.V4, codeV4NotText, "account_type", "an account in the body has the wrong type, want a string", "68926"},
	{wire.V4, 60016, "app_disabled", "the SDKAppID is disabled", "68926"},
	{wire.V4, 60017, "disabled", "the request is disabled", "68926"},
	{wire.V4, 60018, "frequent", "the requests are too frequent, retry later", "68926"},
	{wire.V4, 60019, "frequent_too", "the requests are too frequent, retry later", "68926"},
	{wire.V4, codeV4NoPackage, "no_package", "the app's package has expired and was disabled", "68926"},
	{wire.V4, 60021, "source_ip", "the REST API is called from an IP that is not allowed", "68926"},

	{wire.V4, 70001, "im_expired", "UserSig has expired", "679/131708"},
	{wire.V4, 70003, "im_unreadable", "UserSig cannot be parsed", "679/131708"},
	{wire.V4, 70009, "im_wrong_key", "UserSig was not verified: made with the key of another SDKAppID?", "679/131708"},
	{wire.V4, 70013, "im_other_user", "the UserSig is for another user", "679/131708"},
	{wire.V4, 70014, "im_other_app", "the UserSig is for another SDKAppID", "679/131708"},
	{wire.V4, 70016, "im_no_key", "UserSig was not verified: there is no key", "679/131708"},
	{wire.V4, 70020, "im_unknown_app", "UserSig was not verified: there is no such SDKAppID", "679/131708"},
	{wire.V4, 70050, "im_unverified_rate", "UserSig was not verified, and the requests are too frequent", "679/131708"},

	{wire.V4, codeConfigInternal, "config_internal", "internal error of the server, retry", "68938"},
	{wire.V4, codeConfigParameter, "config_parameter", "invalid parameter", "68938"},
	{wire.V4, codeConfigMissing, "config_missing", "the callback configuration does not exist", "68937"},
	{wire.V4, codeCallInternal, "call_internal", "internal error of the server, retry", "68932"},
	{wire.V4, codeCallParameter, "call_parameter", "invalid parameter", "68932"},
	{wire.V4, codeNoCall, "no_call", "the call does not exist or has ended", "68932"},
	{wire.V4, codeNoRecord, "no_record", "the call record does not exist", "68930"},
}

// findCode finds a code of a generation in the table, or returns nil.
func findCode(g wire.Generation, code int) *Code {
	for i := range Codes {
		if Codes[i].Generation == g && Codes[i].Code == code {
			return &Codes[i]
		}
	}
	return nil
}

// checkCodes are the codes of the checks that all commands of a generation
// share, in the order of the checks.
type checkCodes struct {
	url        int // the method is wrong, or the query cannot be read
	noApp      int // sdkappid is missing or no number
	unknownApp int
	parameter  int // another parameter is missing or wrong
	badSig     int
	expired    int
	notAdmin   int
	rate       int
	body       int
	noPackage  int
	resource   int // there is no such path; v1 has no code for it

	// With an HTTP status that says the same.
	large int
	slow  int
}

var codesOf = map[wire.Generation]*checkCodes{
	wire.V1: {
		url: codeV1Parameter, noApp: codeV1Parameter, unknownApp: codeV1Parameter, parameter: codeV1Parameter,
		badSig: codeV1BadSig, expired: codeV1Expired, notAdmin: codeV1NotAdmin, rate: codeV1Rate,
		body: codeV1Body, noPackage: codeV1NoPackage, resource: codeV1Parameter,
		large: codeV1Body, slow: codeV1Body,
	},
	wire.V4: {
		url: codeV4URL, noApp: codeV4NoApp, unknownApp: codeV4UnknownApp, parameter: codeV4Account,
		badSig: codeV4Account, expired: codeV4Account, notAdmin: codeV4NotAdmin, rate: codeV4Rate,
		body: codeV4JSON, noPackage: codeV4NoPackage, resource: codeV4Resource,
		large: codeV4JSON, slow: codeV4Timeout,
	},
}
