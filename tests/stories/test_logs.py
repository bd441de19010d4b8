"""CloudWatch Logs as people use it: tails, searches, queries, subscriptions, exports."""

import gzip
import io
import json
import subprocess
import threading
import time
import zipfile

import pytest
from botocore.exceptions import ClientError

from conftest import eventually

HANDLER = """
import base64, gzip, json
def handler(event, context):
    told = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    print("TOLD " + json.dumps(told))
"""


def now() -> int:
    return int(time.time() * 1000)


@pytest.fixture
def group(server, request):
    """A client, and a group of the test's own with one stream."""
    logs = server.client("logs")
    name = f"/stories/{request.node.name}"
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="one")
    yield logs, name
    logs.delete_log_group(logGroupName=name)


def put(logs, group, *messages, stream="one"):
    at = now()
    events = [{"timestamp": at + n, "message": message} for n, message in enumerate(messages)]
    return logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)


def test_a_tail_that_follows_sees_every_event_once(group):
    """What `aws logs tail --follow` asks: everything since its last event, without the ids it has seen."""
    logs, name = group
    for stream in ("two", "three"):
        logs.create_log_stream(logGroupName=name, logStreamName=stream)
    seen, since, ids = [], now() - 1000, set()

    def poll():
        nonlocal since
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=name, startTime=since, interleaved=True, PaginationConfig={"PageSize": 7}
        )
        for event in (event for page in pages for event in page["events"]):
            if event["eventId"] not in ids:
                ids.add(event["eventId"])
                seen.append(event["message"])
                since = max(since, event["timestamp"])

    expected = []
    for round in range(5):
        for stream in ("one", "two", "three"):
            messages = [f"{stream} {round} {n}" for n in range(5)]
            put(logs, name, *messages, stream=stream)
            expected += messages
        poll()
    assert sorted(seen) == sorted(expected)


def test_the_aws_command(server, tmp_path):
    def aws(*arguments: str):
        done = subprocess.run(
            ["aws", "logs", *arguments, "--output", "json"], env=server.environment(), capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    aws("create-log-group", "--log-group-name", "/cli", "--tags", "team=a")
    aws("create-log-stream", "--log-group-name", "/cli", "--log-stream-name", "s")
    aws("put-retention-policy", "--log-group-name", "/cli", "--retention-in-days", "30")
    events = tmp_path / "events.json"
    events.write_text(json.dumps([{"timestamp": now() + n, "message": json.dumps({"n": n, "odd": n % 2 == 1})} for n in range(30)]))
    aws("put-log-events", "--log-group-name", "/cli", "--log-stream-name", "s", "--log-events", f"file://{events}")
    found = aws("filter-log-events", "--log-group-name", "/cli", "--filter-pattern", "{ $.odd IS TRUE && $.n > 20 }")
    assert [json.loads(event["message"])["n"] for event in found["events"]] == [21, 23, 25, 27, 29]
    start, end = str(int(time.time()) - 60), str(int(time.time()) + 60)
    query = aws(
        "start-query", "--log-group-name", "/cli", "--start-time", start, "--end-time", end,
        "--query-string", "stats sum(n) as total, count(*) by odd | sort total desc",
    )["queryId"]  # fmt: skip
    answer = aws("get-query-results", "--query-id", query)
    assert answer["status"] == "Complete"
    rows = [{column["field"]: column["value"] for column in row} for row in answer["results"]]
    assert rows == [
        {"odd": "1", "total": "225", "count(*)": "15"},
        {"odd": "0", "total": "210", "count(*)": "15"},
    ]
    described = aws("describe-log-groups", "--log-group-name-prefix", "/cli")["logGroups"][0]
    assert described["retentionInDays"] == 30
    aws("delete-log-group", "--log-group-name", "/cli")


def test_a_subscription_tells_a_function_in_order(server, group):
    logs, name = group
    lambda_ = server.client("lambda")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("app.py", HANDLER)
    arn = lambda_.create_function(
        FunctionName="told", Runtime="python3.12", Handler="app.handler",
        Role="arn:aws:iam::000000000000:role/r", Code={"ZipFile": archive.getvalue()},
    )["FunctionArn"]  # fmt: skip

    def subscribe():
        logs.put_subscription_filter(logGroupName=name, filterName="errors", filterPattern="ERROR", destinationArn=arn)

    # Without a permission, AWS refuses.
    with pytest.raises(ClientError, match="Could not execute the lambda function"):
        subscribe()
    lambda_.add_permission(
        FunctionName="told", StatementId="logs", Action="lambda:InvokeFunction", Principal="logs.amazonaws.com"
    )
    subscribe()
    put(logs, name, "ERROR 1", "INFO 2", "ERROR 3")
    put(logs, name, "INFO 4")

    def told():
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/told", filterPattern="TOLD")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None
        return [json.loads(event["message"].removeprefix("TOLD ")) for event in events]

    [told] = eventually(told)
    assert (told["messageType"], told["logGroup"], told["logStream"]) == ("DATA_MESSAGE", name, "one")
    assert [event["message"] for event in told["logEvents"]] == ["ERROR 1", "ERROR 3"]
    assert told["subscriptionFilters"] == ["errors"]


def test_a_live_tail_shows_what_arrives(server, group):
    _, name = group
    # Live tails are asked of a host of their own, which has no name here.
    logs = server.client("logs", inject_host_prefix=False)
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{name}"
    stream = iter(logs.start_live_tail(logGroupIdentifiers=[arn], logEventFilterPattern="ERROR")["responseStream"])
    assert next(stream)["sessionStart"]["logGroupIdentifiers"] == [arn]
    threading.Thread(target=put, args=(server.client("logs"), name, "ERROR seen", "INFO not")).start()
    while not (results := next(stream)["sessionUpdate"]["sessionResults"]):
        pass
    assert [event["message"] for event in results] == ["ERROR seen"]


def test_the_aws_command_shows_a_live_tail(server, group):
    logs, name = group
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{name}"
    environment = {**server.environment(), "AWS_DISABLE_HOST_PREFIX_INJECTION": "true", "PYTHONUNBUFFERED": "1"}
    command = ["aws", "logs", "start-live-tail", "--log-group-identifiers", arn]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(process.stdout), daemon=True)
    reader.start()
    try:
        # Only what arrives once it follows is shown.
        eventually(lambda: put(logs, name, "seen") and any("seen" in line for line in list(lines)), seconds=60)
    finally:
        process.kill()
        process.wait()


def test_an_export_is_written_to_a_bucket(server, group):
    logs, name = group
    s3 = server.client("s3")
    s3.create_bucket(Bucket="exported")
    put(logs, name, "first", "second")
    task = logs.create_export_task(
        logGroupName=name, fromTime=now() - 60_000, to=now() + 60_000, destination="exported", destinationPrefix="logs"
    )["taskId"]

    def done():
        [described] = logs.describe_export_tasks(taskId=task)["exportTasks"]
        return described["status"]["code"] == "COMPLETED"

    eventually(done)
    body = s3.get_object(Bucket="exported", Key=f"logs/{task}/one/000000.gz")["Body"].read()
    lines = gzip.decompress(body).decode().splitlines()
    assert [line.split(" ", 1)[1] for line in lines] == ["first", "second"]


def test_what_is_not_emulated_is_refused(group):
    logs, name = group
    for query in ("pattern @message", "fields @message | anomaly"):
        with pytest.raises(ClientError, match="does not emulate"):
            logs.start_query(logGroupName=name, startTime=0, endTime=1, queryString=query)
    with pytest.raises(logs.exceptions.MalformedQueryException, match="unexpected symbol found"):
        logs.start_query(logGroupName=name, startTime=0, endTime=1, queryString="stats count( by x")
    with pytest.raises(ClientError, match="does not emulate"):
        logs.put_subscription_filter(
            logGroupName=name, filterName="f", filterPattern="",
            destinationArn="arn:aws:firehose:us-east-1:000000000000:deliverystream/d",
            roleArn="arn:aws:iam::000000000000:role/r",
        )  # fmt: skip
