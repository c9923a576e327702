package live

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// An Invitation is one to join the organization that is open: neither accepted
// nor declined, cancelled or expired.
type Invitation struct {
	ID      string    `json:"id"`      // of the handshake: h-…
	Account string    `json:"account"` // the account id, or the e-mail, that was invited
	Sent    time.Time `json:"sent"`
	Expires time.Time `json:"expires"`
}

// Until is the day up to which it can be accepted.
func (i Invitation) Until() string { return i.Expires.UTC().Format(time.DateOnly) }

// Invitations are the open invitations of the organization, by the account id
// or the e-mail that was invited.
func (s *Session) Invitations(ctx context.Context) (map[string]Invitation, error) {
	open := map[string]Invitation{}
	pages := organizations.NewListHandshakesForOrganizationPaginator(s.organizations(), &organizations.ListHandshakesForOrganizationInput{
		Filter: &orgtypes.HandshakeFilter{ActionType: orgtypes.ActionTypeInviteAccountToOrganization},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the invitations: %w", err)
		}
		for _, h := range page.Handshakes {
			if i := invitation(h); i.Account != "" && (h.State == orgtypes.HandshakeStateOpen || h.State == orgtypes.HandshakeStateRequested) {
				open[i.Account] = i
			}
		}
	}
	return open, nil
}

func invitation(h orgtypes.Handshake) Invitation {
	i := Invitation{ID: aws.ToString(h.Id), Sent: aws.ToTime(h.RequestedTimestamp), Expires: aws.ToTime(h.ExpirationTimestamp)}
	for _, p := range h.Parties {
		if p.Type != orgtypes.HandshakePartyTypeOrganization {
			i.Account = aws.ToString(p.Id)
		}
	}
	return i
}
