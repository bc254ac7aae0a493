# Go and make are all it takes: the tools below are fetched, pinned, by go run.
GO          ?= go
GOFUMPT     := $(GO) run mvdan.cc/gofumpt@v0.12.0 -modpath ringback
STATICCHECK := $(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2
GORELEASER  := $(GO) run github.com/goreleaser/goreleaser/v2@v2.15.1
FUZZTIME    ?= 20s
BENCHCOUNT  ?= 5
ROUNDS      ?= 5
QUIET       ?= 30
BUSY        ?= 5
# The pure packages start no goroutines, so that no race can be in them.
PURE        := sim(/(call|delivery|draw|explain|fault|journal|outbox|phone|recording|scenario|schema|script|secret|text|timers|traffic|usersig|wire|yaml))?

# A module of its own, which go vet ./... leaves out.
EXAMPLE     := features/examples/suite
MANIFESTS   := sim/load/k8s

export CGO_ENABLED ?= 0
# The program is compiled by a profile of itself (see make profile); tests and
# tools are not: each package would be compiled twice.
export GOFLAGS ?= -pgo=off

.PHONY: help
help: ## print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/ringback
	@$(GO) build -pgo=auto -o bin/ringback ./cmd/ringback

# What the linker writes into a release.
VERSION ?= $(shell git describe --tags --exact-match 2>/dev/null)
COMMIT  ?= $(shell git log -1 --format=%H 2>/dev/null)
DATE    ?= $(shell git log -1 --format=%cI 2>/dev/null)
RELEASE := -pgo=auto -trimpath -ldflags '-s -w $(if $(VERSION),-X ringback/cmd/cli.Version=$(VERSION)) -X ringback/cmd/cli.Commit=$(COMMIT) -X ringback/cmd/cli.Date=$(DATE)'

IMAGE ?= ringback
ROOTS ?= /etc/ssl/certs/ca-certificates.crt
.PHONY: image
image: ## build the container image IMAGE (ringback) without a daemon, around a binary built here (needs buildah)
	@mkdir -p bin/image/data bin/image/tmp && cp $(ROOTS) bin/image/ca-certificates.crt
	$(GO) build $(RELEASE) -o bin/image/ringback ./cmd/ringback
	buildah bud --format docker --isolation chroot --build-context files=bin/image --target image -t $(IMAGE) .

# The image's root, mounted, and its configuration beside it; without a network but
# for loopback, in which the ports of the example are free.
.PHONY: test-image
test-image: image ## run the services of the example for Docker Compose from the image (needs root, buildah, ip)
	@container=$$(buildah from $(IMAGE)) && trap "buildah rm $$container >/dev/null" EXIT && \
	root=$$(buildah mount $$container) && buildah inspect --type image $(IMAGE) >$$root.json && \
	$(GO) test -c -o bin/image.test ./cmd/ringback && cd cmd/ringback && \
	RINGBACK_IMAGE_ROOT=$$root unshare --net sh -c 'ip link set lo up && ../../bin/image.test -test.v -test.run "^TestImage$$"'

.PHONY: dist
dist: ## make what a release publishes, in bin/dist: archives, checksums, lists of modules
	$(GO) run ./cmd/dist $(if $(VERSION),-version $(VERSION)) $(if $(TARGETS),-targets '$(TARGETS)')

.PHONY: rehome
rehome: ## give the module the path MODULE, like example.com/you/ringback, in all files
	$(GO) run ./cmd/dist -rehome '$(MODULE)'

.PHONY: demo
demo: build ## see it work: every outcome against a receiver of its own
	@bin/ringback demo

# Tests leave much garbage: collecting it less often saves a fifth of their time.
# make lint vets; go test would vet once more, for a tenth of its time.
test steady race: export GOGC ?= 300
test steady race: export GOFLAGS += -vet=off

.PHONY: test
test: ## run all tests
	$(GO) test ./...

# A test that fails once by chance is a fault, even if it passes the next time.
.PHONY: steady
steady: ## run all tests QUIET (30) times, then BUSY (5) times beside a busy loop on each core (an hour)
	@log=$$(mktemp); loops=; \
	trap 'for p in $$loops; do kill -KILL $$p; done; rm -f "$$log"' EXIT; trap 'exit 130' INT TERM; \
	rounds() { \
		i=1; while [ $$i -le $$1 ]; do \
			$(GO) test ./... -count 1 >"$$log" 2>&1 || { cat "$$log"; echo "$$2 $$i of $$1 failed"; exit 1; }; \
			echo "$$2 $$i of $$1 passed  $$(date +%T)"; i=$$((i + 1)); \
		done; \
	}; \
	rounds $(QUIET) quiet; \
	for cpu in $$(seq $$(getconf _NPROCESSORS_ONLN)); do (while :; do :; done) & loops="$$loops $$!"; done; \
	rounds $(BUSY) busy

.PHONY: race
race: ## run the tests under the race detector, but for what has no concurrency (needs gcc)
	CGO_ENABLED=1 $(GO) test -race -short $$($(GO) list ./... | grep -vxE 'ringback/$(PURE)')

.PHONY: lint
lint: ## go vet, staticcheck, gofumpt, tidy
	$(GO) vet ./... && $(GO) vet -tags man ./cmd/ringback
	$(STATICCHECK) ./...
	@files=$$($(GOFUMPT) -l .); test -z "$$files" || { echo "gofumpt would change:" $$files "- make fmt"; exit 1; }
	$(GO) mod tidy -diff
	for module in $(EXAMPLE) $(MANIFESTS); do (cd $$module && $(GO) vet ./... && $(STATICCHECK) ./... && $(GO) mod tidy -diff) || exit 1; done

.PHONY: fmt
fmt: ## format the code
	$(GOFUMPT) -w .

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (20s, or a number of runs like 5000x)
	@for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$pkg || exit 1; \
		done; \
	done

.PHONY: bench
bench: ## measure, side by side, BENCHCOUNT (5) times
	$(GO) test -run '^$$' -bench . -benchmem -count $(BENCHCOUNT) ./sim/... ./fixtures/...

.PHONY: bench-load
bench-load: build ## hold load against wrk and hey, ROUNDS (5) times each in turn (Linux, two cores)
	$(GO) run ./fixtures/sidebyside -rounds $(ROUNDS)

.PHONY: bench-record
bench-record: build ## hold record against nginx, ROUNDS (5) times each in turn (Linux, two cores)
	$(GO) run ./fixtures/sidebyside -proxies -rounds $(ROUNDS)

.PHONY: profile
profile: ## renew the profile of load by which the compiler decides what to inline
	@dir=$$(mktemp -d) && trap 'rm -r "$$dir"' EXIT && \
	$(GO) test -trimpath -run '^$$' -bench Attempt -benchtime 10x -o $$dir/load.test -cpuprofile $$dir/load ./sim/load && \
	$(GO) test -trimpath -run '^$$' -bench 'Send/post/64' -benchtime 5s -o $$dir/post.test -cpuprofile $$dir/post ./sim/post && \
	$(GO) test ./cmd/ringback -run TestProfile -profiles $$dir/load,$$dir/post

.PHONY: golden
golden: ## accept what the tests print as the new golden files
	$(GO) test $$(grep -rl --include='*_test.go' 'ringback/fixtures/golden' . | xargs -n 1 dirname | sort -u) -rewrite
	@git --no-pager diff --stat

.PHONY: explored
explored: ## explore each broken receiver with 10 seeds, and accept the table (ten minutes)
	RINGBACK_SOAK=1 $(GO) test ./features -run 'ExploreTable|ReadmeShowsExplored' -v -timeout 60m -rewrite

.PHONY: soak
soak: ## what is too long for CI: more random histories, 100 fresh worlds, hours of load, reports on all broken receivers, whole suites for each style and option, long journals, those cut off at each byte, frames of the page, 1,000 random dialects calibrated, 5,000 explored histories, explorations of more receivers, 1,000 attempts against each hostile receiver, 200 kills of serve, 50 of record, the whole suite against backends in Express, Flask and PHP, a secret in each flag in each way
	$(GO) test ./sim ./sim/call ./sim/wire ./sim/delivery ./sim/script -rapid.checks=5000 -timeout 30m
	RINGBACK_SOAK=1 $(GO) test ./sim -run ManyCalls -v
	RINGBACK_SOAK=1 $(GO) test ./sim/traffic -run 'Acceptance|Segments' -v -timeout 60m
	RINGBACK_SOAK=1 $(GO) test ./sim/load -run 'Hour|Ledger' -v -timeout 30m
	@test "$$($(GO) env GOOS)" != linux || { $(MAKE) build && $(GO) run ./fixtures/sidebyside -soak 6m; }
	RINGBACK_SOAK=1 $(GO) test ./sim/replay -run LongJournal -v -timeout 30m
	RINGBACK_SOAK=1 $(GO) test ./sim/calibrate -v -timeout 60m
	RINGBACK_SOAK=1 $(GO) test ./sim/store -run 'TornTails|LockWhileCompacting' -v
	RINGBACK_SOAK=1 $(GO) test ./sim/control -run PageUnderLoad -v
	RINGBACK_SOAK=1 $(GO) test ./tui -run StrangeIDs -v
	RINGBACK_SOAK=1 $(GO) test ./features -v -timeout 120m
	RINGBACK_SOAK=1 $(GO) test ./sim/explore -v
	RINGBACK_SOAK=1 $(GO) test ./sim/post -run LeavesNothing -v -timeout 30m
	RINGBACK_SOAK=1 $(GO) test ./cmd/ringback -run 'Killed|LivingBackends|SecretsInEachFlag|Scripts' -v -timeout 30m

.PHONY: cross
cross: ## vet all code for Windows and macOS
	GOOS=windows $(GO) vet ./...
	GOOS=darwin GOARCH=arm64 $(GO) vet ./...

.PHONY: ci-release
ci-release: dist ## try a release: all systems, GoReleaser without publishing, and the module under another path (twenty minutes)
	$(GORELEASER) check
	$(GORELEASER) release --snapshot --clean --skip=docker,sbom,publish
	@home=$$(mktemp -d) && trap 'rm -rf "$$home"' EXIT && git clone -q . "$$home" && cd "$$home" && \
	$(MAKE) --no-print-directory rehome MODULE=example.com/you/ringback && $(GO) build -pgo=auto ./... && \
	$(GO) test ./cmd/ringback -run 'House|Profile|Picture|OtherModule' && cd $(EXAMPLE) && $(GO) vet ./...

.PHONY: ci
ci: ## what CI runs
	bash .ci/run
