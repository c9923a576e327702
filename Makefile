# orgrails: make demo, make test; the rest is for working on it.
SHELL := /bin/bash
.DEFAULT_GOAL := build
include tools.mk

GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
LDFLAGS  := -s -w -X github.com/orgrails/orgrails/internal/cli.Version=$(VERSION)

.PHONY: build
build: ## bin/orgrails
	$(GO) build -ldflags "$(LDFLAGS)" -o bin/orgrails ./cmd/orgrails

.PHONY: demo
demo: tools build ## deploy the example organization to a local emulator with the real Pulumi engine
	@cd internal/awstest && $(GO) run ./cmd/demo -orgrails ../../bin/orgrails -example ../../examples/acme $(if $(KEEP),-keep)

.PHONY: test
test: tools build ## everything, end-to-end tests included
	@.ci/test

.PHONY: test-short
test-short: ## the root module alone: no emulator, no engine
	$(GO) test ./...

.PHONY: lint
lint: ## gofmt, go vet, generated files up to date
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	cd internal/awstest && $(GO) vet ./...

.PHONY: generate
generate: ## schemas from the Go types, pages of the catalogue; AWS's actions, where IAM_DATA names their package
	$(GO) generate ./...

.PHONY: fuzz
fuzz: ## each fuzz target for FUZZTIME (30s)
	@.ci/fuzz $(or $(FUZZTIME),30s)

.PHONY: bench
bench: ## the benchmarks of docs/benchmarks.md
	$(GO) test -run '^$$' -bench . -benchmem ./guardrails/... ./internal/...

.PHONY: clean
clean: ## what the build and the demo left here; not the tools' cache
	rm -rf bin dist .orgrails
