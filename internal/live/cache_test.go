package live

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// journal is the one file of a cache.
func journal(t *testing.T, dir string) (name, text string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v %v", files, err)
	}
	b, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	return files[0], string(b)
}

// interrupted reads for a while, and is ended.
func interrupted(t *testing.T, s *Session, dir string, after time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), after)
	defer cancel()
	if _, err := Read(ctx, s, ReadOptions{Cache: dir}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("after %v: %v", after, err)
	}
	synctest.Wait()
}

// A read that was ended goes on where it stopped: in the end it has made the
// calls of one, and a few more.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), ".orgrails", "live")
		w := small()
		s := w.session(t)
		for _, after := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
			interrupted(t, s, dir, after)
		}
		began := time.Now()
		snap := mustRead(t, s, ReadOptions{Cache: dir})
		whole := mustRead(t, small().session(t), ReadOptions{})
		if !snap.Oldest.Before(began) || snap.Age(snap.Taken) < 5*time.Second {
			t.Errorf("the oldest answer is of %v, and the last run began %v", snap.Oldest, began)
		}
		snap.Taken, snap.Oldest = whole.Taken, whole.Oldest
		if !reflect.DeepEqual(snap, whole) {
			t.Error("what was put together differs from what was read at once")
		}
		least := 0
		for _, n := range w.minimum() {
			least += n
		}
		// Each run says who it is, and what was under way is asked again.
		if over := w.total() - least; over < 6 || over > 70 {
			t.Errorf("%d calls in four runs, %d are needed", w.total(), least)
		}
		t.Logf("%d calls in four runs, %d are needed", w.total(), least)
	})
}

// After a read that came to its end the next one asks again, unless it is told
// how old an answer may be.
func TestMaxAge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		w := small()
		s := w.session(t)
		calls := func(opts ReadOptions) int {
			opts.Cache = dir
			before := w.total()
			mustRead(t, s, opts)
			return w.total() - before
		}
		all := calls(ReadOptions{})
		for _, c := range []struct {
			name  string
			after time.Duration
			opts  ReadOptions
			want  int
		}{
			{"finished", time.Minute, ReadOptions{}, all},
			{"young enough", time.Minute, ReadOptions{MaxAge: time.Hour}, 2},
			{"too old", time.Hour, ReadOptions{MaxAge: time.Hour}, all},
			{"never", 0, ReadOptions{MaxAge: -1}, all},
			{"another role", 0, ReadOptions{MaxAge: time.Hour, Role: "Reader"}, all},
		} {
			time.Sleep(c.after)
			if got := calls(c.opts); got != c.want {
				t.Errorf("%s: %d calls, want %d", c.name, got, c.want)
			}
		}
		interrupted(t, s, dir, 3*time.Second)
		time.Sleep(2 * time.Hour)
		if got := calls(ReadOptions{}); got != all {
			t.Errorf("an unfinished read of two hours ago: %d calls, want %d", got, all)
		}
	})
}

// A damaged entry is read again, and nothing else is.
func TestDamagedCache(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		w := small()
		s := w.session(t)
		want := mustRead(t, s, ReadOptions{Cache: dir})
		name, text := journal(t, dir)
		for what, damage := range map[string]struct {
			text  string
			calls map[string]int
		}{
			"another value":   {strings.Replace(text, `"Description":"reads"`, `"Description":"READS"`, 1), nil},
			"a value changed": {strings.Replace(text, "a3@acme.example", "a4@acme.example", 1), map[string]int{"ListAccounts": 3}},
			"cut off":         {text[:len(text)-len("\n")-30], nil},
			"a line of noise": {"noise\n\x00\xff\n{}\n" + text, nil},
			"empty":           {"", w.minimum()},
		} {
			if err := os.WriteFile(name, []byte(damage.text), 0o600); err != nil {
				t.Fatal(err)
			}
			clear(w.calls)
			time.Sleep(time.Minute)
			got := mustRead(t, s, ReadOptions{Cache: dir, MaxAge: time.Hour})
			expected := maps.Clone(damage.calls)
			if expected == nil {
				expected = map[string]int{}
			}
			expected["GetCallerIdentity"], expected["DescribeOrganization"] = 1, 1
			if !maps.Equal(w.calls, expected) {
				t.Errorf("%s: %v, want %v", what, w.calls, expected)
			}
			got.Taken, got.Oldest = want.Taken, want.Oldest
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: another snapshot", what)
			}
		}
	})
}

// Only its user can read the cache, and no credentials are in it.
func TestCacheIsPrivate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "live")
		mustRead(t, small().session(t), ReadOptions{Cache: dir})
		name, text := journal(t, dir)
		if runtime.GOOS != "windows" {
			for path, want := range map[string]os.FileMode{name: 0o600, dir: 0o700 | os.ModeDir} {
				if info, err := os.Stat(path); err != nil || info.Mode() != want {
					t.Errorf("%s: %v %v", path, info.Mode(), err)
				}
			}
		}
		if len(text) < 10_000 {
			t.Fatalf("only %d bytes are kept", len(text))
		}
		for _, secret := range []string{"topsecret", "AKIA", "ASIA", "SecretAccessKey", "SessionToken"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s is kept", secret)
			}
		}
	})
}

func TestCacheThatCannotBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if snap, err := Read(t.Context(), small().session(t), ReadOptions{Cache: file}); err == nil || snap != nil {
			t.Errorf("%v %v", snap, err)
		}
	})
}
