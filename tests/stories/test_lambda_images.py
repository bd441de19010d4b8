"""Functions from container images: found by name in a folder, run with the image for their root."""

import hashlib
import io
import json
import re
import subprocess
import tarfile
import zipfile

import pytest
from botocore.exceptions import ClientError

from conftest import Server

ROLE = "arn:aws:iam::000000000000:role/any"
HOST = "000000000000.dkr.ecr.us-east-1.amazonaws.com"

# A client of the Runtime API that needs nothing but bash.
SERVE = r"""#!/bin/bash
exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API/://}"
say() { printf "$1 /2018-06-01/runtime/$2 HTTP/1.1\r\nHost: a\r\nContent-Length: ${#3}\r\n\r\n%s" "$3" >&3; }
hear() {
    length=0
    IFS= read -r status <&3
    while IFS= read -r line <&3 && line="${line%$'\r'}" && [ -n "$line" ]; do
        case "${line,,}" in
            content-length:*) length="${line##*: }" ;;
            lambda-runtime-aws-request-id:*) id="${line##*: }" ;;
        esac
    done
    IFS= read -r -N "$length" body <&3
}
echo "serving $1"
while :; do
    say GET invocation/next ""; hear
    say POST "invocation/$id/response" "{\"event\": $body, \"handler\": \"$1\", \"folder\": \"$PWD\", \"word\": \"$WORD\"}"; hear
done
"""


def add(archive: tarfile.TarFile, name: str, content: bytes, mode: int = 0o755):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    archive.addfile(entry, io.BytesIO(content))


def saved_image(tag: str, word: str) -> tuple[bytes, str]:
    """What `docker save` writes of an image with bash and a function, and the image's digest."""
    needed = re.findall(r"/\S+", subprocess.run(["ldd", "/bin/bash"], capture_output=True, text=True).stdout)
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        for path in ["/bin/bash", *needed]:
            with open(path, "rb") as file:
                add(archive, path.lstrip("/"), file.read())
        add(archive, "var/task/serve", SERVE.encode())
        link = tarfile.TarInfo("bin/sh")
        link.type, link.linkname = tarfile.SYMTYPE, "bash"
        archive.addfile(link)
    execution = {
        "Entrypoint": ["/var/task/serve"],
        "Cmd": ["app.handler"],
        "WorkingDir": "/var/task",
        "Env": ["PATH=/bin", f"WORD={word}"],
    }
    config = json.dumps({"architecture": "amd64", "os": "linux", "config": execution}).encode()
    digest = hashlib.sha256(config).hexdigest()
    manifest = [{"Config": f"{digest}.json", "RepoTags": [tag], "Layers": ["0/layer.tar"]}]
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w") as archive:
        add(archive, f"{digest}.json", config)
        add(archive, "0/layer.tar", layer.getvalue())
        add(archive, "manifest.json", json.dumps(manifest).encode())
    return whole.getvalue(), digest


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    digests = {}
    for tag, word in [("team/shop:v1", "one"), ("team/shop:v2", "two")]:
        content, digests[tag] = saved_image(tag, word)
        (folder / f"{word}.tar").write_bytes(content)
    server = Server("--ephemeral", "--lambda-images", str(folder))
    yield server.client("lambda"), digests
    server.stop()


def create(client, name: str, **more):
    given = {"Code": {"ImageUri": f"{HOST}/team/shop:v1"}, "PackageType": "Image", "Role": ROLE, **more}
    return client.create_function(FunctionName=name, **given)


def invoke(client, name: str, **more):
    answer = client.invoke(FunctionName=name, Payload=b"[1]", **more)
    return answer, json.loads(answer["Payload"].read())


def refused(call, *arguments, **more) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*arguments, **more)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


def test_an_image_is_described_and_runs(images):
    client, digests = images
    created = create(client, "shop")
    assert created["PackageType"] == "Image" and created["State"] == "Pending"
    assert created["CodeSha256"] == digests["team/shop:v1"] and created["CodeSize"] == 0
    assert not {"Runtime", "Handler", "RuntimeVersionConfig", "ImageConfigResponse"} & set(created)
    client.get_waiter("function_active_v2").wait(FunctionName="shop")
    assert client.get_function(FunctionName="shop")["Code"] == {
        "RepositoryType": "ECR",
        "ImageUri": f"{HOST}/team/shop:v1",
        "ResolvedImageUri": f"{HOST}/team/shop@sha256:{digests['team/shop:v1']}",
    }
    answer, payload = invoke(client, "shop", LogType="Tail")
    assert payload == {"event": [1], "handler": "app.handler", "folder": "/var/task", "word": "one"}
    assert "FunctionError" not in answer


def test_what_it_says_is_overridden_and_versions_stay(images):
    client, digests = images
    create(client, "said", Publish=True, Environment={"Variables": {"WORD": "mine"}})
    config = {"Command": ["other.handler"], "WorkingDirectory": "/tmp"}
    updated = client.update_function_configuration(FunctionName="said", ImageConfig=config)
    assert updated["ImageConfigResponse"] == {"ImageConfig": config}
    assert invoke(client, "said")[1] == {
        "event": [1], "handler": "other.handler", "folder": "/tmp", "word": "mine",
    }
    client.update_function_code(FunctionName="said", ImageUri=f"{HOST}/team/shop:v2")
    client.update_function_configuration(FunctionName="said", ImageConfig={}, Environment={"Variables": {}})
    latest = client.get_function_configuration(FunctionName="said")
    assert latest["CodeSha256"] == digests["team/shop:v2"] and "ImageConfigResponse" not in latest
    assert invoke(client, "said")[1]["word"] == "two"
    old = invoke(client, "said", Qualifier="1")[1]
    assert old["handler"] == "app.handler" and old["word"] == "mine"


def test_a_program_that_is_not_there(images):
    client, _ = images
    create(client, "lost", ImageConfig={"EntryPoint": ["lost"]})
    answer, payload = invoke(client, "lost")
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "Runtime.InvalidEntrypoint"
    assert 'exec: "lost": executable file not found in $PATH' in payload["errorMessage"]


def test_a_folder_that_is_not_there(images):
    client, digests = images
    by_digest = {"ImageUri": f"{HOST}/team/shop@sha256:{digests['team/shop:v1']}"}
    create(client, "nowhere", Code=by_digest, ImageConfig={"WorkingDirectory": "/nowhere"})
    answer, payload = invoke(client, "nowhere")
    assert answer["FunctionError"] == "Unhandled"
    assert "chdir /nowhere: no such file or directory" in payload["errorMessage"]


def test_bad_requests_are_refused(images):
    client, _ = images
    invalid = "InvalidParameterValueException"
    image = {"Code": {"ImageUri": f"{HOST}/team/none:v1"}}
    assert refused(create, client, "bad", **image) == (
        invalid, f"Source image {HOST}/team/none:v1 does not exist. Provide a valid source image.",
    )
    untagged = {"Code": {"ImageUri": f"{HOST}/team/shop"}}
    assert refused(create, client, "bad", **untagged) == (
        invalid, f"Source image {HOST}/team/shop is not valid. Provide a valid source image.",
    )
    no_archive = "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image."
    assert refused(create, client, "bad", Runtime="python3.12", Handler="a.b") == (invalid, no_archive)
    create(client, "good")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "handler = print")
    assert refused(client.update_function_code, FunctionName="good", ZipFile=archive.getvalue()) == (
        invalid, "Please provide ImageUri when updating a function with packageType Image.",
    )
    zipped = {"Code": {"ZipFile": archive.getvalue()}, "Runtime": "python3.12", "Handler": "app.handler"}
    create(client, "zipped", PackageType="Zip", **zipped)
    uri = f"{HOST}/team/shop:v1"
    assert refused(client.update_function_code, FunctionName="zipped", ImageUri=uri) == (
        invalid, "Please don't provide ImageUri when updating a function with packageType Zip.",
    )
