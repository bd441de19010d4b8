"""The wire protocols, spoken by the official clients: this year's and those from before CBOR and SQS's JSON."""

import datetime
import pickle
import subprocess

import boto3
import botocore.session
import pytest
import requests
from botocore.exceptions import ClientError

from conftest import PROTOCOLS, ROOT, Server

OLDER = ROOT / "target/stories-older/bin/python"
UTC = datetime.timezone.utc
AT = datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
DAY = datetime.timedelta(days=1)
# What XML, forms and JSON must each write in a way of their own.
TEXT = "ä ☃ 😀 <a b=\"c\">&amp; + % ' \\ /"
FLOATS = [0.0, 0.1, -2.5, 100.0, 1 / 3, 5e-324, 1.7976931348623157e308, -1e-7, 1e21]


def speaking(protocol: str):
    """A session that takes CloudWatch to speak that protocol alone."""
    session = botocore.session.Session()
    loader = session.get_component("data_loader")
    load = loader.load_service_model

    def only(*arguments, **options):
        model = load(*arguments, **options)
        if "protocols" not in model.get("metadata", {}):
            return model
        return {**model, "metadata": {**model["metadata"], "protocol": protocol, "protocols": [protocol]}}

    loader.load_service_model = only
    return boto3.Session(botocore_session=session)


class Newer:
    """A client of this year that keeps what it sent last."""

    def __init__(self, client):
        self.client = client
        client.meta.events.register("before-send", self.keep)

    def keep(self, request, **_):
        self.headers, self.body = dict(request.headers), request.body

    def __getattr__(self, method):
        return getattr(self.client, method)

    def close(self):
        self.client.close()


class Older:
    """A client of an older version, in a process of its own."""

    def __init__(self, service: str, server: Server):
        self.process = subprocess.Popen(
            [OLDER, ROOT / "tests/older_client.py", service, server.endpoint],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __getattr__(self, method):
        def call(**parameters):
            pickle.dump((method, parameters), self.process.stdin)
            self.process.stdin.flush()
            answer, failure, self.headers, self.body = pickle.load(self.process.stdout)
            if failure:
                raise ClientError(*failure)
            return answer

        return call

    def close(self):
        self.process.communicate(timeout=30)


@pytest.fixture(scope="module")
def mirror():
    """A server that answers CloudWatch and EC2 with what it got."""
    server = Server(command=[PROTOCOLS])
    yield server
    server.stop()


@pytest.fixture(scope="module", params=["smithy-rpc-v2-cbor", "json", "query", "older"])
def cloudwatch(request, mirror):
    if request.param == "older":
        client = Older("cloudwatch", mirror)
    else:
        client = Newer(mirror.client("cloudwatch", session=speaking(request.param)))
    client.spoken = "query" if request.param == "older" else request.param
    client.namespace = f"Of/{request.param}"
    yield client
    client.close()


@pytest.fixture(scope="module")
def ec2(mirror):
    return mirror.client("ec2")


@pytest.fixture(scope="module", params=["newer", "older"])
def sqs(request, server):
    client = Older("sqs", server) if request.param == "older" else Newer(server.client("sqs"))
    client.spoken = "query" if request.param == "older" else "json"
    client.queue = client.create_queue(QueueName=f"protocols-{request.param}", Attributes={"VisibilityTimeout": "7"})["QueueUrl"]
    yield client
    client.close()


def header(client, name: str) -> str | None:
    found = {key.lower(): value for key, value in client.headers.items()}.get(name)
    return found.decode() if isinstance(found, bytes) else found


def statistics(client, name: str, **parameters) -> list[dict]:
    wanted = {"StartTime": AT - DAY, "EndTime": AT + DAY, "Period": 60, "Statistics": ["Sum", "Average"], **parameters}
    return client.get_metric_statistics(Namespace=client.namespace, MetricName=name, **wanted)["Datapoints"]


def assert_fault(caught, status: int, code: str, message: str) -> dict:
    answer = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    assert (answer["Error"]["Code"], answer["Error"]["Message"]) == (code, message)
    assert answer["ResponseMetadata"]["RequestId"]
    return answer


def test_each_client_speaks_its_protocol(cloudwatch):
    answer = cloudwatch.describe_alarms(AlarmNames=["none"])
    kind, target = header(cloudwatch, "content-type"), header(cloudwatch, "x-amz-target")
    if cloudwatch.spoken == "smithy-rpc-v2-cbor":
        assert (header(cloudwatch, "smithy-protocol"), kind) == ("rpc-v2-cbor", "application/cbor")
        assert answer["ResponseMetadata"]["HTTPHeaders"]["smithy-protocol"] == "rpc-v2-cbor"
    elif cloudwatch.spoken == "json":
        assert (target, kind) == ("GraniteServiceVersion20100801.DescribeAlarms", "application/x-amz-json-1.0")
    else:
        assert (target, kind) == (None, "application/x-www-form-urlencoded; charset=utf-8")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer["ResponseMetadata"]["RequestId"]
    assert answer["MetricAlarms"] == []


def test_a_client_left_to_itself_prefers_json(mirror):
    client = Newer(mirror.client("cloudwatch"))
    client.describe_alarms()
    assert header(client, "x-amz-target") == "GraniteServiceVersion20100801.DescribeAlarms"


@pytest.mark.parametrize("value", FLOATS)
def test_floats_come_back_as_they_were(cloudwatch, value):
    name = f"float {value!r}"
    cloudwatch.put_metric_data(Namespace=cloudwatch.namespace, MetricData=[{"MetricName": name, "Value": value, "Timestamp": AT}])
    assert [point["Average"] for point in statistics(cloudwatch, name)] == [value]


def test_lists_maps_and_structures_come_back(cloudwatch):
    datum = {
        "MetricName": TEXT,
        "Dimensions": [{"Name": "first", "Value": TEXT}, {"Name": "second", "Value": "a\rb\r\nc\td"}],
        "Timestamp": AT,
        "StatisticValues": {"SampleCount": 3, "Sum": 6.5, "Minimum": -1, "Maximum": 1e10},
        "Values": FLOATS,
        "Unit": "Bytes/Second",
    }
    cloudwatch.put_metric_data(Namespace=cloudwatch.namespace, MetricData=[datum])
    (point,) = statistics(cloudwatch, TEXT, Dimensions=datum["Dimensions"])
    assert point["Timestamp"] == AT
    assert {key: point[key] for key in datum["StatisticValues"]} == datum["StatisticValues"]
    assert point["ExtendedStatistics"] == {f"p{n}": value for n, value in enumerate(FLOATS)}
    assert point["Unit"] == "Bytes/Second" and "Average" not in point
    metrics = cloudwatch.list_metrics(Namespace=cloudwatch.namespace)["Metrics"]
    assert {"Namespace": cloudwatch.namespace, "MetricName": TEXT, "Dimensions": datum["Dimensions"]} in metrics


def test_an_alarm_comes_back(cloudwatch):
    name = f"{TEXT} of {cloudwatch.namespace}"
    metric = {"Namespace": "N", "MetricName": "m", "Dimensions": [{"Name": "d", "Value": "\r"}]}
    alarm = {
        "AlarmName": name,
        "AlarmDescription": " led and trailed by blanks\r\n",
        "ActionsEnabled": False,
        "AlarmActions": ["arn:aws:sns:us-east-1:000000000000:one", "arn:aws:sns:us-east-1:000000000000:two"],
        "OKActions": [],
        "EvaluationPeriods": 2147483647,
        "Threshold": 0.1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Metrics": [
            {"Id": "a", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p99"}, "ReturnData": False},
            {"Id": "b", "Expression": "a * 2", "Label": "", "ReturnData": True},
        ],
    }
    cloudwatch.put_metric_alarm(**alarm)
    answer = cloudwatch.describe_alarms(AlarmNames=["another", name])
    (found,) = answer["MetricAlarms"]
    since = datetime.datetime.now(UTC) - found.pop("AlarmConfigurationUpdatedTimestamp")
    assert abs(since) < datetime.timedelta(minutes=5)
    assert found == alarm


def test_entities_keys_are_a_map(cloudwatch):
    if isinstance(cloudwatch, Older):
        pytest.skip("older clients know no entities")
    keys = {"Type": "Service", "Name": TEXT}
    data = [{"Entity": {"KeyAttributes": keys}, "MetricData": [{"MetricName": "of an entity", "Value": 1, "Timestamp": AT}]}]
    cloudwatch.put_metric_data(Namespace=cloudwatch.namespace, EntityMetricData=data)
    dimensions = [{"Name": key, "Value": value} for key, value in keys.items()]
    assert len(statistics(cloudwatch, "of an entity", Dimensions=dimensions)) == 1


def test_large_requests_are_compressed(cloudwatch):
    data = [{"MetricName": "many", "Value": n, "Timestamp": AT} for n in range(300)]
    cloudwatch.put_metric_data(Namespace=cloudwatch.namespace, MetricData=data)
    if isinstance(cloudwatch, Newer):
        assert header(cloudwatch, "content-encoding") == "gzip"
    assert [point["Average"] for point in statistics(cloudwatch, "many")] == list(range(300))


def test_what_is_not_compressed_is_the_callers_fault(mirror):
    headers = {"Content-Encoding": "gzip", "X-Amz-Target": "GraniteServiceVersion20100801.PutMetricData"}
    answer = requests.post(mirror.endpoint, headers=headers, data=b'{"Namespace": "plain"}')
    assert (answer.status_code, answer.json()["__type"].split("#")[-1]) == (400, "SerializationException")


def test_nothing_found_is_an_empty_list(cloudwatch):
    assert statistics(cloudwatch, "nothing", Dimensions=[]) == []


def test_errors_keep_the_codes_of_the_query_protocol(cloudwatch):
    with pytest.raises(ClientError) as caught:
        statistics(cloudwatch, "m", StartTime=AT, EndTime=AT)
    message = "The parameter StartTime must be less than the parameter EndTime."
    answer = assert_fault(caught, 400, "InvalidParameterValue", message)
    assert answer["Error"]["Type"] == "Sender"
    if isinstance(cloudwatch, Newer):
        assert isinstance(caught.value, cloudwatch.exceptions.InvalidParameterValueException)


def test_messages_of_errors_are_escaped(cloudwatch):
    with pytest.raises(ClientError) as caught:
        cloudwatch.list_metrics(NextToken="t")
    assert_fault(caught, 400, "InvalidNextToken", "The token is not one of ours: ä\r\n<&>")


def test_ec2s_query(ec2):
    tags = [{"Key": TEXT, "Value": "a\rb\r\n"}, {"Key": "empty", "Value": ""}]
    done = ec2.create_tags(Resources=["i-1", "i-2"], Tags=tags)
    assert done["ResponseMetadata"]["HTTPStatusCode"] == 200 and done["ResponseMetadata"]["RequestId"]
    filters = [{"Name": "tag:a", "Values": ["1", TEXT]}, {"Name": "vpc-id", "Values": ["v"]}, {"Name": "none", "Values": []}]
    answer = ec2.describe_instances(InstanceIds=["i-1", "i-3"], Filters=filters, MaxResults=7, DryRun=False, NextToken="n")
    echo = [{"Key": "tag:a", "Value": "1"}, {"Key": "tag:a", "Value": TEXT}, {"Key": "vpc-id", "Value": "v"}]
    ((tagged, bare),) = (reservation["Instances"] for reservation in answer["Reservations"])
    assert (tagged["InstanceId"], tagged["Tags"]) == ("i-1", tags + echo)
    assert (bare["InstanceId"], bare["Tags"]) == ("i-3", echo)
    assert tagged["State"] == {"Code": 16, "Name": "running"}
    assert abs(datetime.datetime.now(UTC) - tagged["LaunchTime"]) < datetime.timedelta(minutes=5)
    assert (tagged["AmiLaunchIndex"], tagged["EbsOptimized"], tagged["SecurityGroups"]) == (7, False, [])
    assert answer["NextToken"] == "n" and answer["ResponseMetadata"]["RequestId"]
    regions = ec2.describe_regions(RegionNames=["eu-west-1", "us-east-1"])["Regions"]
    assert [region["RegionName"] for region in regions] == ["eu-west-1", "us-east-1"]
    assert ec2.describe_regions()["Regions"] == []


def test_ec2s_errors(ec2):
    with pytest.raises(ClientError) as caught:
        ec2.create_tags(Resources=["ä<"], Tags=[{"Key": "k", "Value": "v"}])
    assert_fault(caught, 400, "InvalidID", "The ID 'ä<' is not valid")
    with pytest.raises(ClientError) as caught:
        ec2.describe_vpcs()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


def test_a_message_through_sqs(sqs):
    attributes = {
        "text": {"DataType": "String", "StringValue": TEXT},
        "number": {"DataType": "Number", "StringValue": "1.50"},
        "bytes": {"DataType": "Binary", "BinaryValue": bytes(range(256))},
    }
    body = f"{TEXT}\r\n\ttwo lines\r"
    sent = sqs.send_message(QueueUrl=sqs.queue, MessageBody=body, MessageAttributes=attributes)
    assert header(sqs, "x-amz-target") == ("AmazonSQS.SendMessage" if sqs.spoken == "json" else None)
    assert sent["ResponseMetadata"]["RequestId"]
    wanted = {"AttributeNames": ["All"], "MessageAttributeNames": ["All"], "WaitTimeSeconds": 1}
    (message,) = sqs.receive_message(QueueUrl=sqs.queue, **wanted)["Messages"]
    assert (message["MessageId"], message["Body"]) == (sent["MessageId"], body)
    assert (message["MD5OfBody"], message["MD5OfMessageAttributes"]) == (sent["MD5OfMessageBody"], sent["MD5OfMessageAttributes"])
    assert message["MessageAttributes"] == attributes
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    sqs.delete_message(QueueUrl=sqs.queue, ReceiptHandle=message["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(QueueUrl=sqs.queue)


def test_a_queues_attributes_are_a_map(sqs):
    sqs.set_queue_attributes(QueueUrl=sqs.queue, Attributes={"DelaySeconds": "0", "VisibilityTimeout": "9"})
    names = ["VisibilityTimeout", "ApproximateNumberOfMessages"]
    answer = sqs.get_queue_attributes(QueueUrl=sqs.queue, AttributeNames=names)
    assert answer["Attributes"] == {"VisibilityTimeout": "9", "ApproximateNumberOfMessages": "0"}


def test_a_missing_queue_has_the_code_that_old_programs_know(sqs):
    with pytest.raises(ClientError) as caught:
        sqs.get_queue_url(QueueName="missing")
    version = " for this wsdl version" if sqs.spoken == "query" else ""
    code, message = "AWS.SimpleQueueService.NonExistentQueue", f"The specified queue does not exist{version}."
    answer = assert_fault(caught, 400, code, message)
    assert answer["Error"]["Type"] == "Sender"
    if isinstance(sqs, Newer):
        assert isinstance(caught.value, sqs.exceptions.QueueDoesNotExist)
