"""What functions find on the machine: SDKs that AWS's runtimes bring, and a program for .NET."""

import io
import json
import os
import sys
import zipfile

from conftest import Server
from test_lambda_images import SERVE

ROLE = "arn:aws:iam::000000000000:role/any"


def answer(server: Server, runtime: str, files: dict, handler: str = "app.handler", payload=None):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
    client = server.client("lambda")
    name = f"f{abs(hash((runtime, str(files))))}"
    code = {"ZipFile": archive.getvalue()}
    client.create_function(
        FunctionName=name, Runtime=runtime, Handler=handler, Role=ROLE, Code=code, Timeout=20, MemorySize=256
    )
    invoked = client.invoke(FunctionName=name, Payload=json.dumps(payload).encode())
    told = json.loads(invoked["Payload"].read())
    assert "FunctionError" not in invoked, told
    return told


BOTO3 = """
import boto3, importlib.util

def handler(event, context):
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="from-within")
    own = importlib.util.find_spec("pytest") is None
    return [own, [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]]
"""


def test_boto3_is_found_in_the_virtual_environment_and_nothing_else():
    for sandbox in "auto", "off":
        server = Server("--ephemeral", "--sandbox", sandbox, environment={"VIRTUAL_ENV": sys.prefix})
        assert answer(server, "python3.12", {"app.py": BOTO3}) == [True, ["from-within"]]
        server.stop()


def test_a_folder_like_a_layer_is_seen_by_all(tmp_path):
    module = tmp_path / "nodejs/node_modules/@aws-sdk/some"
    module.mkdir(parents=True)
    (module / "package.json").write_text('{"name": "@aws-sdk/some", "main": "index.js"}')
    (module / "index.js").write_text("exports.word = 'found';")
    (tmp_path / "python").mkdir()
    (tmp_path / "python/shared.py").write_text("word = 'found'")
    server = Server("--ephemeral", "--lambda-sdk", str(tmp_path))
    common = "const { word } = require('@aws-sdk/some'); exports.handler = async () => word;"
    assert answer(server, "nodejs20.x", {"app.js": common}) == "found"
    module = "import some from '@aws-sdk/some'; export const handler = async () => some.word;"
    assert answer(server, "nodejs20.x", {"app.mjs": module}) == "found"
    assert answer(server, "python3.12", {"app.py": "import shared\ndef handler(*_): return shared.word"}) == "found"
    server.stop()


def test_assemblies_are_executed_by_dotnet(tmp_path):
    # No more than what is asked of the real one: its list, and to execute an assembly.
    program = tmp_path / "bin/dotnet"
    program.parent.mkdir()
    listing = 'if [ "$1" = --list-runtimes ]; then echo "Microsoft.NETCore.App 8.0.1 [/x]"; exit; fi\n'
    interpreter, rest = SERVE.replace('"$1"', '"$1 $2"').replace("$1\\\"", "$1 $2\\\"").split("\n", 1)
    program.write_text(f"{interpreter}\n{listing}{rest}")
    program.chmod(0o755)
    path = {"PATH": f"{program.parent}:{os.environ['PATH']}"}
    # A sandbox has a `/tmp` of its own, and the program lies there.
    server = Server("--ephemeral", "--sandbox", "off", environment=path)
    told = answer(server, "dotnet8", {"Shop.dll": "MZ"}, handler="Shop", payload=[1])
    assert told["event"] == [1] and told["handler"] .endswith("/Shop.dll") and told["handler"].startswith("exec /")
    server.stop()
