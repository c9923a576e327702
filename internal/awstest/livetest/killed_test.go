package livetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/orgrails/orgrails/internal/live"
)

// TestReaderProcess is no test: it is the process that killed kills.
func TestReaderProcess(t *testing.T) {
	url := os.Getenv("LIVETEST_URL")
	if url == "" {
		t.Skip("started by TestRead")
	}
	s := must(live.Open(t.Context(), live.Options{Region: regions[0], Env: map[string]string{
		"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": os.Getenv("LIVETEST_KEY"), "AWS_SECRET_ACCESS_KEY": "secret",
	}}))(t)
	_, err := live.Read(t.Context(), s, live.ReadOptions{Regions: regions, Clock: &hasty{now: time.Now()}, Cache: os.Getenv("LIVETEST_CACHE"), Concurrency: 8})
	t.Errorf("the read came to its end: %v", err)
}

// killed kills a process that reads, and takes its read up again.
func (b *built) killed(t *testing.T) {
	b.e.ResetCalls()
	dir := filepath.Join(t.TempDir(), "live")
	key, _ := b.e.AccessKey(b.org.ManagementAccount)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestReaderProcess$")
	cmd.Env = append(os.Environ(), "LIVETEST_URL="+b.e.URL(), "LIVETEST_KEY="+key, "LIVETEST_CACHE="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); len(b.e.Calls()) < 300; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error("the process reads nothing")
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait()
	made := len(b.e.Calls())

	// The clock of the process ran ahead, too.
	opts := live.ReadOptions{Regions: regions, Clock: &hasty{now: time.Now().Add(50 * time.Minute)}, Cache: dir}
	s := must(live.Read(t.Context(), b.session(t), opts))(t)
	b.compare(t, s)
	b.wantReads(t, b.least()+2+4*8)
	if age := s.Age(s.Taken); age < 40*time.Minute || made < 300 || made > 500 {
		t.Errorf("the oldest answer is %v old; %d calls were made before", age, made)
	}
}
