"""What holds for every operation that is answered."""

import re

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from jmespath.exceptions import JMESPathTypeError

from conftest import ROOT


# The client itself cannot make such a request: a part of its path is missing.
CANNOT_BE_MADE = (JMESPathTypeError, KeyError, ParamValidationError)


def answered() -> list[tuple[str, str]]:
    page = (ROOT / "docs/reference/coverage.md").read_text()
    rows = re.findall(r"^\| (\S+) \| \d+ \| \d+ \| (.*) \|$", page, re.MULTILINE)
    return [(service, operation) for service, operations in rows for operation in operations.split(", ")]


@pytest.mark.parametrize("service, operation", answered())
def test_a_request_without_parameters_is_the_callers_fault_or_fine(server, service, operation):
    # Live tails of logs are asked of a host of their own, which has no name here.
    prefix = service != "logs"
    client = server.client(service, key="333333333333", parameter_validation=False, inject_host_prefix=prefix)
    name = next(method for method, api in client.meta.method_to_api_mapping.items() if api == operation)
    try:
        status = getattr(client, name)()["ResponseMetadata"]["HTTPStatusCode"]
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        assert error.response["Error"]["Code"] not in {"", "Unknown"}
    except CANNOT_BE_MADE:
        return
    assert status < 500 or status == 501


@pytest.mark.parametrize("service", sorted({service for service, _ in answered()}))
def test_what_is_not_answered_says_so(server, service):
    client = server.client(service, parameter_validation=False, inject_host_prefix=False)
    known = {operation for name, operation in answered() if name == service}
    for method, operation in client.meta.method_to_api_mapping.items():
        if operation in known or operation in {"SelectObjectContent", "WriteGetObjectResponse"}:
            continue
        try:
            getattr(client, method)()
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            assert status in {501, 404, 405, 400, 403}, f"{operation}: {error}"
            if status == 501:
                assert error.response["Error"]["Code"] == "NotImplemented"
        except CANNOT_BE_MADE:
            continue
