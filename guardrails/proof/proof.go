// Package proof holds what it takes to show that a plan locks nobody out. The
// calls that deploying a plan makes, by resource type, are the first part.
package proof
