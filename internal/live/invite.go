package live

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/organizations"
	orgtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/smithy-go"
)

// Invite has AWS invite an account to the organization. AWS writes an e-mail to
// the account's root user; the account joins when it accepts.
func (s *Session) Invite(ctx context.Context, account string) (Invitation, error) {
	out, err := s.organizations().InviteAccountToOrganization(ctx, &organizations.InviteAccountToOrganizationInput{
		Target: &orgtypes.HandshakeParty{Id: &account, Type: orgtypes.HandshakePartyTypeAccount},
	})
	var handshake *orgtypes.HandshakeConstraintViolationException
	var api smithy.APIError
	switch {
	case errors.As(err, &handshake):
		return Invitation{}, fmt.Errorf("%s %s: %s", handshake.ErrorCode(), handshake.Reason, handshake.ErrorMessage())
	case errors.As(err, &api):
		return Invitation{}, fmt.Errorf("%s: %s", api.ErrorCode(), api.ErrorMessage())
	case err != nil:
		return Invitation{}, err
	}
	return invitation(*out.Handshake), nil
}
