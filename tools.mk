# What the tests and the demo need beside Go: the Pulumi CLI, an AWS API
# server (moto) and the test provider. They are built once into a cache per
# user, ${XDG_CACHE_HOME:-~/.cache}/orgrails/tools, keyed by all they are made
# from: nothing happens when they are there.
GO ?= go

.PHONY: tools
tools: ## the Pulumi CLI, moto and the test provider, into the cache per user
	@cd internal/awstest && $(GO) run ./tools build
