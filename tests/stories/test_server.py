"""Starting, asking after, and ending the emulator."""

import signal
import subprocess

import pytest
import requests

from conftest import BINARY


def run(*arguments: str, environment: dict | None = None) -> subprocess.CompletedProcess:
    return subprocess.run([BINARY, *arguments], capture_output=True, text=True, timeout=30, env=environment)


def test_it_says_when_it_is_ready(start, tmp_path):
    server = start("--data-dir", str(tmp_path))
    assert server.lines[-1] == "Ready."
    assert any(str(tmp_path) in line for line in server.lines)
    assert server.stop() == 0


def test_a_taken_port_is_one_clear_line(server):
    host, port = server.address
    done = run("start", "--ephemeral", "--listen", f"{host}:{port}")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and f"{host}:{port}" in done.stderr


@pytest.mark.parametrize("arguments", [("--port", "1"), ("--listen", "nowhere"), ("--services", "s3,nothing"), ("--log", "=")])
def test_bad_flags_end_with_2(arguments):
    done = run("start", "--ephemeral", *arguments)
    assert done.returncode == 2, done.stdout
    assert done.stderr and "panicked" not in done.stderr


def test_one_folder_serves_one_process(start, tmp_path):
    start("--data-dir", str(tmp_path))
    done = run("start", "--listen", "127.0.0.1:0", "--data-dir", str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and str(tmp_path) in done.stderr


def test_health_lists_the_services(server):
    for path in ("/_localstack/health", "/_fogbank/health"):
        health = requests.get(server.endpoint + path).json()
        assert health["version"] and health["services"]["sqs"] == "available"
    assert requests.get(server.endpoint + "/_localstack/nothing").status_code == 404


def test_only_the_services_asked_for(start):
    server = start("--ephemeral", environment={"SERVICES": "sqs,sts"})
    assert set(requests.get(server.endpoint + "/_localstack/health").json()["services"]) == {"sqs", "sts"}


def test_the_commands_reach_it(server):
    endpoint = server.endpoint.removeprefix("http://")
    assert run("status", "--endpoint", endpoint).returncode == 0
    assert run("status", "--endpoint", "127.0.0.1:1").returncode == 1
    exports = run("env", "--endpoint", endpoint).stdout
    assert f"export AWS_ENDPOINT_URL={server.endpoint}\n" in exports
    # By its own variable, or by the one that `env` prints.
    by_own = {**server.environment(), "FOGBANK_ENDPOINT": endpoint}
    by_own.pop("AWS_ENDPOINT_URL")
    for environment in by_own, server.environment():
        done = run("aws", "sts", "get-caller-identity", "--query", "Account", "--output", "text", environment=environment)
        assert done.stdout.strip() == "000000000000", done.stderr


def test_reset_forgets_everything(start):
    server = start("--ephemeral")
    server.client("sqs").create_queue(QueueName="q")
    server.client("s3").create_bucket(Bucket="bucket")
    assert requests.post(server.endpoint + "/_localstack/state/reset").status_code == 200
    assert "QueueUrls" not in server.client("sqs").list_queues()
    assert server.client("s3").list_buckets()["Buckets"] == []


def test_what_is_acknowledged_survives_kill_9(start, tmp_path):
    server = start("--data-dir", str(tmp_path))
    port = server.address[1]
    queue = server.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    sent = [server.client("sqs").send_message(QueueUrl=queue, MessageBody=str(n))["MessageId"] for n in range(20)]
    server.client("s3").create_bucket(Bucket="bucket")
    server.client("s3").put_object(Bucket="bucket", Key="large", Body=b"x" * 300_000)
    server.stop(signal.SIGKILL)
    again = start("--data-dir", str(tmp_path), "--listen", f"127.0.0.1:{port}")
    received = []
    while messages := again.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        received += [message["MessageId"] for message in messages]
    assert sorted(received) == sorted(sent)
    assert again.client("s3").get_object(Bucket="bucket", Key="large")["Body"].read() == b"x" * 300_000


def test_accounts_and_regions_are_apart(server):
    for key, region in (("111111111111", "us-east-1"), ("222222222222", "us-east-1"), ("111111111111", "eu-west-1")):
        client = server.client("sqs", region=region, key=key)
        assert "QueueUrls" not in client.list_queues()
        url = client.create_queue(QueueName="mine")["QueueUrl"]
        assert f"/{key}/" in url
        arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        assert arn == f"arn:aws:sqs:{region}:{key}:mine"


def test_http2_without_tls_is_served(server):
    done = subprocess.run(
        ["curl", "-s", "--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{http_version} %{http_code}",
         server.endpoint + "/_fogbank/health"],
        capture_output=True, text=True, timeout=30,
    )
    assert done.stdout == "2 200", done.stderr


def test_pages_of_this_machine_may_call_it(server):
    preflight = requests.options(
        server.endpoint + "/",
        headers={"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"},
    )
    assert preflight.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]


def test_pages_of_other_sites_may_not(server, start):
    page = {"Origin": "http://elsewhere.example"}
    answer = requests.post(server.endpoint + "/_localstack/state/reset", headers=page)
    assert answer.status_code == 403 and "Access-Control-Allow-Origin" not in answer.headers
    assert requests.get(server.endpoint + "/", headers=page).status_code == 403
    open_to_it = start("--ephemeral", "--cors-origins", "http://elsewhere.example")
    allowed = requests.get(open_to_it.endpoint + "/_localstack/health", headers=page)
    assert allowed.headers["Access-Control-Allow-Origin"] == "http://elsewhere.example"


def test_resets_are_closed_where_signatures_count(start):
    server = start("--ephemeral", "--auth", "signature")
    assert requests.post(server.endpoint + "/_localstack/state/reset").status_code == 403
