package compile

import (
	"github.com/orgrails/orgrails/guardrails/awsdata"
	"github.com/orgrails/orgrails/guardrails/org"
)

type quotasType = awsdata.Quotas

func quotas(change func(*awsdata.Quotas)) awsdata.Quotas {
	var q awsdata.Quotas
	change(&q)
	return q
}

func exceptionFor(key, guardrail string, accounts ...*org.Account) org.Exception {
	return org.Exception{Key: key, Guardrail: guardrail, Accounts: accounts}
}
