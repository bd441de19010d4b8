"""The built binary, started for a test, and clients that point at it."""

import os
import pathlib
import signal
import subprocess
import time

import boto3
import pytest
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILT = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
BINARY = pathlib.Path(os.environ.get("FOGBANK_BINARY", BUILT / "fogbank"))
# Built by `cargo build --package testkit --example protocols`.
PROTOCOLS = BINARY.parent / "examples/protocols"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


def eventually(check, seconds: float = 20):
    """What `check` answers once it is true of a thing that another process does in its own time."""
    deadline = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)
    return found


class Server:
    """One running emulator on a port of its own."""

    def __init__(self, *arguments: str, environment: dict | None = None, command: list | None = None):
        listen = [] if "--listen" in arguments else ["--listen", "127.0.0.1:0"]
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "FOGBANK_"))}
        self.process = subprocess.Popen(
            command or [BINARY, "start", *listen, *arguments],
            stdout=subprocess.PIPE,
            env={**clean, **(environment or {})},
            text=True,
        )
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if line.startswith("Listening on "):
                self.endpoint = line.split()[-1]
            if line == "Ready.\n":
                break

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.endpoint.removeprefix("http://").split(":")
        return host, int(port)

    def client(self, service: str, region: str = "us-east-1", key: str = "test", session=boto3, **options):
        settings = {"retries": {"max_attempts": 1}, "s3": {"addressing_style": "path"}}
        return session.client(
            service,
            endpoint_url=self.endpoint,
            region_name=region,
            aws_access_key_id=key,
            aws_secret_access_key="test",
            config=Config(**{**settings, **options}),
        )

    def environment(self) -> dict:
        """What a shell needs to reach this server, with the tests' own tools first on the path."""
        tools = ROOT / "target/stories/bin"
        return {
            **{key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_PAGER": "",
            "PATH": f"{tools}:{BINARY.parent}:{os.environ['PATH']}",
        }

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        return code


@pytest.fixture(scope="module")
def server():
    """An ephemeral emulator that the tests of a file share."""
    server = Server("--ephemeral")
    yield server
    assert server.stop() == 0


@pytest.fixture
def start():
    """Starts emulators of the test's own, and stops what is left of them."""
    started = []

    def start(*arguments: str, **options) -> Server:
        server = Server(*arguments, **options)
        started.append(server)
        return server

    yield start
    for server in started:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)
