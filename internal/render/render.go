// Package render turns what is already known into something to read: mistakes
// into text, JSON and SARIF; a plan into a text for people, and into policy
// documents on disk.
//
// It decides nothing. Whatever it writes is there in the value that it was
// given, so that the text view and the machine's form of the same value never
// disagree. It makes no AWS call; the only thing it writes to is the writer or
// the folder it was told.
package render
