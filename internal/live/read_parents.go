package live

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
)

// parents finds the parents of accounts whose path AWS did not tell, as it
// may in a partition that does not have it yet. It asks by account or by
// parent, whichever takes fewer calls.
func (r *reader) parents(o *organizations.Client, root Answer[Root], units Answer[[]Unit], accounts Answer[[]Account]) Answer[[]Account] {
	list, ok := accounts.Get()
	if !ok {
		return accounts
	}
	list = slices.Clone(list)
	var lost []int // indices
	for i, a := range list {
		if !a.ParentID.IsRead() {
			lost = append(lost, i)
		}
	}
	top, rootOK := root.Get()
	below, unitsOK := units.Get()
	if len(lost) == 0 {
		return accounts
	}
	if !rootOK || !unitsOK || len(lost) <= len(below)+1 {
		r.each(len(lost), func(i int) { list[lost[i]].ParentID = r.parentOf(o, list[lost[i]].ID) })
		return answered(list)
	}
	nodes := []string{top.ID}
	for _, u := range below {
		nodes = append(nodes, u.ID)
	}
	in := make([]Answer[[]string], len(nodes))
	r.each(len(nodes), func(i int) { in[i] = r.accountsIn(o, nodes[i]) })
	of := map[string]string{}
	for i, a := range in {
		ids, _ := a.Get() // a list that is missing leaves its accounts without a parent
		for _, id := range ids {
			of[id] = nodes[i]
		}
	}
	for _, i := range lost {
		if p := of[list[i].ID]; p != "" {
			list[i].ParentID = answered(p)
		}
	}
	return answered(list)
}

func (r *reader) parentOf(o *organizations.Client, account string) Answer[string] {
	q := question{what: "the parent of account " + account, api: "organizations:ListParents", about: account}
	return ask(r, q, func(ctx context.Context) (string, error) {
		out, err := o.ListParents(ctx, &organizations.ListParentsInput{ChildId: &account})
		if err != nil {
			return "", err
		}
		for _, p := range out.Parents {
			return aws.ToString(p.Id), nil
		}
		return "", errIncomplete
	})
}

func (r *reader) accountsIn(o *organizations.Client, parent string) Answer[[]string] {
	q := question{what: "the accounts in " + parent, api: "organizations:ListAccountsForParent", about: parent}
	return ask(r, q, func(ctx context.Context) ([]string, error) {
		ids := []string{}
		pages := organizations.NewListAccountsForParentPaginator(o, &organizations.ListAccountsForParentInput{ParentId: &parent, MaxResults: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, a := range page.Accounts {
				ids = append(ids, aws.ToString(a.Id))
			}
		}
		return ids, nil
	})
}
