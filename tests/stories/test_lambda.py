"""Lambda's functions by the official clients: versions, aliases, layers, URLs, destinations, limits, hot reload."""

import base64
import io
import json
import subprocess
import zipfile

import pytest
import requests

from conftest import BINARY, eventually

ROLE = "arn:aws:iam::000000000000:role/lambda"
ECHO = "import os\ndef handler(event, context):\n    return {'event': event, 'version': context.function_version}\n"


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, text in files.items():
            zipped.writestr(name, text)
    return buffer.getvalue()


def function(client, name, code=ECHO, runtime="python3.12", **options):
    file = "app.py" if runtime.startswith("python") else "app.mjs"
    client.create_function(
        FunctionName=name,
        Runtime=runtime,
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": archive(**{file: code})},
        **{"Timeout": 10, **options},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    return name


def invoke(client, name, event=None, **options):
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event or {}), **options)
    return json.loads(answer["Payload"].read()), answer


@pytest.fixture
def lambda_(server):
    return server.client("lambda")


def queue(sqs, name):
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:000000000000:{name}"


def message(sqs, url):
    answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20, MessageAttributeNames=["All"])
    return answer["Messages"][0]


def test_versions_stay_as_they_were_and_aliases_share_events_out(lambda_):
    name = function(lambda_, "versions", "def handler(event, context):\n    return ['one', context.function_version]\n")
    first = lambda_.publish_version(FunctionName=name, Description="first")
    assert first["Version"] == "1"
    assert lambda_.publish_version(FunctionName=name)["Version"] == "1"
    changed = archive(**{"app.py": "def handler(event, context):\n    return ['two', context.function_version]\n"})
    assert lambda_.update_function_code(FunctionName=name, ZipFile=changed, Publish=True)["Version"] == "2"
    lambda_.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})

    assert invoke(lambda_, name)[0] == ["two", "$LATEST"]
    assert invoke(lambda_, name, Qualifier="1")[0] == ["one", "1"]
    lambda_.create_alias(
        FunctionName=name, Name="live", FunctionVersion="1", RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}}
    )
    seen = {invoke(lambda_, f"{name}:live")[1]["ExecutedVersion"] for _ in range(60)}
    assert seen == {"1", "2"}
    lambda_.update_alias(FunctionName=name, Name="live", FunctionVersion="2", RoutingConfig={})
    assert {tuple(invoke(lambda_, f"{name}:live")[0]) for _ in range(5)} == {("two", "2")}

    with pytest.raises(lambda_.exceptions.ResourceConflictException):
        lambda_.delete_function(FunctionName=name, Qualifier="2")
    lambda_.delete_function(FunctionName=name, Qualifier="1")
    with pytest.raises(lambda_.exceptions.ResourceNotFoundException):
        invoke(lambda_, name, Qualifier="1")


def test_layers_lie_over_each_other_below_opt(lambda_):
    lower = archive(**{"python/shared.py": "name = 'lower'\n", "data/kept": "kept"})
    upper = archive(**{"python/shared.py": "name = 'upper'\n"})
    arns = [
        lambda_.publish_layer_version(LayerName=name, Content={"ZipFile": content})["LayerVersionArn"]
        for name, content in (("lower", lower), ("upper", upper))
    ]
    code = "import shared\ndef handler(event, context):\n    return [shared.name, open('/opt/data/kept').read()]\n"
    name = function(lambda_, "layered", code, Layers=arns)
    assert invoke(lambda_, name)[0] == ["upper", "kept"]
    # Functions keep layers that are deleted.
    lambda_.delete_layer_version(LayerName="upper", VersionNumber=1)
    lambda_.update_function_configuration(FunctionName=name, Description="again")
    assert invoke(lambda_, name)[0] == ["upper", "kept"]


def by_url(server, url, method="GET", path="", **options):
    host = url.split("/")[2]
    return requests.request(method, f"{server.endpoint}/{path}", headers={"Host": host, **options.pop("headers", {})}, **options)


def test_a_function_answers_at_its_url(server, lambda_):
    code = (
        "import json\n"
        "def handler(event, context):\n"
        "    told = {k: event.get(k) for k in ('rawPath', 'rawQueryString', 'body', 'cookies', 'isBase64Encoded')}\n"
        "    told |= {k: event['requestContext']['http'][k] for k in ('method', 'path')}\n"
        "    return {'statusCode': 201, 'headers': {'X-Made': 'yes'}, 'cookies': ['a=1', 'b=2'], 'body': json.dumps(told)}\n"
    )
    name = function(lambda_, "by-url", code)
    cors = {"AllowOrigins": ["https://shop.example"], "AllowMethods": ["POST"], "MaxAge": 60}
    url = lambda_.create_function_url_config(FunctionName=name, AuthType="NONE", Cors=cors)["FunctionUrl"]
    answer = by_url(
        server, url, "POST", "a%20b?x=1", data="text", headers={"Content-Type": "text/plain", "Cookie": "c=3; d=4", "Origin": "https://shop.example"}
    )
    assert (answer.status_code, answer.headers["X-Made"]) == (201, "yes")
    assert answer.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert answer.json() == {
        "rawPath": "/a%20b",
        "rawQueryString": "x=1",
        "body": "text",
        "cookies": ["c=3", "d=4"],
        "isBase64Encoded": False,
        "method": "POST",
        "path": "/a b",
    }
    lambda_.update_function_url_config(FunctionName=name, AuthType="AWS_IAM")
    assert by_url(server, url).status_code == 403
    lambda_.delete_function_url_config(FunctionName=name)
    assert by_url(server, url).status_code == 403


def test_a_tag_says_a_url_beforehand(server, lambda_):
    function(lambda_, "chosen", Tags={"_custom_id_": "my-shop"})
    function(lambda_, "late", Tags={"_custom_id_": "my-shop"})
    version = lambda_.publish_version(FunctionName="chosen")["Version"]
    lambda_.create_alias(FunctionName="chosen", Name="live", FunctionVersion=version)
    made = lambda name, **more: lambda_.create_function_url_config(FunctionName=name, AuthType="NONE", **more)["FunctionUrl"]  # noqa: E731
    url, alias, other = made("chosen"), made("chosen", Qualifier="live"), made("late")
    assert url.startswith("http://my-shop.lambda-url.us-east-1.") and alias.startswith("http://my-shop-live.lambda-url.")
    # It is taken.
    assert not other.startswith("http://my-shop")
    assert (by_url(server, url).json()["version"], by_url(server, alias).json()["version"]) == ("$LATEST", "1")


def test_streamed_answers_come_as_they_are_written(server, lambda_):
    code = (
        "export const handler = awslambda.streamifyResponse(async (event, stream) => {\n"
        "  const out = awslambda.HttpResponseStream.from(stream, {statusCode: 202, headers: {'X-Made': 'yes'}});\n"
        "  out.write('one,'); out.write('two'); out.end();\n"
        "});\n"
        "export const plain = awslambda.streamifyResponse(async (event, stream) => {\n"
        "  stream.setContentType('text/plain'); stream.write('a'); stream.write('b'); stream.end();\n"
        "});\n"
    )
    name = function(lambda_, "streamed", code, runtime="nodejs20.x")
    url = lambda_.create_function_url_config(FunctionName=name, AuthType="NONE", InvokeMode="RESPONSE_STREAM")["FunctionUrl"]
    answer = by_url(server, url)
    assert (answer.status_code, answer.headers["X-Made"], answer.text) == (202, "yes", "one,two")
    assert answer.headers["x-amzn-RequestId"]

    lambda_.update_function_configuration(FunctionName=name, Handler="app.plain")
    answer = lambda_.invoke_with_response_stream(FunctionName=name)
    assert answer["ResponseStreamContentType"] == "text/plain"
    events = list(answer["EventStream"])
    assert b"".join(event["PayloadChunk"]["Payload"] for event in events[:-1]) == b"ab"
    assert "InvokeComplete" in events[-1]


def test_functions_that_do_not_stream_are_streamed_in_one_piece(lambda_):
    name = function(lambda_, "unstreamed", "def handler(event, context):\n    return 1 // event['by']\n")
    # The second time, the environment is there already.
    for _ in range(2):
        events = list(lambda_.invoke_with_response_stream(FunctionName=name, Payload=b'{"by": 1}')["EventStream"])
        assert [list(event) for event in events] == [["PayloadChunk"], ["InvokeComplete"]]
        assert events[0]["PayloadChunk"]["Payload"] == b"1"
    [failed] = lambda_.invoke_with_response_stream(FunctionName=name, Payload=b'{"by": 0}')["EventStream"]
    assert failed["InvokeComplete"]["ErrorCode"] == "ZeroDivisionError"


def test_outcomes_of_events_go_to_destinations_and_dead_letter_queues(server, lambda_):
    sqs = server.client("sqs")
    done, done_arn = queue(sqs, "done")
    failed, failed_arn = queue(sqs, "failed")
    dead, dead_arn = queue(sqs, "dead")
    code = "def handler(event, context):\n    if event.get('fail'): raise ValueError('no')\n    return 'yes'\n"
    name = function(lambda_, "told", code, DeadLetterConfig={"TargetArn": dead_arn})
    lambda_.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnSuccess": {"Destination": done_arn}, "OnFailure": {"Destination": failed_arn}},
    )
    lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"a": 1}))
    record = json.loads(message(sqs, done)["Body"])
    assert record["requestContext"]["condition"] == "Success"
    assert (record["requestPayload"], record["responsePayload"]) == ({"a": 1}, "yes")
    assert record["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST"}

    lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"fail": True}))
    record = json.loads(message(sqs, failed)["Body"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 1
    assert record["responseContext"]["functionError"] == "Unhandled"
    letter = message(sqs, dead)
    assert json.loads(letter["Body"]) == {"fail": True}
    assert letter["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no"
    assert letter["MessageAttributes"]["ErrorCode"] == {"StringValue": "200", "DataType": "Number"}


def test_no_more_run_at_once_than_were_reserved(server, lambda_):
    sqs = server.client("sqs")
    failed, failed_arn = queue(sqs, "closed")
    name = function(lambda_, "reserved")
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(lambda_.exceptions.TooManyRequestsException) as refused:
        invoke(lambda_, name)
    assert refused.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    lambda_.put_function_event_invoke_config(FunctionName=name, DestinationConfig={"OnFailure": {"Destination": failed_arn}})
    lambda_.invoke(FunctionName=name, InvocationType="Event", Payload="{}")
    assert json.loads(message(sqs, failed)["Body"])["requestContext"]["condition"] == "ZeroReservedConcurrency"
    lambda_.delete_function_concurrency(FunctionName=name)
    assert invoke(lambda_, name, {"a": 1})[0]["event"] == {"a": 1}


def test_logs_in_json_tell_of_the_platform_and_of_the_function(server, lambda_):
    code = "import logging\ndef handler(event, context):\n    logging.info('low')\n    logging.warning('high')\n"
    logging = {"LogFormat": "JSON", "ApplicationLogLevel": "WARN", "LogGroup": "/own/group"}
    name = function(lambda_, "json-logs", code, LoggingConfig=logging)
    tail = base64.b64decode(invoke(lambda_, name, LogType="Tail")[1]["LogResult"]).decode()
    lines = [json.loads(line) for line in tail.splitlines()]
    assert [line.get("type") or line["message"] for line in lines] == ["platform.start", "high", "platform.report"]
    logs = server.client("logs")
    eventually(lambda: [group for group in logs.describe_log_groups()["logGroups"] if group["logGroupName"] == "/own/group"])


def test_code_of_a_folder_is_run_as_it_is_now(lambda_, tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return 'before'\n")
    lambda_.create_function(
        FunctionName="hot",
        Runtime="python3.12",
        Role=ROLE,
        Handler="app.handler",
        Code={"S3Bucket": "hot-reload", "S3Key": str(tmp_path)},
    )
    assert invoke(lambda_, "hot")[0] == "before"
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return 'afterwards'\n")
    assert invoke(lambda_, "hot")[0] == "afterwards"


def test_code_is_run_only_from_folders_that_were_named(start, tmp_path):
    (tmp_path / "allowed").mkdir()
    (tmp_path / "allowed/app.py").write_text("def handler(event, context): return 'ran'")
    (tmp_path / "other").mkdir()
    client = start("--ephemeral", "--lambda-folders", str(tmp_path / "allowed")).client("lambda")
    create = lambda name, code: client.create_function(FunctionName=name, Runtime="python3.12", Handler="app.handler", Role=ROLE, Code=code)  # noqa: E731
    create("good", {"S3Bucket": "hot-reload", "S3Key": str(tmp_path / "allowed")})
    assert invoke(client, "good")[0] == "ran"
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="may not be run from the folder"):
        create("bad", {"S3Bucket": "hot-reload", "S3Key": str(tmp_path / "allowed/../other")})


def test_the_command_line_publishes_and_invokes_by_alias(server, lambda_, tmp_path):
    name = function(lambda_, "by-cli")
    out = tmp_path / "out.json"

    def aws(*arguments):
        command = ["aws", "--output", "json", "lambda", *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, env=server.environment(), check=True)
        return json.loads(ran.stdout) if ran.stdout else None

    assert aws("publish-version", "--function-name", name)["Version"] == "1"
    aws("create-alias", "--function-name", name, "--name", "live", "--function-version", "1")
    answer = aws("invoke", "--function-name", f"{name}:live", "--payload", '{"a": 1}', str(out))
    assert answer["ExecutedVersion"] == "1"
    assert json.loads(out.read_text()) == {"event": {"a": 1}, "version": "1"}
    assert [alias["Name"] for alias in aws("list-aliases", "--function-name", name)["Aliases"]] == ["live"]


def test_the_runtimes_of_this_machine_are_listed(server):
    runtimes = requests.get(f"{server.endpoint}/_aws/lambda/runtimes").json()["Runtimes"]
    assert "python3.12" in runtimes and "provided.al2023" in runtimes


def test_the_doctor_names_runtimes_and_the_sandbox():
    told = subprocess.run([BINARY, "doctor"], capture_output=True, text=True, check=True).stdout
    assert "python3.12" in told and "provided.al2023" in told and "Sandbox: " in told
