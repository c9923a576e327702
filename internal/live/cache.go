package live

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// resumable is how old answers may be that an unfinished read left behind.
const resumable = time.Hour

// finishedKey is the entry that a read leaves when it has come to its end.
const finishedKey = "finished"

// A cache keeps answers in a file, one to a line, as they come. A line that
// was cut off or changed is as good as none. It holds what AWS answered about
// the organization, and no credentials; nobody but the user can read it.
type cache struct {
	scope string // what else the answers depend on
	now   func() time.Time

	mu   sync.Mutex
	file *os.File
	end  int64
	at   map[string]place
}

// A place is where an answer stands in the file.
type place struct {
	offset int64
	length int
	read   time.Time
}

// An entry is one line.
type entry struct {
	Key   string          `json:"key"`
	Read  time.Time       `json:"read"`
	Sum   string          `json:"sum"`
	Value json.RawMessage `json:"value"`
}

// sum covers everything else, so that no part of a line can change.
func (e entry) sum(scope string) string {
	h := sha256.New()
	for _, part := range []string{scope, e.Key, e.Read.UTC().Format(time.RFC3339Nano), string(e.Value)} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// openCache opens the file of an organization, and forgets what is too old.
// With maxAge 0 it takes the answers of a read that did not come to its end;
// below 0 it takes none.
func openCache(dir, organization, scope string, maxAge time.Duration, now func() time.Time) (*cache, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	c := &cache{scope: scope, now: now, at: map[string]place{}}
	name := filepath.Join(dir, organization+".jsonl")
	old, err := os.Open(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if c.file, err = os.CreateTemp(dir, organization+".*.tmp"); err != nil { // mode 0600
		return nil, err
	}
	if old != nil {
		err = c.take(old, maxAge)
		old.Close()
	}
	// Not every system renames a file that is open.
	if err = errors.Join(err, c.file.Close()); err == nil {
		err = os.Rename(c.file.Name(), name)
	}
	if err != nil {
		os.Remove(c.file.Name())
		return nil, err
	}
	c.file, err = os.OpenFile(name, os.O_RDWR, 0o600)
	return c, err
}

// take copies what may still be used; of several answers to a question the last.
func (c *cache) take(old *os.File, maxAge time.Duration) error {
	finished, last := false, map[string]place{}
	var keys []string
	r, offset := bufio.NewReader(old), int64(0)
	for {
		line, err := r.ReadBytes('\n')
		if err != nil {
			break // what is left was cut off
		}
		e, ok := c.entry(line)
		switch _, known := last[e.Key]; {
		case !ok:
		case e.Key == finishedKey:
			finished = true
		default:
			if !known {
				keys = append(keys, e.Key)
			}
			last[e.Key] = place{offset, len(line), e.Read}
		}
		offset += int64(len(line))
	}
	if maxAge < 0 || maxAge == 0 && finished {
		return nil
	}
	if maxAge == 0 {
		maxAge = resumable
	}
	for _, key := range keys {
		p := last[key]
		if age := c.now().Sub(p.read); age < 0 || age > maxAge {
			continue
		}
		line := make([]byte, p.length)
		if _, err := old.ReadAt(line, p.offset); err != nil {
			return err
		}
		if err := c.write(key, p.read, line); err != nil {
			return err
		}
	}
	return nil
}

// entry reads a line; it is false for one that is not as it was written.
func (c *cache) entry(line []byte) (entry, bool) {
	var e entry
	if json.Unmarshal(line, &e) != nil || e.Sum != e.sum(c.scope) {
		return entry{}, false
	}
	return e, true
}

// write appends a line, which ends in a line feed.
func (c *cache) write(key string, read time.Time, line []byte) error {
	if _, err := c.file.WriteAt(line, c.end); err != nil {
		return err
	}
	c.at[key] = place{c.end, len(line), read}
	c.end += int64(len(line))
	return nil
}

// get reads an answer into v, and says when it was given.
func (c *cache) get(key string, v any) (time.Time, bool) {
	if c == nil {
		return time.Time{}, false
	}
	c.mu.Lock()
	p, ok := c.at[key]
	c.mu.Unlock()
	if !ok {
		return time.Time{}, false
	}
	line := make([]byte, p.length)
	if _, err := c.file.ReadAt(line, p.offset); err != nil {
		return time.Time{}, false
	}
	e, ok := c.entry(line)
	return e.Read, ok && json.Unmarshal(e.Value, v) == nil
}

// put keeps an answer.
func (c *cache) put(key string, v any) error {
	if c == nil {
		return nil
	}
	value, err := json.Marshal(v)
	if err != nil {
		return err
	}
	e := entry{Key: key, Read: c.now().UTC().Round(0), Value: value}
	e.Sum = e.sum(c.scope)
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.write(key, e.Read, append(line, '\n'))
}

// close ends the cache; finished says that nothing is left to be resumed.
func (c *cache) close(finished bool) error {
	if c == nil {
		return nil
	}
	var err error
	if finished {
		err = c.put(finishedKey, true)
	}
	return errors.Join(err, c.file.Close())
}
