package templates_test

import "maps"

// Uses of the templates for data with other parameters than the defaults.
func init() {
	maps.Copy(variants, map[string]map[string]any{
		"deny-kms-rsa-2048.signing":             {"usages": []any{"ENCRYPT_DECRYPT", "SIGN_VERIFY"}},
		"protect-glacier-vaults.named":          {"vaults": []any{"ledgers", "audit-*"}},
		"protect-tagged-kms-keys.owner":         {"tagKey": "owner", "tagValues": []any{"security-*"}},
		"require-kms-deletion-window.fortnight": {"days": float64(14)},
		"require-kms-key-origin.cloudhsm":       {"origins": []any{"AWS_CLOUDHSM"}},
		"require-kms-key-origin.external":       {"origins": []any{"EXTERNAL_KEY_STORE"}},
		"require-kms-key-origin.imported":       {"origins": []any{"EXTERNAL"}},
		"restrict-ram-sharing.trusted":          {"trustedAccounts": []any{"999999999999"}},
	})
}
