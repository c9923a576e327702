package provider

import (
	"context"

	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
)

// A field is one input of a resource type.
type field struct {
	required bool
	replace  bool // another value replaces the resource
	computed bool // AWS has a value of its own when none is given: leaving it out is no change
	unread   bool // AWS never tells it: the state keeps what was asked for
	set      bool // a list whose order means nothing
	auto     bool // the published provider names the resource when nobody does
	def      any  // the published provider fills it in
	// equivalent says that two spellings are the same to AWS.
	equivalent func(old, new any) bool
}

// A kind is one resource type: what is replaced, computed, filled in and read
// back, and the calls.
type kind struct {
	token string
	label string // how the published provider calls it in errors
	docs  []string

	fields  map[string]field
	outputs []string // computed only: never inputs

	check func(in props) []plugin.CheckFailure
	// imported turns an import id into the id of the state and what the id tells.
	imported func(id string) (string, props, error)
	// create returns the id; an id together with an error is a resource that
	// is there and not finished.
	create func(ctx context.Context, c *clients, in props) (string, error)
	// read tells inputs and outputs alike; old is the state, or the inputs
	// of a resource that has just been made.
	read   func(ctx context.Context, c *clients, id string, old props) (props, bool, error)
	update func(ctx context.Context, c *clients, id string, old, in props) error
	delete func(ctx context.Context, c *clients, id string, old props) error
	// stateID replaces the id of the state by something that was read.
	stateID func(out props) string
}

func (k *kind) idOf(id string, out props) string {
	if k.stateID != nil {
		return k.stateID(out)
	}
	return id
}

const (
	registry  = "https://www.pulumi.com/registry/packages/aws/api-docs/"
	terraform = "https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/"
)

// kinds is the table of all types, by token.
var kinds = func() map[string]*kind {
	all := map[string]*kind{}
	for _, group := range [][]*kind{organizationKinds, policyKinds, iamRoleKinds, iamGroupKinds, iamAccountKinds, analyzerKinds} {
		for _, k := range group {
			all[k.token] = k
		}
	}
	return all
}()
