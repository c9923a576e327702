package live

import (
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A wire sends nothing: it notes where requests would go, and for which Region
// they are signed.
type wire struct{ sent []string }

var errNotSent = errors.New("nothing is sent")

// Do notes a request.
func (w *wire) Do(r *http.Request) (*http.Response, error) {
	region := "unsigned"
	if _, scope, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		region = strings.Split(scope, "/")[2]
	}
	w.sent = append(w.sent, r.URL.Scheme+"://"+r.URL.Host+" "+region)
	return nil, errNotSent
}

// asked are where a session would ask each of the services.
func asked(t *testing.T, region string) string {
	t.Helper()
	s, err := Open(t.Context(), Options{Region: region})
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{}
	s.cfg.HTTPClient, s.cfg.Retryer = w, nil
	s.cfg.RetryMaxAttempts = 1
	_, _ = s.organizations().DescribeOrganization(t.Context(), nil)
	_, _ = s.iam().GetAccountSummary(t.Context(), nil)
	_, _ = s.sts().GetCallerIdentity(t.Context(), nil)
	_, _ = s.analyzers().ListAnalyzers(t.Context(), nil)
	return strings.Join(w.sent, "\n")
}

// unset takes away what the environment says of AWS; the keys are made up.
func unset(t *testing.T) {
	t.Helper()
	clean(t)
	for _, v := range os.Environ() { // t.Setenv in clean puts them back
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "AWS_ENDPOINT") || name == "AWS_PROFILE" || name == "AWS_REGION" {
			os.Unsetenv(name)
		}
	}
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "environment-secret")
}

// What the environment and the profile say of endpoints holds, in every
// partition; Organizations and IAM answer in one Region of each.
func TestEndpoints(t *testing.T) {
	for _, c := range []struct {
		name, region string
		env          map[string]string
		config       string
		want         string // Organizations, IAM, STS, Access Analyzer
	}{
		{"commercial", "eu-central-1", nil, "", `https://organizations.us-east-1.amazonaws.com us-east-1
https://iam.amazonaws.com us-east-1
https://sts.eu-central-1.amazonaws.com eu-central-1
https://access-analyzer.eu-central-1.amazonaws.com eu-central-1`},
		{"China", "cn-north-1", nil, "", `https://organizations.cn-northwest-1.amazonaws.com.cn cn-northwest-1
https://iam.cn-north-1.amazonaws.com.cn cn-north-1
https://sts.cn-north-1.amazonaws.com.cn cn-north-1
https://access-analyzer.cn-north-1.amazonaws.com.cn cn-north-1`},
		{"GovCloud", "us-gov-east-1", nil, "", `https://organizations.us-gov-west-1.amazonaws.com us-gov-west-1
https://iam.us-gov.amazonaws.com us-gov-west-1
https://sts.us-gov-east-1.amazonaws.com us-gov-east-1
https://access-analyzer.us-gov-east-1.amazonaws.com us-gov-east-1`},
		{"FIPS", "us-east-2", map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"}, "", `https://organizations-fips.us-east-1.amazonaws.com us-east-1
https://iam-fips.amazonaws.com us-east-1
https://sts-fips.us-east-2.amazonaws.com us-east-2
https://access-analyzer-fips.us-east-2.amazonaws.com us-east-2`},
		{"both addresses", "eu-central-1", map[string]string{"AWS_USE_DUALSTACK_ENDPOINT": "true"}, "", `https://organizations.us-east-1.api.aws us-east-1
https://iam.global.api.aws us-east-1
https://sts.eu-central-1.api.aws eu-central-1
https://access-analyzer.eu-central-1.api.aws eu-central-1`},
		{"one endpoint for all", "eu-central-1", map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "", `http://127.0.0.1:4566 us-east-1
http://127.0.0.1:4566 us-east-1
http://127.0.0.1:4566 eu-central-1
http://127.0.0.1:4566 eu-central-1`},
		{"one for a service", "eu-central-1", map[string]string{"AWS_ENDPOINT_URL_ORGANIZATIONS": "https://vpce-1.example"}, "", `https://vpce-1.example us-east-1
https://iam.amazonaws.com us-east-1
https://sts.eu-central-1.amazonaws.com eu-central-1
https://access-analyzer.eu-central-1.amazonaws.com eu-central-1`},
		{"one for a service before the one for all", "eu-central-1",
			map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_ENDPOINT_URL_STS": "https://vpce-2.example"}, "", `http://127.0.0.1:4566 us-east-1
http://127.0.0.1:4566 us-east-1
https://vpce-2.example eu-central-1
http://127.0.0.1:4566 eu-central-1`},
		{"one for each service", "cn-north-1", map[string]string{"AWS_ENDPOINT_URL_ORGANIZATIONS": "https://vpce-1.example", "AWS_ENDPOINT_URL_IAM": "https://vpce-2.example",
			"AWS_ENDPOINT_URL_STS": "https://vpce-3.example", "AWS_ENDPOINT_URL_ACCESSANALYZER": "https://vpce-4.example"}, "", `https://vpce-1.example cn-northwest-1
https://vpce-2.example cn-north-1
https://vpce-3.example cn-north-1
https://vpce-4.example cn-north-1`},
		{"endpoints that are to be ignored", "eu-central-1",
			map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:4566", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, "", `https://organizations.us-east-1.amazonaws.com us-east-1
https://iam.amazonaws.com us-east-1
https://sts.eu-central-1.amazonaws.com eu-central-1
https://access-analyzer.eu-central-1.amazonaws.com eu-central-1`},
		{"of a profile", "eu-central-1", map[string]string{"AWS_PROFILE": "here"}, `[profile here]
endpoint_url = http://127.0.0.1:4566
services = some
[services some]
iam =
  endpoint_url = https://vpce-3.example
`, `http://127.0.0.1:4566 us-east-1
https://vpce-3.example us-east-1
http://127.0.0.1:4566 eu-central-1
http://127.0.0.1:4566 eu-central-1`},
		{"the Region of a profile", "", map[string]string{"AWS_PROFILE": "here"}, `[profile here]
region = us-gov-west-1
use_fips_endpoint = true
`, `https://organizations.us-gov-west-1.amazonaws.com us-gov-west-1
https://iam.us-gov.amazonaws.com us-gov-west-1
https://sts.us-gov-west-1.amazonaws.com us-gov-west-1
https://access-analyzer.us-gov-west-1.amazonaws.com us-gov-west-1`},
	} {
		t.Run(c.name, func(t *testing.T) {
			unset(t)
			config := filepath.Join(t.TempDir(), "config")
			if err := os.WriteFile(config, []byte(c.config), 0o600); err != nil {
				t.Fatal(err)
			}
			t.Setenv("AWS_CONFIG_FILE", config)
			for name, value := range c.env {
				t.Setenv(name, value)
			}
			if got := asked(t, c.region); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// Whose credentials a session has, by the environment and by profiles.
func TestCredentials(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the process is a shell script")
	}
	dir := t.TempDir()
	process := filepath.Join(dir, "process")
	for name, text := range map[string]string{
		process: "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"AKIAPROCESS\",\"SecretAccessKey\":\"s\"}'\n",
		filepath.Join(dir, "config"): `[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = s
[profile process]
credential_process = ` + process + "\n",
		filepath.Join(dir, "credentials"): `[shared]
aws_access_key_id = AKIASHARED
aws_secret_access_key = s
`} {
		if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		profile string
		keys    bool
		want    string
	}{{"", true, "AKIAENVIRONMENT"}, {"", false, "AKIADEFAULT"}, {"shared", false, "AKIASHARED"}, {"process", false, "AKIAPROCESS"}} {
		t.Run(c.want, func(t *testing.T) {
			unset(t)
			if !c.keys {
				os.Unsetenv("AWS_ACCESS_KEY_ID")
				os.Unsetenv("AWS_SECRET_ACCESS_KEY")
			}
			t.Setenv("AWS_CONFIG_FILE", filepath.Join(dir, "config"))
			t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(dir, "credentials"))
			if c.profile != "" {
				t.Setenv("AWS_PROFILE", c.profile)
			}
			s, err := Open(t.Context(), Options{Region: "eu-central-1"})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := s.cfg.Credentials.Retrieve(t.Context()); err != nil || got.AccessKeyID != c.want {
				t.Errorf("%s: %v", got.AccessKeyID, err)
			}
		})
	}
}

// The credentials of a profile that signs in with IAM Identity Center are those
// that AWS gives for the token which "aws sso login" left.
func TestIdentityCenterProfile(t *testing.T) {
	unset(t)
	var token string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token = r.Header.Get("X-Amz-Sso_bearer_token")
		if r.URL.Path != "/federation/credentials" || r.URL.Query().Get("account_id") != "111111111111" || r.URL.Query().Get("role_name") != "Organizer" {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		io.WriteString(w, `{"roleCredentials":{"accessKeyId":"ASIASIGNEDIN","secretAccessKey":"s","sessionToken":"t","expiration":4070908800000}}`)
	}))
	defer server.Close()
	home := t.TempDir()
	sum := sha1.Sum([]byte("acme"))
	cache := filepath.Join(home, ".aws", "sso", "cache", hex.EncodeToString(sum[:])+".json")
	if err := os.MkdirAll(filepath.Dir(cache), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		cache: `{"accessToken":"an-access-token","expiresAt":"2099-01-01T00:00:00Z"}`,
		filepath.Join(home, ".aws", "config"): `[profile acme]
sso_session = acme
sso_account_id = 111111111111
sso_role_name = Organizer
[sso-session acme]
sso_start_url = https://acme.awsapps.example/start
sso_region = eu-west-1
`} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, value := range map[string]string{"HOME": home, "USERPROFILE": home, "AWS_CONFIG_FILE": filepath.Join(home, ".aws", "config"), "AWS_PROFILE": "acme", "AWS_ENDPOINT_URL_SSO": server.URL} {
		t.Setenv(name, value)
	}
	os.Unsetenv("AWS_ACCESS_KEY_ID") // keys of the environment would come before; t.Setenv in unset puts them back
	os.Unsetenv("AWS_SECRET_ACCESS_KEY")
	var told []string
	s, err := Open(WithTrace(t.Context(), func(r Request) {
		told = append(told, fmt.Sprint(r.Service, " ", r.Operation, " ", r.Region, " ", r.Status))
	}), Options{Region: "eu-central-1"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.cfg.Credentials.Retrieve(t.Context())
	if err != nil || got.AccessKeyID != "ASIASIGNEDIN" || token != "an-access-token" {
		t.Errorf("%s with the token %q: %v", got.AccessKeyID, token, err)
	}
	if len(told) != 1 || told[0] != "SSO GetRoleCredentials eu-west-1 200" {
		t.Errorf("%q", told)
	}
}
