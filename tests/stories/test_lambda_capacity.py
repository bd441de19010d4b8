"""Lambda on capacity providers, for tenants, and in circles, by the official clients."""

import io
import json
import socket
import sys
import threading
import zipfile

import pytest
from botocore.exceptions import ClientError

from conftest import Server, eventually

ROLE = "arn:aws:iam::000000000000:role/lambda"
TELL = """
import os, socket

def handler(event, context):
    if "port" in event:
        socket.create_connection(("127.0.0.1", event["port"])).recv(1)
    return [context.function_version, os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]]
"""
COUNT = """
count = 0

def handler(event, context):
    global count
    count += 1
    return [context.tenant_id, count]
"""
AGAIN = """
import json
import boto3

lambda_, sqs = boto3.client("lambda"), boto3.client("sqs")

def handler(event, context):
    for record in event.get("Records", []):
        sqs.send_message(QueueUrl=record["messageAttributes"]["queue"]["stringValue"], MessageBody=str(int(record["body"]) + 1),
                         MessageAttributes={"queue": {"DataType": "String", "StringValue": record["messageAttributes"]["queue"]["stringValue"]}})
    if "n" in event and event["n"] == event.get("end"):
        sqs.send_message(QueueUrl=event["queue"], MessageBody="through")
    elif "n" in event:
        again = json.dumps({**event, "n": event["n"] + 1})
        lambda_.invoke(FunctionName=context.function_name, InvocationType="Event", Payload=again)
"""

# Writes to where its event came from.
ON = """
import boto3

sns, s3 = boto3.client("sns"), boto3.client("s3")

def handler(event, context):
    record = event["Records"][0]
    if "Sns" in record:
        sns.publish(TopicArn=record["Sns"]["TopicArn"], Message=str(int(record["Sns"]["Message"]) + 1))
    else:
        s3.put_object(Bucket=record["s3"]["bucket"]["name"], Key=str(int(record["s3"]["object"]["key"]) + 1), Body=b"")
"""


@pytest.fixture(scope="module")
def server():
    server = Server("--ephemeral", environment={"VIRTUAL_ENV": sys.prefix})
    yield server
    assert server.stop() == 0


@pytest.fixture
def lambda_(server):
    return server.client("lambda")


@pytest.fixture
def sqs(server):
    return server.client("sqs")


def create(client, name, code, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        zipped.writestr("app.py", code)
    return client.create_function(
        FunctionName=name, Role=ROLE, Handler="app.handler", Code={"ZipFile": buffer.getvalue()},
        **{"Runtime": "python3.13", "Timeout": 20, **options},
    )


def invoke(client, name, event=None, **options):
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event or {}), **options)
    return json.loads(answer["Payload"].read()), answer


def queue(sqs, name, **attributes):
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:000000000000:{name}"


def message(sqs, url):
    asked = {"QueueUrl": url, "WaitTimeSeconds": 1, "MessageAttributeNames": ["All"]}
    return eventually(lambda: sqs.receive_message(**asked).get("Messages"), 60)[0]


def provider(client, name):
    made = client.create_capacity_provider(
        CapacityProviderName=name,
        VpcConfig={"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]},
        PermissionsConfig={"CapacityProviderOperatorRoleArn": ROLE},
    )["CapacityProvider"]
    assert made["State"] == "Pending"
    arn = made["CapacityProviderArn"]
    assert client.get_capacity_provider(CapacityProviderName=name)["CapacityProvider"]["State"] == "Active"
    return {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": arn, "PerExecutionEnvironmentMaxConcurrency": 1}}


def state(client, name, qualifier):
    return client.get_function_configuration(FunctionName=name, Qualifier=qualifier)["State"]


def test_functions_on_a_capacity_provider_run_as_published(lambda_):
    config = provider(lambda_, "pool")
    published = "$LATEST.PUBLISHED"
    made = create(lambda_, "managed", TELL, CapacityProviderConfig=config, Publish=True, PublishTo="LATEST_PUBLISHED")
    assert (made["State"], made["Version"], made["MemorySize"]) == ("Pending", published, 2048)
    eventually(lambda: state(lambda_, "managed", published) == "Active")
    answer, told = invoke(lambda_, "managed")
    assert answer == [published, "lambda-managed-instances", "2048"]
    assert told["ExecutedVersion"] == published

    assert lambda_.publish_version(FunctionName="managed")["Version"] == "1"
    eventually(lambda: state(lambda_, "managed", "1") == "Active")
    assert invoke(lambda_, "managed:1")[0][0] == "1"
    users = lambda_.list_function_versions_by_capacity_provider(CapacityProviderName="pool")["FunctionVersions"]
    assert {user["FunctionArn"].rsplit(":", 1)[1] for user in users} == {"$LATEST", published, "1"}

    scale = {"FunctionName": "managed", "Qualifier": published}
    some = {"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 1}
    assert lambda_.put_function_scaling_config(**scale, FunctionScalingConfig=some)["FunctionState"] == "Active"
    assert lambda_.get_function_scaling_config(**scale)["AppliedFunctionScalingConfig"] == some
    with socket.create_server(("127.0.0.1", 0)) as listener:
        holding = threading.Thread(target=invoke, args=(lambda_, "managed", {"port": listener.getsockname()[1]}))
        holding.start()
        held, _ = listener.accept()
        with pytest.raises(ClientError) as refused:
            invoke(lambda_, "managed")
        assert refused.value.response["Error"]["Code"] == "TooManyRequestsException"
        assert refused.value.response["Reason"] == "ConcurrentInvocationLimitExceeded"
        held.close()
        holding.join()

    none = {"MinExecutionEnvironments": 0, "MaxExecutionEnvironments": 0}
    assert lambda_.put_function_scaling_config(**scale, FunctionScalingConfig=none)["FunctionState"] == "Deactivating"
    assert state(lambda_, "managed", published) == "Deactivated"
    with pytest.raises(lambda_.exceptions.ResourceConflictException):
        invoke(lambda_, "managed")
    assert lambda_.put_function_scaling_config(**scale, FunctionScalingConfig=some)["FunctionState"] == "Pending"
    eventually(lambda: state(lambda_, "managed", published) == "Active")
    assert invoke(lambda_, "managed")[0][0] == published

    with pytest.raises(lambda_.exceptions.ResourceConflictException):
        lambda_.delete_capacity_provider(CapacityProviderName="pool")
    lambda_.delete_function(FunctionName="managed")
    assert lambda_.delete_capacity_provider(CapacityProviderName="pool")["CapacityProvider"]["State"] == "Deleting"


def test_a_version_that_cannot_be_initialised_has_failed(lambda_):
    config = provider(lambda_, "broken")
    create(lambda_, "broken", "raise ValueError('no')", CapacityProviderConfig=config)
    assert lambda_.publish_version(FunctionName="broken")["State"] == "Pending"
    eventually(lambda: state(lambda_, "broken", "1") == "Failed")


def test_tenants_do_not_share_environments(lambda_):
    create(lambda_, "shared", COUNT, TenancyConfig={"TenantIsolationMode": "PER_TENANT"})
    assert invoke(lambda_, "shared", TenantId="blue")[0] == ["blue", 1]
    assert invoke(lambda_, "shared", TenantId="blue")[0] == ["blue", 2]
    assert invoke(lambda_, "shared", TenantId="green")[0] == ["green", 1]
    stream = lambda_.invoke_with_response_stream(FunctionName="shared", TenantId="green")["EventStream"]
    chunks = [event["PayloadChunk"]["Payload"] for event in stream if "PayloadChunk" in event]
    assert json.loads(b"".join(chunks)) == ["green", 2]
    with pytest.raises(lambda_.exceptions.InvalidParameterValueException):
        invoke(lambda_, "shared")


def test_a_function_that_invokes_itself_is_stopped(lambda_, sqs):
    dead, arn = queue(sqs, "dead")
    through, _ = queue(sqs, "through")
    create(lambda_, "circle", AGAIN, DeadLetterConfig={"TargetArn": arn}, MemorySize=512)
    lambda_.invoke(FunctionName="circle", InvocationType="Event", Payload=json.dumps({"n": 1}))
    letter = message(sqs, dead)
    # Sixteen have run.
    assert json.loads(letter["Body"]) == {"n": 17}
    assert letter["MessageAttributes"]["ErrorCode"]["StringValue"] == "400"
    assert "recursive loop" in letter["MessageAttributes"]["ErrorMessage"]["StringValue"]

    lambda_.put_function_recursion_config(FunctionName="circle", RecursiveLoop="Allow")
    event = {"n": 1, "end": 20, "queue": through}
    lambda_.invoke(FunctionName="circle", InvocationType="Event", Payload=json.dumps(event))
    assert message(sqs, through)["Body"] == "through"


def test_a_circle_through_a_queue_ends_in_its_dead_letter_queue(lambda_, sqs):
    lost, arn = queue(sqs, "lost")
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 1})
    url, source = queue(sqs, "round", VisibilityTimeout="5", RedrivePolicy=redrive)
    create(lambda_, "round", AGAIN, Timeout=5, MemorySize=512)
    lambda_.create_event_source_mapping(FunctionName="round", EventSourceArn=source)
    attributes = {"queue": {"DataType": "String", "StringValue": url}}
    sqs.send_message(QueueUrl=url, MessageBody="0", MessageAttributes=attributes)
    assert message(sqs, lost)["Body"] == "16"


def test_circles_through_topics_and_buckets_end_too(server, lambda_, sqs):
    dead, arn = queue(sqs, "circles")
    function = create(lambda_, "on", ON, DeadLetterConfig={"TargetArn": arn}, MemorySize=512)["FunctionArn"]
    sns, s3 = server.client("sns"), server.client("s3")
    topic = sns.create_topic(Name="circle")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function)
    sns.publish(TopicArn=topic, Message="1")
    assert json.loads(message(sqs, dead)["Body"])["Records"][0]["Sns"]["Message"] == "17"

    sqs.purge_queue(QueueUrl=dead)
    s3.create_bucket(Bucket="circle")
    tells = {"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="circle", NotificationConfiguration={"LambdaFunctionConfigurations": [tells]}, SkipDestinationValidation=True
    )
    s3.put_object(Bucket="circle", Key="1", Body=b"")
    assert json.loads(message(sqs, dead)["Body"])["Records"][0]["s3"]["object"]["key"] == "17"


def test_policies_are_one_with_permissions(lambda_):
    arn = create(lambda_, "policy", TELL)["FunctionArn"]
    lambda_.add_permission(FunctionName="policy", StatementId="a", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")
    found = lambda_.get_resource_policy(ResourceArn=arn)
    assert found["Policy"] == lambda_.get_policy(FunctionName="policy")["Policy"]
    policy = json.loads(found["Policy"])
    policy["Statement"][0]["Sid"] = "b"
    lambda_.put_resource_policy(ResourceArn=arn, Policy=json.dumps(policy), RevisionId=found["RevisionId"])
    lambda_.remove_permission(FunctionName="policy", StatementId="b")
    with pytest.raises(lambda_.exceptions.ResourceNotFoundException):
        lambda_.delete_resource_policy(ResourceArn=arn)
