"""The example `examples/fastapi-crud`, as its README tells it."""

import json
import subprocess

import pytest
import requests

from conftest import ROOT, Server

EXAMPLE = ROOT / "examples/fastapi-crud"


def shell(server: Server, build, *command: str) -> str:
    environment = {**server.environment(), "BUILD": str(build)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    build = tmp_path_factory.mktemp("fastapi") / "build"
    server = Server("--ephemeral")
    shell(server, build, str(EXAMPLE / "package.sh"))
    server.stop()
    return build


def test_crud_through_api_gateway_survives_a_restart(start, package, tmp_path):
    data = str(tmp_path / "data")
    server = start("--data-dir", data)
    output = shell(server, package, str(EXAMPLE / "setup.sh"))
    url = output.strip().splitlines()[-1].removeprefix("API: ")

    created = requests.post(f"{url}/items", json={"name": "Tea", "price": 4.25, "tags": ["hot"]})
    assert created.status_code == 201, created.text
    tea = created.json()["id"]
    names = {item["name"] for item in requests.get(f"{url}/items").json()}
    assert names == {"Sample", "Tea"}
    assert [item["name"] for item in requests.get(f"{url}/items", params={"at_most": "2"}).json()] == ["Sample"]

    updated = requests.put(f"{url}/items/{tea}", json={"name": "Green tea", "price": 5})
    assert updated.json()["name"] == "Green tea"
    assert requests.get(f"{url}/items/{tea}").json()["name"] == "Green tea"
    assert requests.get(f"{url}/items/nothing").status_code == 404
    assert requests.post(f"{url}/items", json={"name": "No price"}).status_code == 422

    scan = json.loads(shell(server, package, "fogbank", "aws", "--endpoint-url", server.endpoint, "dynamodb", "scan", "--table-name", "items"))
    assert {item["name"]["S"] for item in scan["Items"]} == {"Sample", "Green tea"}
    listing = shell(server, package, "aws", "--endpoint-url", server.endpoint, "s3", "ls", "s3://items-documents-000000000000/items/")
    assert f"{tea}.json" in listing and "sample.json" in listing

    assert requests.delete(f"{url}/items/{tea}").status_code == 204
    listing = shell(server, package, "aws", "--endpoint-url", server.endpoint, "s3", "ls", "s3://items-documents-000000000000/items/")
    assert f"{tea}.json" not in listing

    api = url.split("/")[-2]
    port = server.address[1]
    server.stop()
    again = start("--data-dir", data, "--listen", f"127.0.0.1:{port}")
    by_host = requests.get(
        f"{again.endpoint}/prod/items/sample",
        headers={"Host": f"{api}.execute-api.localhost.localstack.cloud:{port}"},
    )
    assert by_host.json()["name"] == "Sample"
    by_path = requests.get(f"{again.endpoint}/restapis/{api}/prod/_user_request_/items/sample")
    assert by_path.json() == by_host.json()
