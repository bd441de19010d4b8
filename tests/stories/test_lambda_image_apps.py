"""A FastAPI application in a container image answers through a function URL: with Mangum, and behind an adapter."""

import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import sysconfig
import tarfile

import pytest
import requests

from conftest import Server
from test_lambda_images import HOST, ROLE, add

PACKAGES = ["awslambdaric==4.2.2", "fastapi==0.165.0", "mangum==0.22.0", "uvicorn==0.54.0"]
# Wheels are built against libraries that every machine has, and that Python itself need not use.
USUAL = ["libgcc_s.so.1", "libstdc++.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1"]
APP = '''
from fastapi import FastAPI, Request, Response
from mangum import Mangum

app = FastAPI()

@app.get("/items/{id}")
def item(id: int, q: str | None = None):
    return {"id": id, "q": q}

@app.get("/words/{word:path}")
def word(word: str):
    return word

@app.post("/backwards")
async def backwards(request: Request):
    answer = Response((await request.body())[::-1], media_type="application/octet-stream")
    answer.set_cookie("a", "1")
    answer.set_cookie("b", "2")
    return answer

handler = Mangum(app, lifespan="off")
'''
# What AWS's Lambda Web Adapter does: an extension that takes events and turns them into requests to the application.
ADAPTER = '''
import base64, http.client, json, os, socket, threading, time

def call(method, path, body=None, headers={}):
    client = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    client.request(method, path, body, headers)
    answer = client.getresponse()
    return answer.headers, answer.read()

told, _ = call("POST", "/2020-01-01/extension/register", '{"events": []}', {"Lambda-Extension-Name": "adapter"})
own = {"Lambda-Extension-Identifier": told["Lambda-Extension-Identifier"]}
threading.Thread(target=call, args=("GET", "/2020-01-01/extension/event/next", None, own), daemon=True).start()
while True:
    try:
        socket.create_connection(("127.0.0.1", 8080)).close()
        break
    except OSError:
        time.sleep(0.01)
while True:
    headers, event = call("GET", "/2018-06-01/runtime/invocation/next")
    event = json.loads(event)
    body = event.get("body", "")
    body = base64.b64decode(body) if event["isBase64Encoded"] else body.encode()
    client = http.client.HTTPConnection("127.0.0.1", 8080)
    path = f"{event['rawPath']}?{event['rawQueryString']}"
    client.request(event["requestContext"]["http"]["method"], path, body, event["headers"])
    answer = client.getresponse()
    told = {
        "statusCode": answer.status,
        "headers": {name: value for name, value in answer.getheaders() if name != "set-cookie"},
        "cookies": answer.headers.get_all("set-cookie", []),
        "body": base64.b64encode(answer.read()).decode(),
        "isBase64Encoded": True,
    }
    call("POST", f"/2018-06-01/runtime/invocation/{headers['Lambda-Runtime-Aws-Request-Id']}/response", json.dumps(told))
'''


def layer(files: dict) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, (data, mode) in files.items():
            add(archive, name.lstrip("/"), data, mode)
    return content.getvalue()


def libraries(program: pathlib.Path) -> list[str]:
    """Where the loader finds what a program needs."""
    return re.findall(r"(/\S+) \(", subprocess.run(["ldd", program], capture_output=True, text=True).stdout)


PROGRAM = pathlib.Path(os.path.realpath(sys.executable))


def python() -> bytes:
    """This Python as an image's first layer: program, standard library, and the libraries that both need."""
    files, natives = {}, [PROGRAM, pathlib.Path("/bin/sh")]
    for path in pathlib.Path(sysconfig.get_path("stdlib")).rglob("*"):
        if path.is_file() and not {"__pycache__", "test", "site-packages", "dist-packages"} & set(path.parts):
            files[str(path)] = (path.read_bytes(), 0o644)
            natives += [path] if path.suffix == ".so" else []
    wanted = {found for native in natives for found in libraries(native)}
    system = next(pathlib.Path(path).parent for path in wanted if path.endswith("/libc.so.6"))
    wanted |= {str(system / name) for name in USUAL if (system / name).exists()}
    files |= {name: (pathlib.Path(name).read_bytes(), 0o755) for name in wanted}
    return layer(files | {str(path): (path.read_bytes(), 0o755) for path in [PROGRAM, pathlib.Path("/bin/sh")]})


def application(folder: pathlib.Path) -> bytes:
    """The application and what it needs."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder]
    subprocess.run([*install, *PACKAGES], check=True, timeout=300)
    (folder / "app.py").write_text(APP)
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return layer({f"var/task/{path.relative_to(folder)}": (path.read_bytes(), 0o644) for path in paths})


def saved(tag: str, config: dict, *layers: bytes) -> bytes:
    """What `docker save` writes."""
    digests = [f"sha256:{hashlib.sha256(content).hexdigest()}" for content in layers]
    document = {"architecture": "amd64", "os": "linux", "config": config, "rootfs": {"type": "layers", "diff_ids": digests}}
    document = json.dumps(document).encode()
    name = f"{hashlib.sha256(document).hexdigest()}.json"
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    manifest = json.dumps([{"Config": name, "RepoTags": [tag], "Layers": names}]).encode()
    return layer({path: (content, 0o644) for path, content in [(name, document), ("manifest.json", manifest), *zip(names, layers)]})


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    images = tmp_path_factory.mktemp("images")
    system, code = python(), application(tmp_path_factory.mktemp("application"))
    started = {"WorkingDir": "/var/task", "Env": ["PYTHONDONTWRITEBYTECODE=1"]}
    mangum = {**started, "Entrypoint": [str(PROGRAM), "-m", "awslambdaric"], "Cmd": ["app.handler"]}
    (images / "mangum.tar").write_bytes(saved("team/mangum:v1", mangum, system, code))
    adapter = layer({"opt/extensions/adapter": (f"#!{PROGRAM}\n{ADAPTER}".encode(), 0o755)})
    plain = {**started, "Cmd": [str(PROGRAM), "-m", "uvicorn", "app:app", "--port", "8080"]}
    (images / "plain.tar").write_bytes(saved("team/plain:v1", plain, system, code, adapter))
    server = Server("--ephemeral", "--lambda-images", str(images))
    yield server
    assert server.stop() == 0


@pytest.mark.parametrize("image", ["mangum", "plain"])
def test_an_application_in_an_image_answers_through_a_url(server, image):
    client = server.client("lambda")
    client.create_function(
        FunctionName=image,
        PackageType="Image",
        Role=ROLE,
        Code={"ImageUri": f"{HOST}/team/{image}:v1"},
        Timeout=30,
        MemorySize=512,
    )
    client.get_waiter("function_active_v2").wait(FunctionName=image, WaiterConfig={"Delay": 1})
    url = client.create_function_url_config(FunctionName=image, AuthType="NONE")["FunctionUrl"]
    host = {"Host": url.removeprefix("http://").rstrip("/")}

    found = requests.get(f"{server.endpoint}/items/7", params={"q": "a b"}, headers=host)
    assert (found.status_code, found.json()) == (200, {"id": 7, "q": "a b"}), found.text
    assert requests.get(f"{server.endpoint}/words/a b%2Fc", headers=host).json() == "a b/c"
    assert requests.get(f"{server.endpoint}/items/seven", headers=host).status_code == 422
    answer = requests.post(f"{server.endpoint}/backwards", data=b"\x00\xff!", headers=host)
    assert (answer.status_code, answer.content) == (200, b"!\xff\x00")
    assert answer.cookies.get_dict() == {"a": "1", "b": "2"}
