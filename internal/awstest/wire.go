package awstest

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

// problem is an AWS error: the code and message as AWS spells them, and the
// fields that typed exceptions carry.
type problem struct {
	code    string
	message string
	status  int // 0 is 400
	fields  map[string]any
}

func refuse(code, format string, args ...any) *problem {
	return &problem{code: code, message: fmt.Sprintf(format, args...)}
}

func (p *problem) with(field string, value any) *problem {
	if p.fields == nil {
		p.fields = map[string]any{}
	}
	p.fields[field] = value
	return p
}

func (p *problem) as(status int) *problem { p.status = status; return p }

// answer writes the problem the way the called service does: awsJson1.1 for
// Organizations, awsQuery for IAM and STS, restJson1 for Access Analyzer.
func (p *problem) answer(q *request) *answer {
	a := &answer{status: p.status, code: p.code, header: http.Header{}}
	if a.status == 0 {
		a.status = http.StatusBadRequest
	}
	switch q.service {
	case "iam", "sts":
		a.header.Set("Content-Type", "text/xml")
		a.body = []byte("<ErrorResponse xmlns=\"" + namespace(q.service) + "\"><Error><Type>Sender</Type><Code>" +
			escape(p.code) + "</Code><Message>" + escape(p.message) + "</Message></Error><RequestId>" + requestID + "</RequestId></ErrorResponse>")
		return a
	case "organizations":
		a.header.Set("Content-Type", "application/x-amz-json-1.1")
		a.body = document(map[string]any{"__type": p.code, "Message": p.message}, p.fields)
	default:
		a.header.Set("Content-Type", "application/json")
		a.header.Set("X-Amzn-Errortype", p.code)
		a.body = document(map[string]any{"message": p.message}, p.fields)
	}
	a.header.Set("X-Amzn-Requestid", requestID)
	return a
}

// requestID is the same for every answer of the proxy, and so is easily told
// from moto's.
const requestID = "0a115500-0000-4000-8000-000000000000"

func document(maps ...map[string]any) []byte {
	all := map[string]any{}
	for _, m := range maps {
		for k, v := range m {
			all[k] = v
		}
	}
	body, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return body
}

// ok is a JSON answer.
func ok(q *request, v any) *answer {
	a := &answer{status: http.StatusOK, header: http.Header{}}
	a.header.Set("Content-Type", "application/json")
	if q.service == "organizations" {
		a.header.Set("Content-Type", "application/x-amz-json-1.1")
	}
	a.header.Set("X-Amzn-Requestid", requestID)
	body, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	a.body = body
	return a
}

// okXML is an answer of the query protocol; result is XML.
func okXML(q *request, result string) *answer {
	a := &answer{status: http.StatusOK, header: http.Header{}}
	a.header.Set("Content-Type", "text/xml")
	a.body = []byte("<" + q.operation + "Response xmlns=\"" + namespace(q.service) + "\"><" + q.operation + "Result>" + result +
		"</" + q.operation + "Result><ResponseMetadata><RequestId>" + requestID + "</RequestId></ResponseMetadata></" + q.operation + "Response>")
	return a
}

func namespace(service string) string {
	if service == "sts" {
		return "https://sts.amazonaws.com/doc/2011-06-15/"
	}
	return "https://iam.amazonaws.com/doc/2010-05-08/"
}

func escape(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s))
	return b.String()
}

var xmlCode = regexp.MustCompile(`<Code>([^<]+)</Code>`)

// errorCode reads AWS's error code out of an answer of moto.
func errorCode(a *answer) string {
	code := a.header.Get("X-Amzn-Errortype")
	if code == "" {
		var body struct {
			Type string `json:"__type"`
		}
		if json.Unmarshal(a.body, &body) == nil {
			code = body.Type
		}
	}
	if code == "" {
		if m := xmlCode.FindSubmatch(a.body); m != nil {
			code = string(m[1])
		}
	}
	if i := strings.LastIndexByte(code, '#'); i >= 0 {
		code = code[i+1:]
	}
	code, _, _ = strings.Cut(code, ":")
	return code
}

func unavailable(q *request, message string) *answer {
	return refuse("ServiceUnavailable", "%s", message).as(http.StatusServiceUnavailable).answer(q)
}
