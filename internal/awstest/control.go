package awstest

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// controlPath is where another process steers the proxy:
//
//	GET    /_awstest/calls        the record, one JSON object per line
//	DELETE /_awstest/calls        empty it (POST /_awstest/reset does the same)
//	GET    /_awstest/faults       what goes wrong
//	PUT    /_awstest/faults       a Faults object
//	DELETE /_awstest/faults       nothing goes wrong, and held calls go on
//	POST   /_awstest/pause        a Pause object; answers with the Call when it is held (the header comes at once; an empty body is a timeout)
//	POST   /_awstest/resume       let all held calls go, forget all pauses
//	PUT    /_awstest/account-ids  {"e-mail": "account id"} for accounts to be created
//	GET    /_awstest/info         {"url", "motoUrl", "motoPid", "managementAccountId"}
const controlPath = "/_awstest/"

func (e *Emulator) control(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + strings.TrimPrefix(r.URL.Path, controlPath) {
	case "GET calls":
		w.Header().Set("Content-Type", "application/jsonl")
		b := bufio.NewWriter(w)
		defer b.Flush()
		enc := json.NewEncoder(b)
		for _, c := range e.Calls() {
			enc.Encode(c)
		}
	case "DELETE calls", "POST reset":
		e.ResetCalls()
		w.WriteHeader(http.StatusNoContent)
	case "GET faults":
		e.faults.mu.Lock()
		f := e.faults.faults
		e.faults.mu.Unlock()
		writeJSON(w, f)
	case "PUT faults":
		var f Faults
		if readJSON(w, r, &f) {
			e.SetFaults(f)
			w.WriteHeader(http.StatusNoContent)
		}
	case "DELETE faults":
		e.SetFaults(Faults{})
		e.faults.release()
		w.WriteHeader(http.StatusNoContent)
	case "POST pause":
		e.controlPause(w, r)
	case "POST resume":
		e.Resume()
		w.WriteHeader(http.StatusNoContent)
	case "PUT account-ids":
		ids := map[string]string{}
		if readJSON(w, r, &ids) {
			for email, id := range ids {
				e.ids.want(email, id)
			}
			w.WriteHeader(http.StatusNoContent)
		}
	case "GET info":
		writeJSON(w, e.Info())
	default:
		http.Error(w, "no such control: see internal/awstest/control.go", http.StatusNotFound)
	}
}

// controlPause answers when the call is held, so that the caller can kill
// what it means to kill and then resume.
func (e *Emulator) controlPause(w http.ResponseWriter, r *http.Request) {
	var p Pause
	if !readJSON(w, r, &p) {
		return
	}
	timeout := 10 * time.Minute
	if s := r.URL.Query().Get("timeout"); s != "" {
		d, err := time.ParseDuration(s)
		if err != nil {
			http.Error(w, "timeout: "+err.Error(), http.StatusBadRequest)
			return
		}
		timeout = d
	}
	held := e.PauseAt(p)
	// The header tells the caller that the pause is set; the body waits.
	w.Header().Set("Content-Type", "application/json")
	if f, ok := w.(http.Flusher); ok {
		w.WriteHeader(http.StatusOK)
		f.Flush()
	}
	select {
	case c := <-held.Reached:
		json.NewEncoder(w).Encode(c)
	case <-time.After(timeout):
		e.faults.forget(held)
	case <-r.Context().Done():
		e.faults.forget(held)
	}
}

// Info is what another process needs to know of an emulator.
type Info struct {
	URL                 string `json:"url"`
	MotoURL             string `json:"motoUrl"`
	MotoPID             int    `json:"motoPid"`
	ManagementAccountID string `json:"managementAccountId"`
}

// Info says where the emulator is.
func (e *Emulator) Info() Info {
	return Info{URL: e.url, MotoURL: e.process.url, MotoPID: e.MotoPID(), ManagementAccountID: e.options.ManagementAccountID}
}

// Resume lets all held calls go and forgets all pauses.
func (e *Emulator) Resume() { e.faults.release() }

func readJSON(w http.ResponseWriter, r *http.Request, into any) bool {
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxRequest))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		http.Error(w, "read request: "+err.Error(), http.StatusBadRequest)
		return false
	}
	return true
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}
