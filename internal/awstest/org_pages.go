package awstest

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// pageSize is the most that Organizations puts on a page.
// https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListTargetsForPolicy.html
const pageSize = 20

// wholeLists are the operations that moto or the proxy answer with everything
// at once, and what their lists are called. AWS answers in pages.
var wholeLists = map[string]string{
	"ListTargetsForPolicy":                "Targets",
	"ListChildren":                        "Children",
	"ListAWSServiceAccessForOrganization": "EnabledServicePrincipals",
	"ListDelegatedAdministrators":         "DelegatedAdministrators",
	"ListDelegatedServicesForAccount":     "DelegatedServices",
	"ListHandshakesForOrganization":       "Handshakes",
	"ListHandshakesForAccount":            "Handshakes",
}

// onePage cuts the page out that the call asks for.
func onePage(q *request, a *answer) *answer {
	name := wholeLists[q.operation]
	if name == "" || a.status != http.StatusOK {
		return a
	}
	var all map[string]json.RawMessage
	var list []json.RawMessage
	if json.Unmarshal(a.body, &all) != nil || json.Unmarshal(all[name], &list) != nil {
		return a
	}
	size := pageSize
	if n, ok := number(q.params["MaxResults"]); ok && n > 0 {
		size = min(int(n), pageSize)
	}
	from := 0
	if token := q.string("NextToken"); token != "" {
		n, err := strconv.Atoi(token)
		if err != nil || n < 0 || n > len(list) {
			return refuse("InvalidInputException", "You specified an invalid value.").with("Reason", "INVALID_NEXT_TOKEN").answer(q)
		}
		from = n
	}
	to := min(from+size, len(list))
	page := map[string]any{name: list[from:to]}
	if to < len(list) {
		page["NextToken"] = strconv.Itoa(to)
	}
	return ok(q, page)
}
