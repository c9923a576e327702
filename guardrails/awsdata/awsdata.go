// Package awsdata holds the facts about AWS that change: quotas, regions,
// services, action lists, rates. Each table says where it was read and when,
// so that a reader can check it and a later reading can replace it; nothing
// else in the product states such a number.
//
// Quotas can be overridden for an organization whose own AWS support has
// raised them: see [Quotas].
package awsdata

// A Datum is one table of facts.
type Datum[T any] struct {
	Value  T
	Source string // pages it was read from, separated by a space
	Read   string // the day it was read: 2026-11-22
}
