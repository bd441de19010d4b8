"""SNS with its receivers: queues, functions, servers of users, phones and devices."""

import base64
import http.server
import io
import json
import queue
import signal
import subprocess
import threading
import zipfile

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from conftest import eventually

SIGNED = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    "UnsubscribeConfirmation": ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
}


def verify(message):
    """Checks a signature as AWS's documentation tells receivers to."""
    parts = [name for name in SIGNED[message["Type"]] if name in message]
    text = "".join(f"{name}\n{message[name]}\n" for name in parts)
    certificate = x509.load_pem_x509_certificate(requests.get(message["SigningCertURL"]).content)
    digest = SHA256() if message["SignatureVersion"] == "2" else SHA1()
    certificate.public_key().verify(base64.b64decode(message["Signature"]), text.encode(), PKCS1v15(), digest)


@pytest.fixture
def clients(server):
    return server.client("sns"), server.client("sqs")


def new_queue(sqs, name, **attributes):
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def receive(sqs, url, count=1, **options):
    """So many messages, which are deleted."""
    found = []
    while len(found) < count:
        messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10, MaxNumberOfMessages=10, MessageAttributeNames=["All"], **options).get("Messages")
        assert messages, f"{len(found)} of {count} messages came"
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        found += messages
    return found


class Endpoint:
    """A server of a user's that notes what is posted to it."""

    def __init__(self, status=200, hangs=False):
        posts, release = queue.Queue(), threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                posts.put((dict(self.headers), body))
                if hangs:
                    release.wait(60)
                self.send_response(self.server.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.status = status
        self.posts, self.release = posts, release
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def post(self):
        headers, body = self.posts.get(timeout=20)
        return {name.lower(): value for name, value in headers.items()}, body

    def stop(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def endpoint():
    started = []

    def start(**options):
        started.append(Endpoint(**options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.mark.parametrize("version", ["1", "2"])
def test_envelopes_are_signed(clients, version):
    sns, sqs = clients
    topic = sns.create_topic(Name=f"signed-{version}", Attributes={"SignatureVersion": version})["TopicArn"]
    url, arn = new_queue(sqs, f"signed-{version}")
    subscription = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)["SubscriptionArn"]
    attributes = {"color": {"DataType": "String", "StringValue": "red"}, "raw": {"DataType": "Binary", "BinaryValue": b"\0\1"}}
    sent = sns.publish(TopicArn=topic, Message='{"a": "ü"}', Subject="hello", MessageAttributes=attributes)
    text = receive(sqs, url)[0]["Body"]
    message = json.loads(text)
    verify(message)
    assert (message["MessageId"], message["TopicArn"], message["Message"], message["Subject"]) == (sent["MessageId"], topic, '{"a": "ü"}', "hello")
    assert message["MessageAttributes"] == {"color": {"Type": "String", "Value": "red"}, "raw": {"Type": "Binary", "Value": "AAE="}}
    assert message["UnsubscribeURL"].endswith(f"/?Action=Unsubscribe&SubscriptionArn={subscription}")
    assert text.startswith('{\n  "Type" : "Notification",\n  "MessageId" : ')
    # The link ends the subscription, unsigned as a reader follows it.
    assert requests.get(message["UnsubscribeURL"]).status_code == 200
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_filters_and_structures(clients):
    sns, sqs = clients
    topic = sns.create_topic(Name="filtered")["TopicArn"]
    urls = {}
    for name, scope, policy in [
        ("red", "MessageAttributes", {"color": ["red", {"prefix": "dark"}]}),
        ("dear", "MessageAttributes", {"price": [{"numeric": [">=", 100]}]}),
        ("nested", "MessageBody", {"order": {"items": {"sku": ["a"], "count": [{"numeric": [">", 1]}]}}}),
        ("all", "MessageAttributes", {}),
    ]:
        urls[name], arn = new_queue(sqs, f"filtered-{name}")
        attributes = {"RawMessageDelivery": "true", "FilterPolicyScope": scope, "FilterPolicy": json.dumps(policy)}
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    text, number = lambda value: {"DataType": "String", "StringValue": value}, lambda value: {"DataType": "Number", "StringValue": value}
    sns.publish(TopicArn=topic, Message="1", MessageAttributes={"color": text("darkred"), "price": number("99.99")})
    sns.publish(TopicArn=topic, Message="2", MessageAttributes={"color": text("blue"), "price": number("1e2")})
    sns.publish(TopicArn=topic, Message=json.dumps({"order": {"items": [{"sku": "a", "count": 1}, {"sku": "b", "count": 2}]}}))
    last = json.dumps({"order": {"items": [{"sku": "a", "count": 2}]}})
    sns.publish(TopicArn=topic, Message=json.dumps({"default": "d", "sqs": last}), MessageStructure="json")
    assert sorted(message["Body"] for message in receive(sqs, urls["all"], 4))[:2] == ["1", "2"]
    assert [message["Body"] for message in receive(sqs, urls["red"])] == ["1"]
    assert [message["Body"] for message in receive(sqs, urls["dear"])] == ["2"]
    # Bodies are looked at as they were published, so only plain ones can pass: `d` is what filters see of the last.
    assert sqs.receive_message(QueueUrl=urls["nested"]).get("Messages") is None
    sns.publish(TopicArn=topic, Message=last)
    assert [message["Body"] for message in receive(sqs, urls["nested"])] == [last]


def test_an_endpoint_confirms_and_leaves(clients, endpoint):
    sns, sqs = clients
    topic, hook = sns.create_topic(Name="hooked")["TopicArn"], endpoint()
    assert sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url)["SubscriptionArn"] == "pending confirmation"
    headers, body = hook.post()
    asked = json.loads(body)
    verify(asked)
    assert headers["x-amz-sns-message-type"] == asked["Type"] == "SubscriptionConfirmation"
    assert headers["content-type"] == "text/plain; charset=UTF-8" and headers["user-agent"] == "Amazon Simple Notification Service Agent"
    sns.publish(TopicArn=topic, Message="too early")
    assert requests.get(asked["SubscribeURL"]).status_code == 200
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.publish(TopicArn=topic, Message="hello")
    headers, body = hook.post()
    message = json.loads(body)
    verify(message)
    assert (message["Type"], message["Message"]) == ("Notification", "hello")
    assert headers["x-amz-sns-subscription-arn"] == listed["SubscriptionArn"] and "x-amz-sns-rawdelivery" not in headers
    for name, value in [("RawMessageDelivery", "true"), ("DeliveryPolicy", '{"requestPolicy": {"headerContentType": "application/json"}}')]:
        sns.set_subscription_attributes(SubscriptionArn=listed["SubscriptionArn"], AttributeName=name, AttributeValue=value)
    sns.publish(TopicArn=topic, Message='{"raw": 1}')
    headers, body = hook.post()
    assert (body, headers["x-amz-sns-rawdelivery"], headers["content-type"]) == ('{"raw": 1}', "true", "application/json")
    sns.unsubscribe(SubscriptionArn=listed["SubscriptionArn"])
    ended = json.loads(hook.post()[1])
    verify(ended)
    assert ended["Type"] == "UnsubscribeConfirmation"
    # Its link takes the end back.
    requests.get(ended["SubscribeURL"])
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == [listed]


def confirmed(sns, topic, hook, **attributes):
    arn = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=hook.url, ReturnSubscriptionArn=True, Attributes=attributes)["SubscriptionArn"]
    sns.confirm_subscription(TopicArn=topic, Token=json.loads(hook.post()[1])["Token"])
    return arn


def test_what_fails_is_tried_again_and_then_a_dead_letter(clients, endpoint):
    sns, sqs = clients
    topic, hook = sns.create_topic(Name="failing")["TopicArn"], endpoint()
    url, arn = new_queue(sqs, "failing-dead")
    policy = {"healthyRetryPolicy": {"minDelayTarget": 1, "maxDelayTarget": 1, "numRetries": 2, "numNoDelayRetries": 2}}
    confirmed(sns, topic, hook, DeliveryPolicy=json.dumps(policy), RedrivePolicy=json.dumps({"deadLetterTargetArn": arn}))
    hook.server.status = 503
    sns.publish(TopicArn=topic, Message="lost")
    assert [json.loads(hook.post()[1])["Message"] for _ in range(3)] == ["lost"] * 3
    assert json.loads(receive(sqs, url)[0]["Body"])["Message"] == "lost"
    # What the endpoint refuses for good is not tried again, and a redirect is not followed.
    for status in (404, 302):
        hook.server.status = status
        sns.publish(TopicArn=topic, Message=f"refused {status}")
        assert json.loads(receive(sqs, url)[0]["Body"])["Message"] == f"refused {status}"
        assert json.loads(hook.post()[1])["Message"] == f"refused {status}"
    assert hook.posts.empty()


def test_an_endpoint_that_hangs_holds_up_nobody(clients, endpoint):
    sns, sqs = clients
    topic, hook = sns.create_topic(Name="hanging")["TopicArn"], endpoint()
    confirmed(sns, topic, hook)
    hook.server.RequestHandlerClass = endpoint(hangs=True).server.RequestHandlerClass
    url, arn = new_queue(sqs, "hanging")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    for number in range(300):
        sns.publish(TopicArn=topic, Message=str(number))
    assert sorted(int(message["Body"]) for message in receive(sqs, url, 300)) == list(range(300))


def test_order_and_recognition(clients):
    sns, sqs = clients
    topic = sns.create_topic(Name="ordered.fifo", Attributes={"FifoTopic": "true", "ContentBasedDeduplication": "true"})["TopicArn"]
    url, arn = new_queue(sqs, "ordered.fifo", FifoQueue="true")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    sent = []
    for number in range(60):
        sent.append(sns.publish(TopicArn=topic, Message=str(number), MessageGroupId=f"g{number % 3}"))
        again = sns.publish(TopicArn=topic, Message=str(number), MessageGroupId=f"g{number % 3}")
        assert (again["MessageId"], again["SequenceNumber"]) == (sent[-1]["MessageId"], sent[-1]["SequenceNumber"])
    assert sorted(sent, key=lambda one: int(one["SequenceNumber"])) == sent
    received = receive(sqs, url, 60, AttributeNames=["All"])
    for group in range(3):
        bodies = [int(message["Body"]) for message in received if message["Attributes"]["MessageGroupId"] == f"g{group}"]
        assert bodies == list(range(group, 60, 3))


def test_an_archive_is_replayed(clients):
    sns, sqs = clients
    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true", "ArchivePolicy": '{"MessageRetentionPeriod": "30"}'}
    topic = sns.create_topic(Name="kept.fifo", Attributes=attributes)["TopicArn"]
    begins = sns.get_topic_attributes(TopicArn=topic)["Attributes"]["BeginningArchiveTime"]
    for number in range(5):
        sns.publish(TopicArn=topic, Message=str(number), MessageGroupId="g")
    url, arn = new_queue(sqs, "kept.fifo", FifoQueue="true")
    replay = json.dumps({"PointType": "Timestamp", "StartingPoint": begins})
    arn = sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"ReplayPolicy": replay})["SubscriptionArn"]
    messages = [json.loads(message["Body"]) for message in receive(sqs, url, 5)]
    assert [(message["Message"], message["Replayed"]) for message in messages] == [(str(number), True) for number in range(5)]
    status = lambda: sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"].get("ReplayStatus")
    assert eventually(status) == "Completed"


def test_nothing_acknowledged_is_lost(start, tmp_path):
    data = str(tmp_path / "data")
    server = start("--data-dir", data)
    sns, sqs = server.client("sns"), server.client("sqs")
    topic = sns.create_topic(Name="kept")["TopicArn"]
    _, arn = new_queue(sqs, "kept")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    acknowledged, lock = [], threading.Lock()

    def publish(part):
        own = server.client("sns")
        for number in range(1000):
            try:
                own.publish(TopicArn=topic, Message=f"{part}/{number}")
            except Exception:
                return
            with lock:
                acknowledged.append(f"{part}/{number}")

    threads = [threading.Thread(target=publish, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    eventually(lambda: len(acknowledged) > 200)
    server.stop(signal.SIGKILL)
    for thread in threads:
        thread.join()
    server = start("--data-dir", data)
    sqs = server.client("sqs")
    url, missing = sqs.get_queue_url(QueueName="kept")["QueueUrl"], set(acknowledged)
    while missing:
        messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10, MaxNumberOfMessages=10).get("Messages")
        assert messages, f"{len(missing)} of {len(acknowledged)} messages are lost"
        missing -= {message["Body"] for message in messages}


def test_a_function_gets_its_event(server):
    sns, functions, logs = server.client("sns"), server.client("lambda"), server.client("logs")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("f.py", "import json\ndef handler(event, _):\n    print('GOT ' + json.dumps(event['Records'][0]['Sns']))\n")
    role = "arn:aws:iam::000000000000:role/r"
    function = functions.create_function(FunctionName="told", Runtime="python3.12", Handler="f.handler", Role=role, Code={"ZipFile": code.getvalue()})
    topic = sns.create_topic(Name="told")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=function["FunctionArn"])
    for name, value in [("LambdaSuccessFeedbackRoleArn", role), ("LambdaSuccessFeedbackSampleRate", "100")]:
        sns.set_topic_attributes(TopicArn=topic, AttributeName=name, AttributeValue=value)
    sent = sns.publish(TopicArn=topic, Message="hello", Subject="s")

    def events(group, pattern):
        try:
            return logs.filter_log_events(logGroupName=group, filterPattern=pattern)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []

    (event,) = eventually(lambda: events("/aws/lambda/told", "GOT"))
    got = json.loads(event["message"].split("GOT ")[1])
    assert (got["Message"], got["Subject"], got["MessageId"], got["TopicArn"]) == ("hello", "s", sent["MessageId"], topic)
    (event,) = eventually(lambda: events("sns/us-east-1/000000000000/told", ""))
    delivery = json.loads(event["message"])
    assert (delivery["status"], delivery["delivery"]["destination"], delivery["notification"]["messageId"]) == ("SUCCESS", function["FunctionArn"], sent["MessageId"])


def test_what_would_leave_the_machine_is_kept(server):
    sns = server.client("sns")
    topic = sns.create_topic(Name="away")["TopicArn"]
    application = sns.create_platform_application(Name="away", Platform="GCM", Attributes={"PlatformCredential": "k"})["PlatformApplicationArn"]
    device = sns.create_platform_endpoint(PlatformApplicationArn=application, Token="device")["EndpointArn"]
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15550001111")
    sns.subscribe(TopicArn=topic, Protocol="application", Endpoint=device)
    mail = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com", ReturnSubscriptionArn=True)["SubscriptionArn"]
    token = requests.get(f"{server.endpoint}/_aws/sns/subscription-tokens/{mail}").json()["subscription_token"]
    sns.confirm_subscription(TopicArn=topic, Token=token)
    message = {"default": "hi", "sms": "hi phone", "GCM": '{"notification": {"text": "hi device"}}'}
    sns.publish(TopicArn=topic, Message=json.dumps(message), MessageStructure="json")
    sns.publish(PhoneNumber="+15550001111", Message="direct")

    def page(name, list_name, **query):
        return requests.get(f"{server.endpoint}/_aws/sns/{name}", params=query).json()[list_name]

    phone = eventually(lambda: len(found := page("sms-messages", "sms_messages", phoneNumber="+15550001111")["+15550001111"]) == 2 and found)
    assert {(one["Message"], one["TopicArn"]) for one in phone} == {("hi phone", topic), ("direct", None)}
    (push,) = eventually(lambda: page("platform-endpoint-messages", "platform_endpoint_messages", endpointArn=device)[device])
    assert push["Message"] == message["GCM"]
    (mailed,) = eventually(lambda: page("email-messages", "email_messages", emailAddress="a@example.com")["a@example.com"])
    assert mailed["Message"] == "hi"
    requests.delete(f"{server.endpoint}/_aws/sns/sms-messages")
    assert page("sms-messages", "sms_messages") == {}
    # Who opted out gets nothing.
    requests.post(f"{server.endpoint}/_aws/sns/phone-opt-outs", json={"phoneNumber": "+15550001111"})
    sns.publish(PhoneNumber="+15550001111", Message="unwanted")
    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == ["+15550001111"]
    assert page("sms-messages", "sms_messages") == {}
    sns.opt_in_phone_number(phoneNumber="+15550001111")


def test_pages_are_closed_where_signatures_are_asked_for(start):
    server = start("--ephemeral", "--auth", "signature")
    for page in ("/_aws/sns/sms-messages", "/_aws/sns/subscription-tokens/x", "/_aws/dynamodb/expired"):
        assert requests.get(server.endpoint + page).status_code == 403


def test_the_aws_command(server):
    def aws(*arguments):
        done = subprocess.run(["aws", "--endpoint-url", server.endpoint, "--output", "json", *arguments], env=server.environment(), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "{}")

    topic = aws("sns", "create-topic", "--name", "told-by-command", "--tags", "Key=a,Value=b")["TopicArn"]
    url = aws("sqs", "create-queue", "--queue-name", "told-by-command")["QueueUrl"]
    arn = aws("sqs", "get-queue-attributes", "--queue-url", url, "--attribute-names", "QueueArn")["Attributes"]["QueueArn"]
    aws("sns", "subscribe", "--topic-arn", topic, "--protocol", "sqs", "--notification-endpoint", arn, "--attributes", '{"FilterPolicy": "{\\"k\\": [\\"v\\"]}"}')
    aws("sns", "publish", "--topic-arn", topic, "--message", "no")
    aws("sns", "publish", "--topic-arn", topic, "--message", "yes", "--message-attributes", '{"k": {"DataType": "String", "StringValue": "v"}}')
    (message,) = aws("sqs", "receive-message", "--queue-url", url, "--wait-time-seconds", "10", "--max-number-of-messages", "10")["Messages"]
    assert json.loads(message["Body"])["Message"] == "yes"
    assert aws("sns", "list-tags-for-resource", "--resource-arn", topic)["Tags"] == [{"Key": "a", "Value": "b"}]
