"""Event source mappings: queues and streams of tables that functions read."""

import io
import json
import time
import zipfile

import pytest

from conftest import eventually

ROLE = "arn:aws:iam::000000000000:role/r"
PRINTS = """
import json

def handler(event, _):
    print("GOT " + json.dumps(event))
"""
# Fails what says so, and reports it.
REPORTS = """
import json

def handler(event, _):
    failed = []
    for record in event["Records"]:
        print("SEEN " + record["body"])
        if json.loads(record["body"]).get("fails"):
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
"""
# Sums up over a window.
SUMS = """
import json

def handler(event, _):
    total = event["state"].get("total", 0)
    for record in event["Records"]:
        total += int(record["dynamodb"]["NewImage"]["amount"]["N"])
    if event["isFinalInvokeForWindow"]:
        print("SUMMED " + json.dumps({"total": total, **event}))
    return {"state": {"total": total}}
"""
FAILS = """
def handler(event, _):
    print("TRIED " + ",".join(record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"]))
    if any(record["dynamodb"]["Keys"]["id"]["S"] == "bad" for record in event["Records"]):
        raise ValueError("no")
"""


@pytest.fixture
def functions(server):
    return server.client("lambda")


def create(functions, name, code):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("f.py", code)
    functions.create_function(FunctionName=name, Runtime="python3.12", Handler="f.handler", Role=ROLE, Timeout=5, Code={"ZipFile": archive.getvalue()})
    return name


def printed(server, name, word):
    """What a function printed behind a word, in order."""
    logs = server.client("logs")
    try:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern=word)["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [event["message"].split(word + " ", 1)[1].strip() for event in events]


def new_queue(sqs, name, **attributes):
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def waiting(sqs, url):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    return sum(int(value) for value in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values())


def test_a_queue_is_read_through_a_filter(server, functions):
    sqs = server.client("sqs")
    url, arn = new_queue(sqs, "mapped")
    name = create(functions, "mapped", PRINTS)
    criteria = {"Filters": [{"Pattern": json.dumps({"body": {"kind": ["order", {"prefix": "re"}]}})}]}
    created = functions.create_event_source_mapping(FunctionName=name, EventSourceArn=arn, FilterCriteria=criteria)
    assert (created["State"], created["BatchSize"]) == ("Creating", 10)
    assert functions.get_event_source_mapping(UUID=created["UUID"])["State"] == "Enabled"
    attributes = {"a": {"DataType": "String", "StringValue": "x"}, "b": {"DataType": "Binary", "BinaryValue": b"\0"}}
    sent = sqs.send_message(QueueUrl=url, MessageBody='{"kind": "order"}', MessageAttributes=attributes)
    sqs.send_message(QueueUrl=url, MessageBody='{"kind": "other"}')
    sqs.send_message(QueueUrl=url, MessageBody="text")
    (event,) = eventually(lambda: printed(server, name, "GOT"))
    (record,) = json.loads(event)["Records"]
    assert (record["messageId"], record["body"], record["eventSource"], record["eventSourceARN"], record["awsRegion"]) == (sent["MessageId"], '{"kind": "order"}', "aws:sqs", arn, "us-east-1")
    assert record["messageAttributes"]["a"] == {"stringListValues": [], "binaryListValues": [], "dataType": "String", "stringValue": "x"}
    assert record["messageAttributes"]["b"]["binaryValue"] == "AA=="
    assert record["attributes"]["ApproximateReceiveCount"] == "1" and record["md5OfBody"] == sent["MD5OfMessageBody"]
    # What the function does not want is gone as well.
    eventually(lambda: waiting(sqs, url) == 0)
    with pytest.raises(functions.exceptions.ResourceConflictException, match="already exists"):
        functions.create_event_source_mapping(FunctionName=name, EventSourceArn=arn)
    # A disabled mapping reads nothing; enabled again, it goes on.
    assert functions.update_event_source_mapping(UUID=created["UUID"], Enabled=False)["State"] == "Disabling"
    sqs.send_message(QueueUrl=url, MessageBody='{"kind": "return"}')
    assert waiting(sqs, url) == 1 and len(printed(server, name, "GOT")) == 1
    functions.update_event_source_mapping(UUID=created["UUID"], Enabled=True)
    eventually(lambda: len(printed(server, name, "GOT")) == 2)
    assert functions.delete_event_source_mapping(UUID=created["UUID"])["State"] == "Deleting"
    assert functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"] == []


def test_what_fails_comes_again_and_then_is_a_dead_letter(server, functions):
    sqs = server.client("sqs")
    dead_url, dead_arn = new_queue(sqs, "reported-dead")
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 2})
    url, arn = new_queue(sqs, "reported", VisibilityTimeout="5", RedrivePolicy=redrive)
    name = create(functions, "reported", REPORTS)
    functions.create_event_source_mapping(FunctionName=name, EventSourceArn=arn, FunctionResponseTypes=["ReportBatchItemFailures"])
    entries = [{"Id": str(number), "MessageBody": json.dumps({"number": number, "fails": number == 3})} for number in range(5)]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    (dead,) = eventually(lambda: sqs.receive_message(QueueUrl=dead_url, WaitTimeSeconds=5).get("Messages"), 40)
    assert json.loads(dead["Body"])["number"] == 3
    assert waiting(sqs, url) == 0
    seen = [json.loads(text)["number"] for text in printed(server, name, "SEEN")]
    assert sorted(seen) == [0, 1, 2, 3, 3, 4]


def test_a_fifo_queue_keeps_its_order(server, functions):
    sqs = server.client("sqs")
    url, arn = new_queue(sqs, "mapped.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    name = create(functions, "ordered", REPORTS)
    for number in range(20):
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"number": number}), MessageGroupId=f"g{number % 2}")
    functions.create_event_source_mapping(FunctionName=name, EventSourceArn=arn, BatchSize=1)
    seen = eventually(lambda: len(found := printed(server, name, "SEEN")) == 20 and [json.loads(text)["number"] for text in found], 40)
    for group in range(2):
        assert [number for number in seen if number % 2 == group] == list(range(group, 20, 2))


def new_table(server, name):
    dynamodb = server.client("dynamodb")
    table = dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return dynamodb, table["TableDescription"]["LatestStreamArn"]


def test_changes_of_a_table_reach_a_function(server, functions):
    dynamodb, stream = new_table(server, "followed")
    name = create(functions, "followed", PRINTS)
    dynamodb.put_item(TableName="followed", Item={"id": {"S": "early"}})
    criteria = {"Filters": [{"Pattern": json.dumps({"eventName": ["INSERT", "MODIFY"]})}]}
    mapping = functions.create_event_source_mapping(FunctionName=name, EventSourceArn=stream, StartingPosition="TRIM_HORIZON", FilterCriteria=criteria)
    assert mapping["LastProcessingResult"] == "No records processed"
    dynamodb.put_item(TableName="followed", Item={"id": {"S": "a"}, "n": {"N": "1"}})
    dynamodb.put_item(TableName="followed", Item={"id": {"S": "a"}, "n": {"N": "2"}})
    dynamodb.delete_item(TableName="followed", Key={"id": {"S": "a"}})

    def records():
        found = [record for event in printed(server, name, "GOT") for record in json.loads(event)["Records"]]
        return len(found) >= 3 and found

    found = eventually(records)
    assert [(record["eventName"], record["dynamodb"]["Keys"]["id"]["S"]) for record in found] == [("INSERT", "early"), ("INSERT", "a"), ("MODIFY", "a")]
    assert found[2]["dynamodb"]["OldImage"]["n"] == {"N": "1"} and found[2]["eventSourceARN"] == stream and found[2]["eventSource"] == "aws:dynamodb"
    eventually(lambda: functions.get_event_source_mapping(UUID=mapping["UUID"])["LastProcessingResult"] == "OK")


def test_a_bad_record_is_found_by_halving_and_told_of(server, functions):
    dynamodb, stream = new_table(server, "halved")
    name = create(functions, "halved", FAILS)
    sqs = server.client("sqs")
    url, arn = new_queue(sqs, "halved-failures")
    for id in ("a", "b", "bad", "c"):
        dynamodb.put_item(TableName="halved", Item={"id": {"S": id}})
    functions.create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=stream,
        StartingPosition="TRIM_HORIZON",
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=1,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    (message,) = eventually(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages"), 40)
    told = json.loads(message["Body"])
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted" and told["requestContext"]["approximateInvokeCount"] == 2
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1 and told["DDBStreamBatchInfo"]["streamArn"] == stream
    assert told["responseContext"]["functionError"] == "Unhandled"
    assert eventually(lambda: (found := printed(server, name, "TRIED")) and found[-1] == "c" and found) == ["a,b,bad,c", "a,b", "bad,c", "bad", "bad", "c"]


def test_reading_goes_on_where_it_stopped(start, tmp_path):
    data = str(tmp_path / "data")
    server = start("--data-dir", data)
    dynamodb, stream = new_table(server, "kept")
    functions = server.client("lambda")
    name = create(functions, "kept", PRINTS)
    dynamodb.put_item(TableName="kept", Item={"id": {"S": "before"}})
    functions.create_event_source_mapping(FunctionName=name, EventSourceArn=stream, StartingPosition="LATEST")

    def ids(server):
        return [record["dynamodb"]["Keys"]["id"]["S"] for event in printed(server, name, "GOT") for record in json.loads(event)["Records"]]

    def put_until_seen(id):
        # The latest is where the reader first looks, a moment after the mapping was made.
        dynamodb.put_item(TableName="kept", Item={"id": {"S": id}, "t": {"N": str(time.time_ns())}})
        return id in ids(server)

    eventually(lambda: put_until_seen("one"))
    server.stop()
    server = start("--data-dir", data)
    server.client("dynamodb").put_item(TableName="kept", Item={"id": {"S": "two"}})
    seen = eventually(lambda: (found := ids(server)) and found[-1] == "two" and found)
    assert "before" not in seen and seen.count("two") == 1


def test_windows_hand_their_state_on_and_end_by_the_clock(server, functions):
    dynamodb = server.client("dynamodb")
    name = create(functions, "summed", SUMS)
    key = {"AttributeName": "id", "AttributeType": "S"}
    schema = {"AttributeName": "id", "KeyType": "HASH"}
    view = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    made = dynamodb.create_table(TableName="summed", AttributeDefinitions=[key], KeySchema=[schema], BillingMode="PAY_PER_REQUEST", StreamSpecification=view)
    stream = made["TableDescription"]["LatestStreamArn"]
    settings = {"StartingPosition": "TRIM_HORIZON", "BatchSize": 2, "TumblingWindowInSeconds": 2}
    mapping = functions.create_event_source_mapping(FunctionName=name, EventSourceArn=stream, **settings)
    assert mapping["TumblingWindowInSeconds"] == 2
    for amount in range(1, 8):
        dynamodb.put_item(TableName="summed", Item={"id": {"S": str(amount)}, "amount": {"N": str(amount)}})
    # They may have fallen into two windows.
    def ended():
        ends = [json.loads(text) for text in printed(server, name, "SUMMED")]
        return ends if sum(end["total"] for end in ends) >= 28 else None

    ends = eventually(ended)
    assert sum(end["total"] for end in ends) == 28
    for end in ends:
        assert end["Records"] == [] and end["state"]["total"] == end["total"] and not end["isWindowTerminatedEarly"]
        assert end["eventSourceARN"] == stream and end["shardId"].startswith("shardId-")
        begins, stops = (int(time.mktime(time.strptime(end["window"][side], "%Y-%m-%dT%H:%M:%SZ"))) for side in ("start", "end"))
        assert stops - begins == 2
