package live

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

func (r *reader) root(o *organizations.Client) Answer[Root] {
	q := question{what: "the root and its policy types", api: "organizations:ListRoots"}
	return ask(r, q, func(ctx context.Context) (Root, error) {
		root := Root{PolicyTypes: []RootPolicyType{}}
		pages := organizations.NewListRootsPaginator(o, &organizations.ListRootsInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return Root{}, err
			}
			for _, v := range page.Roots { // there is one
				root.ID, root.Name = aws.ToString(v.Id), aws.ToString(v.Name)
				for _, t := range v.PolicyTypes {
					root.PolicyTypes = append(root.PolicyTypes, RootPolicyType{string(t.Type), string(t.Status)})
				}
			}
		}
		if root.ID == "" {
			return Root{}, errIncomplete
		}
		slices.SortFunc(root.PolicyTypes, func(a, b RootPolicyType) int { return strings.Compare(a.Type, b.Type) })
		return root, nil
	})
}

// tree reads units and accounts. found is told the accounts as soon as they
// are known, which may be before it is known where all of them are.
func (r *reader) tree(o *organizations.Client, root Answer[Root], found func(Answer[[]Account])) (Answer[[]Unit], Answer[[]Account]) {
	var units Answer[[]Unit]
	var accounts, placed Answer[[]Account]
	listed := make(chan struct{})
	together(
		func() {
			accounts = r.accounts(o)
			close(listed)
			found(accounts)
		},
		func() {
			units = r.units(o, root)
			<-listed
			placed = r.parents(o, root, units, accounts)
		},
	)
	return units, placed
}

// units reads level by level: a list of Organizations is about one parent.
func (r *reader) units(o *organizations.Client, root Answer[Root]) Answer[[]Unit] {
	top, ok := root.Get()
	if !ok {
		r.missing(question{what: "the units"}, "the root could not be read")
		return Answer[[]Unit]{}
	}
	all, level, whole := []Unit{}, []string{top.ID}, true
	for len(level) > 0 {
		below := make([]Answer[[]Unit], len(level))
		r.progress("units", 0, len(level))
		r.each(len(level), func(i int) {
			below[i] = r.unitsIn(o, level[i])
			r.progress("units", 1, 0)
		})
		level = nil
		for _, b := range below {
			units, ok := b.Get()
			whole = whole && ok
			for _, u := range units {
				all, level = append(all, u), append(level, u.ID)
			}
		}
	}
	if !whole {
		return Answer[[]Unit]{}
	}
	slices.SortFunc(all, func(a, b Unit) int { return strings.Compare(a.ID, b.ID) })
	return answered(all)
}

func (r *reader) unitsIn(o *organizations.Client, parent string) Answer[[]Unit] {
	q := question{what: "the units in " + parent, api: "organizations:ListOrganizationalUnitsForParent", about: parent}
	return ask(r, q, func(ctx context.Context) ([]Unit, error) {
		units := []Unit{}
		pages := organizations.NewListOrganizationalUnitsForParentPaginator(o, &organizations.ListOrganizationalUnitsForParentInput{ParentId: &parent, MaxResults: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, u := range page.OrganizationalUnits {
				units = append(units, Unit{aws.ToString(u.Id), aws.ToString(u.Name), parent})
			}
		}
		return units, nil
	})
}

func (r *reader) accounts(o *organizations.Client) Answer[[]Account] {
	q := question{what: "the accounts", api: "organizations:ListAccounts"}
	return ask(r, q, func(ctx context.Context) ([]Account, error) {
		accounts := []Account{}
		pages := organizations.NewListAccountsPaginator(o, &organizations.ListAccountsInput{MaxResults: aws.Int32(pageSize)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, a := range page.Accounts {
				accounts = append(accounts, account(a))
			}
		}
		if len(accounts) == 0 { // the management account is always there
			return nil, errIncomplete
		}
		slices.SortFunc(accounts, func(a, b Account) int { return strings.Compare(a.ID, b.ID) })
		return accounts, nil
	})
}

// account takes over what AWS says. State replaces Status, which AWS retires.
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_account_state.html
func account(a orgtypes.Account) Account {
	out := Account{
		ID: aws.ToString(a.Id), Name: aws.ToString(a.Name), Email: aws.ToString(a.Email),
		State: string(a.State), JoinedMethod: string(a.JoinedMethod), Joined: aws.ToTime(a.JoinedTimestamp).UTC(),
	}
	if out.State == "" {
		out.State = string(a.Status)
	}
	for _, p := range a.Paths { // an account is in one place
		if parent := parentIn(p, out.ID); parent != "" {
			out.ParentID = answered(parent)
		}
	}
	return out
}

// parentIn is the id of the parent in the path of an account, such as
// o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/111111111111/; "" when it has none.
func parentIn(path, id string) string {
	steps := strings.Split(strings.Trim(path, "/"), "/")
	if len(steps) > 0 && steps[len(steps)-1] == id {
		steps = steps[:len(steps)-1]
	}
	if len(steps) == 0 {
		return ""
	}
	last := steps[len(steps)-1]
	if strings.HasPrefix(last, "r-") || strings.HasPrefix(last, "ou-") {
		return last
	}
	return ""
}
