"""SQS as people's programs use it: workers, groups, dead letters, many clients at once, and what outlives a kill."""

import json
import signal
import threading
import urllib.parse
import urllib.request

import boto3
import pytest
from botocore.exceptions import ClientError

from conftest import eventually


@pytest.fixture
def sqs(server):
    return server.client("sqs")


def queue(sqs, name: str, **attributes: str) -> str:
    return sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def arn(sqs, url: str) -> str:
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def count(sqs, url: str) -> int:
    names = ["", "NotVisible", "Delayed"]
    names = [f"ApproximateNumberOfMessages{name}" for name in names]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def test_orders_of_each_customer_are_worked_off_in_order_by_many_workers(server, sqs):
    url = queue(sqs, "orders.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    customers = [f"customer{number}" for number in range(7)]
    for step in range(12):
        entries = [{"Id": name, "MessageBody": f"{name} {step}", "MessageGroupId": name} for name in customers]
        sent = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        assert len(sent["Successful"]) == 7 and "Failed" not in sent
    done, lock = {name: [] for name in customers}, threading.Lock()

    def work():
        client = server.client("sqs")
        while sum(map(len, done.values())) < 84:
            received = client.receive_message(QueueUrl=url, MaxNumberOfMessages=3, WaitTimeSeconds=1)
            for message in received.get("Messages", []):
                name, step = message["Body"].split()
                with lock:
                    done[name].append(int(step))
                client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    workers = [threading.Thread(target=work) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert done == {name: list(range(12)) for name in customers}
    assert count(sqs, url) == 0


def test_a_poisonous_message_is_buried_and_dug_up_again(sqs):
    dead = queue(sqs, "dead")
    policy = json.dumps({"deadLetterTargetArn": arn(sqs, dead), "maxReceiveCount": 2})
    url = queue(sqs, "poisoned", RedrivePolicy=policy, VisibilityTimeout="0")
    assert sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"] == [url]
    attributes = {"why": {"DataType": "String", "StringValue": "bitter"}}
    sent = sqs.send_message(QueueUrl=url, MessageBody="poison", MessageAttributes=attributes)
    for _ in range(2):
        assert sqs.receive_message(QueueUrl=url)["Messages"][0]["MessageId"] == sent["MessageId"]
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
    asked = {"MessageSystemAttributeNames": ["All"], "MessageAttributeNames": ["All"], "VisibilityTimeout": 0}
    buried = sqs.receive_message(QueueUrl=dead, **asked)["Messages"][0]
    assert (buried["MessageId"], buried["MessageAttributes"]) == (sent["MessageId"], attributes)
    assert buried["Attributes"]["DeadLetterQueueSourceArn"] == arn(sqs, url)
    sqs.start_message_move_task(SourceArn=arn(sqs, dead))
    found = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, **asked)["Messages"][0]
    assert (found["Body"], found["Attributes"]["ApproximateReceiveCount"]) == ("poison", "1")

    def is_over():
        return sqs.list_message_move_tasks(SourceArn=arn(sqs, dead))["Results"][0]["Status"] == "COMPLETED"

    eventually(is_over)
    assert count(sqs, dead) == 0


def test_the_resource_of_boto3_speaks_to_queues(server):
    options = {"endpoint_url": server.endpoint, "region_name": "us-east-1"}
    sqs = boto3.resource("sqs", aws_access_key_id="test", aws_secret_access_key="test", **options)
    made = sqs.create_queue(QueueName="resource", tags={"team": "blue"})
    made.send_message(MessageBody="hello", DelaySeconds=0)
    (message,) = made.receive_messages(WaitTimeSeconds=5)
    message.change_visibility(VisibilityTimeout=0)
    (message,) = made.receive_messages(WaitTimeSeconds=5)
    assert message.body == "hello" and sqs.get_queue_by_name(QueueName="resource").url == made.url
    message.delete()
    made.delete()
    with pytest.raises(sqs.meta.client.exceptions.QueueDoesNotExist):
        made.load()


def test_a_long_poll_is_answered_when_a_message_comes(server, sqs):
    url = queue(sqs, "polled")
    found = []

    def wait():
        received = server.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)
        found.extend(message["Body"] for message in received.get("Messages", []))

    waiting = threading.Thread(target=wait)
    waiting.start()
    sqs.send_message(QueueUrl=url, MessageBody="now")
    waiting.join()
    assert found == ["now"]


def test_regions_and_accounts_have_queues_of_their_own(server):
    here, there = server.client("sqs"), server.client("sqs", region="eu-west-1")
    other = server.client("sqs", key="111111111111")
    urls = [queue(client, "same") for client in (here, there, other)]
    assert len(set(urls)) == 3
    there.send_message(QueueUrl=urls[1], MessageBody="there")
    assert "Messages" not in here.receive_message(QueueUrl=urls[0])
    # The URL says where the queue is, also to a client of another account.
    assert here.receive_message(QueueUrl=urls[1])["Messages"][0]["Body"] == "there"
    found = here.get_queue_url(QueueName="same", QueueOwnerAWSAccountId="111111111111")["QueueUrl"]
    assert found == urls[2]


def test_a_queue_is_looked_into_without_receiving(server, sqs):
    url = queue(sqs, "looked-into")
    for body in ("one", "two", "three"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=900)
    sqs.receive_message(QueueUrl=url)

    def look(path="", **asked):
        query = urllib.parse.urlencode(asked)
        request = urllib.request.Request(f"{server.endpoint}/_aws/sqs/messages{path}?{query}", headers={"Accept": "application/json"})
        with urllib.request.urlopen(request) as answer:
            messages = json.load(answer)["ReceiveMessageResponse"]["ReceiveMessageResult"]["Message"]
        return [message["Body"] for message in messages]

    assert look(QueueUrl=url) == look("/us-east-1/000000000000/looked-into") == ["two", "three"]
    assert look(QueueUrl=url, ShowInvisible="true", ShowDelayed="true") == ["one", "two", "three", "later"]
    client = boto3.client(
        "sqs",
        endpoint_url=f"{server.endpoint}/_aws/sqs/messages",
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    found = client.receive_message(QueueUrl=url)["Messages"]
    assert [message["Body"] for message in found] == ["two", "three"]
    with pytest.raises(ClientError, match="only accepts ReceiveMessage"):
        client.send_message(QueueUrl=url, MessageBody="no")


@pytest.mark.parametrize("fifo", [False, True])
def test_a_kill_under_load_loses_no_message_and_brings_none_back(start, tmp_path, fifo):
    """What was acknowledged holds; what was asked for and not answered may or may not have happened."""
    arguments = ["--data-dir", str(tmp_path)]
    server = start(*arguments)
    name = "load.fifo" if fifo else "load"
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if fifo else {}
    url = queue(server.client("sqs"), name, VisibilityTimeout="1", **attributes)
    sent, deleting, deleted, lock, stop = set(), set(), set(), threading.Lock(), threading.Event()

    def produce(worker):
        client = server.client("sqs", connect_timeout=2, read_timeout=5)
        for step in range(10_000):
            body = f"{worker}-{step}"
            group = {"MessageGroupId": f"g{step % 9}"} if fifo else {}
            try:
                client.send_message(QueueUrl=url, MessageBody=body, **group)
            except Exception:
                return
            with lock:
                sent.add(body)
            if stop.is_set():
                return

    def consume():
        client = server.client("sqs", connect_timeout=2, read_timeout=5)
        while not stop.is_set():
            try:
                for message in client.receive_message(QueueUrl=url, MaxNumberOfMessages=5).get("Messages", []):
                    with lock:
                        deleting.add(message["Body"])
                    client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                    with lock:
                        deleted.add(message["Body"])
            except ClientError:
                continue
            except Exception:
                return

    workers = [threading.Thread(target=produce, args=(number,)) for number in range(3)]
    workers += [threading.Thread(target=consume) for _ in range(2)]
    for worker in workers:
        worker.start()
    eventually(lambda: len(deleted) > 60 and len(sent) > 200)
    server.stop(signal.SIGKILL)
    stop.set()
    for worker in workers:
        worker.join()

    again = start(*arguments)
    client = again.client("sqs")
    found = set()

    def drained():
        messages = client.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", [])
        for message in messages:
            found.add(message["Body"])
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return not messages and count(client, url) == 0

    url = client.get_queue_url(QueueName=name)["QueueUrl"]
    eventually(drained, 60)
    assert not found & deleted, "a deleted message came back"
    assert sent - deleted - found <= deleting - deleted, "a message was lost"
