"""Starts moto_server for internal/awstest: the same application, started so
that it suits a test.

What it changes, none of which changes an answer moto gives, but for the last three:
  - HTTP/1.1 with keep-alive, instead of a connection per call;
  - the AWS managed policies are parsed once, not once per account;
  - nothing is logged per request;
  - it ends when its standard input does, so that it never outlives a test
    that was killed;
  - Organizations has backup policies, which moto names and cannot make, and
    declarative policies for EC2, of which it does not know;
  - accounts and units of Organizations say where they are: Paths and Path;
  - the authorization details of an account name its managed policies.
"""

import json
import os
import sys
import threading

os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

from moto.iam import models  # noqa: E402
from moto.moto_server import werkzeug_app  # noqa: E402
from moto.organizations import models as organizations  # noqa: E402
from werkzeug.serving import WSGIRequestHandler, make_server  # noqa: E402


shared = []


def aws_managed_policies(backend):
    """One list for all accounts."""
    if not shared:
        shared.extend(
            models.AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, d)
            for name, d in json.loads(models.aws_managed_policies_data).items()
        )
    return shared


# The last parts of the ARNs are those of the page:
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
more_policy_types = {
    "BACKUP_POLICY": "backup_policy",
    "DECLARATIVE_POLICY_EC2": "declarative_policy_ec2",
}


def more_policies():
    """Makes policies of the types that moto lacks, as those of a type it has."""
    for of in (organizations.FakeRoot, organizations.FakePolicy):
        of.SUPPORTED_POLICY_TYPES = sorted({*of.SUPPORTED_POLICY_TYPES, *more_policy_types})
    make = organizations.FakePolicy.__init__

    def init(self, organization, **kwargs):
        policy_type = kwargs.get("Type", "")
        if policy_type in more_policy_types:
            kwargs["Type"] = "TAG_POLICY"
        make(self, organization, **kwargs)
        if policy_type in more_policy_types:
            self.type = policy_type
            self._arn_format = self._arn_format.replace("tag_policy", more_policy_types[policy_type])

    organizations.FakePolicy.__init__ = init


# https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
# https://docs.aws.amazon.com/organizations/latest/APIReference/API_OrganizationalUnit.html
def paths():
    """Puts Paths into accounts and Path into units: all ids from the
    organization down to the thing itself."""

    def path(of):
        partition = organizations.get_partition(of.region)
        backend = organizations.organizations_backends[of.master_account_id][partition]
        units = backend.__dict__.setdefault("units_by_id", {})
        ids, at = [of.id], of.parent_id
        while at:
            if at not in units:
                units.update((ou.id, ou) for ou in backend.ou)
            ids, at = [at, *ids], units[at].parent_id
        return "/".join([of.organization_id, *ids]) + "/"

    account = organizations.FakeAccount.describe
    unit = organizations.FakeOrganizationalUnit.describe

    def describe_account(self):
        return {**account(self), "Paths": [path(self)]}

    def describe_unit(self):
        return {"OrganizationalUnit": {**unit(self)["OrganizationalUnit"], "Path": path(self)}}

    organizations.FakeAccount.describe = describe_account
    organizations.FakeOrganizationalUnit.describe = describe_unit


class QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    # Without it, Nagle's algorithm and delayed acknowledgements cost 40 ms a call.
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_request(self, *args, **kwargs):
        pass


def end_with_parent():
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    os.environ.setdefault("MOTO_PORT", str(port))
    models.IAMBackend._init_aws_policies = aws_managed_policies
    models.ManagedPolicy.policy_name = property(lambda self: self.name)
    more_policies()
    paths()
    app = werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)
    server = make_server(host, port, app, threaded=True, request_handler=QuietHandler)
    threading.Thread(target=end_with_parent, daemon=True).start()
    print(json.dumps({"port": server.server_port}), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
