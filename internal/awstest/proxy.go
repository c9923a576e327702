package awstest

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// answer is what goes back to the caller.
type answer struct {
	status int
	header http.Header
	body   []byte
	code   string // AWS's error code, for the record
	drop   bool   // close the connection instead
}

// maxRequest is far above any document AWS takes (a million characters).
const maxRequest = 16 << 20

func (e *Emulator) serve(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPath) {
		e.control(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	q := e.parseRequest(r, body)
	call := e.recorder.begin(q)
	a := e.answer(r.Context(), q, call)
	done := e.recorder.end(call, a)
	if e.options.OnCall != nil {
		e.options.OnCall(done)
	}
	if a.drop {
		drop(w)
		return
	}
	for k, v := range a.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	w.Write(a.body)
}

// answer puts the faults around the call. What is lost before forwarding
// never happened; what is lost after forwarding happened and nobody heard.
func (e *Emulator) answer(client context.Context, q *request, call Call) *answer {
	if a := e.faults.before(client, q, call); a != nil {
		return a
	}
	// A caller that goes away does not stop a call that AWS has taken.
	a := e.dispatch(q)
	return e.faults.after(client, q, call, a)
}

// dispatch answers a call that reached AWS.
func (e *Emulator) dispatch(q *request) *answer {
	switch q.service {
	case "organizations":
		return e.organizationsCall(q)
	case "iam":
		return e.iamCall(q)
	case "sts":
		return e.stsCall(q)
	case "access-analyzer":
		return e.analyzerCall(q)
	}
	return e.forward(q)
}

// forward gives the call to moto as it is, in the name of the account that
// the proxy knows the access key to belong to.
func (e *Emulator) forward(q *request) *answer {
	url := e.process.url + q.http.URL.RequestURI()
	r, err := http.NewRequest(q.http.Method, e.ids.toMotoString(url), bytes.NewReader(e.ids.toMoto(q.body)))
	if err != nil {
		return unavailable(q, err.Error())
	}
	for k, v := range q.http.Header {
		r.Header[k] = v
	}
	for _, hop := range []string{"Connection", "Accept-Encoding", "Content-Length", "Transfer-Encoding", "Expect"} {
		r.Header.Del(hop)
	}
	return e.roundTrip(r, q.account)
}

// roundTrip sends a request to moto in the name of an account.
func (e *Emulator) roundTrip(r *http.Request, account string) *answer {
	r.Header.Set("X-Moto-Account-Id", e.ids.toMotoString(account))
	resp, err := e.client.Do(r)
	if err != nil {
		return &answer{status: http.StatusBadGateway, body: []byte("moto does not answer: " + err.Error()), code: "MotoUnavailable"}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return &answer{status: http.StatusBadGateway, body: []byte("moto does not answer: " + err.Error()), code: "MotoUnavailable"}
	}
	a := &answer{status: resp.StatusCode, header: http.Header{}, body: e.ids.fromMoto(body)}
	for k, v := range resp.Header {
		switch k {
		case "Content-Length", "Connection", "Date", "Server", "Transfer-Encoding":
		default:
			a.header[k] = v
		}
	}
	if a.status >= 400 {
		a.code = errorCode(a)
	}
	return a
}

// drop ends the connection without an answer, with a reset where there is one.
func drop(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			if t, ok := conn.(interface{ SetLinger(int) error }); ok {
				t.SetLinger(0)
			}
			conn.Close()
			return
		}
	}
	panic(http.ErrAbortHandler)
}
