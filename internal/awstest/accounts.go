package awstest

import (
	"regexp"
	"strings"
	"sync"
)

// accessKeys knows which account an access key belongs to: the keys that
// AssumeRole and CreateAccessKey gave out.
type accessKeys struct {
	mu sync.RWMutex
	of map[string]string
}

func (k *accessKeys) account(key string) (string, bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	a, ok := k.of[key]
	return a, ok
}

func (k *accessKeys) learn(key, account string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.of == nil {
		k.of = map[string]string{}
	}
	k.of[key] = account
}

// accountIDs lets a test choose the ids of the accounts it creates, so that a
// file with account ids in it can be deployed. moto makes account ids up; the
// proxy tells every caller the chosen one, and moto its own.
type accountIDs struct {
	mu     sync.RWMutex
	wanted map[string]string // e-mail, lower case, to the chosen id
	out    map[string]string // moto's id to the chosen one
	in     map[string]string
}

func (a *accountIDs) want(email, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.wanted == nil {
		a.wanted = map[string]string{}
	}
	a.wanted[strings.ToLower(email)] = id
}

// created notes that moto made an account for an e-mail, and returns the id
// that it shall be known by.
func (a *accountIDs) created(email, motoID string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	id, ok := a.wanted[strings.ToLower(email)]
	if !ok {
		return motoID
	}
	delete(a.wanted, strings.ToLower(email))
	if a.out == nil {
		a.out, a.in = map[string]string{}, map[string]string{}
	}
	a.out[motoID], a.in[id] = id, motoID
	return id
}

func (a *accountIDs) fromMoto(body []byte) []byte {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return translate(body, a.out)
}

func (a *accountIDs) toMoto(body []byte) []byte {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return translate(body, a.in)
}

func (a *accountIDs) toMotoString(s string) string { return string(a.toMoto([]byte(s))) }

var digits = regexp.MustCompile(`[0-9]+`)

// translate replaces whole numbers of twelve digits. Both ids have the same
// length, so that no document changes its size.
func translate(body []byte, ids map[string]string) []byte {
	if len(ids) == 0 {
		return body
	}
	return digits.ReplaceAllFunc(body, func(d []byte) []byte {
		if len(d) == 12 {
			if id, ok := ids[string(d)]; ok {
				return []byte(id)
			}
		}
		return d
	})
}
