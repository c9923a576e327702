package trial

import (
	"strings"
	"testing"
)

// Of many accounts in one place one is asked, and all are said; an account
// that a document names is asked for itself.
func TestAlikeAccountsAreAskedOnce(t *testing.T) {
	many := strings.Replace(base, `Prod: {accounts: {shop:`, `Prod: {accounts: {a: {id: "555555555551", email: a@acme.example}, b: {id: "555555555552", email: b@acme.example}, c: {id: "555555555553", email: c@acme.example}, shop:`, 1)
	for _, x := range []struct{ test, accounts, want string }{
		{`as: role/platform/Models, in: Workloads/Prod, action: "bedrock:InvokeModel", with: {"aws:RequestedRegion": us-east-1}, expect: deny`, "a b c shop",
			`test "x": in shop expected deny, but nothing denies it [GR370]`},
		{`as: role/platform/Models, in: Workloads/Prod, action: "bedrock:InvokeModel", with: {"aws:RequestedRegion": us-east-1}, expect: allow`, "a b c shop",
			`test "x": in a, b, c expected allow, but it is denied by restrict-regions [GR370]`},
	} {
		f := load(t, many+"tests:\n  - {name: x, "+x.test+"}\n")
		results, ds := f.run(t)
		if got := strings.Join(results[0].Accounts, " "); got != x.accounts {
			t.Errorf("%s: asked in %s, want %s", x.test, got, x.accounts)
		}
		if len(ds) != 1 || ds[0].Summary+" ["+ds[0].Code+"]" != x.want {
			t.Errorf("%s: got\n%swant %s", x.test, show(ds), x.want)
		}
	}
	w := load(t, many).world
	classes := map[string]string{}
	for _, account := range []string{"a", "b", "c", "shop", "dev"} {
		q := Question{As: "role/Anyone", Account: account, Action: "s3:GetObject", Resource: "*"}
		p, err := w.principal(q)
		if err != nil {
			t.Fatal(err)
		}
		classes[account] = w.alike(q, p)
	}
	if classes["a"] != classes["b"] || classes["a"] != classes["c"] || classes["a"] == classes["shop"] || classes["a"] == classes["dev"] {
		t.Errorf("classes: %q", classes)
	}
}
