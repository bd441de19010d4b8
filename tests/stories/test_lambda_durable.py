"""Durable functions, written with AWS's own SDKs for Python and JavaScript."""

import io
import json
import pathlib
import shutil
import signal
import sys
import zipfile

import pytest
from botocore.exceptions import ClientError

from conftest import CREDENTIALS, ROOT, eventually

# AWS's SDK for durable executions takes no older Python.
pytest.importorskip("aws_durable_execution_sdk_python")

ROLE = "arn:aws:iam::000000000000:role/r"
PACKAGES = [
    "aws_durable_execution_sdk_python", "boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six.py", "urllib3",
]
# What botocore needs to make a client of Lambda; the models of other services would be most of the layer.
MODELS = ["botocore/data/" + name for name in ["lambda/", "endpoints.json", "partitions.json", "sdk-default-configuration.json", "_retry.json"]]

ORDERS = """
from aws_durable_execution_sdk_python import durable_execution
from aws_durable_execution_sdk_python.config import CallbackConfig, Duration, MapConfig, StepConfig
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy

seen = {}


def reserve(event):
    def run(step):
        seen[event["order"]] = seen.get(event["order"], 0) + 1
        print("RESERVE", seen[event["order"]])
        if seen[event["order"]] < event.get("fails", 0) + 1:
            raise ValueError("nothing left")
        return {"reserved": event["order"]}
    return run


@durable_execution
def handler(event, context):
    retry = create_retry_strategy(RetryStrategyConfig(max_attempts=3, initial_delay=Duration.from_seconds(1), max_delay=Duration.from_seconds(1)))
    reserved = context.step(reserve(event), name="reserve", config=StepConfig(retry_strategy=retry))
    context.wait(Duration.from_seconds(event.get("wait", 1)), name="cool-off")
    prices = context.map(event.get("items", [1, 2, 3]), lambda ctx, item, index, items: ctx.step(lambda _: item * 10, name="price"), name="prices")
    both = context.parallel([lambda ctx: ctx.step(lambda _: "a", name="left"), lambda ctx: ctx.step(lambda _: "b", name="right")], name="both")
    answer = {"reserved": reserved, "prices": prices.get_results(), "both": both.get_results()}
    if "approve" in event:
        callback = context.create_callback(name="approval", config=CallbackConfig(**{name: Duration.from_seconds(value) for name, value in event["approve"].items()}))
        answer["approval"] = callback.result()
    if "invoke" in event:
        answer["invoked"] = context.invoke(event["invoke"], {"n": 20}, name="call")
    return answer
"""
PLAIN = """
def handler(event, context):
    if event["n"] < 0:
        raise KeyError("negative")
    return event["n"] + 1
"""
CALLS = """
from aws_durable_execution_sdk_python import durable_execution
from aws_durable_execution_sdk_python.config import Duration


@durable_execution
def handler(event, context):
    if event.get("n") == 20:
        context.wait(Duration.from_seconds(1))
        return {"doubled": 40}
    return context.invoke(event["function"], event["payload"], name="call")
"""
LARGE = """
import time

from aws_durable_execution_sdk_python import durable_execution
from aws_durable_execution_sdk_python.config import Duration


@durable_execution
def handler(event, context):
    parts = [context.step(lambda _: "x" * event["size"], name=f"part-{number}") for number in range(event["parts"])]
    context.step(lambda _: time.sleep(event.get("nap", 0)), name="nap")
    context.wait(Duration.from_seconds(1))
    return "".join(parts) if event.get("whole") else sum(len(part) for part in parts)
"""
OTHER = """
from aws_durable_execution_sdk_python import durable_execution
from aws_durable_execution_sdk_python.config import Duration, StepConfig, StepSemantics
from aws_durable_execution_sdk_python.retries import RetryPresets
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitForConditionDecision


def part(number):
    def run(step):
        print("RAN", number)
        return "x" * 100_000
    return run


def strategy(state, attempts):
    return WaitForConditionDecision.stop_polling() if state >= 3 else WaitForConditionDecision.continue_waiting(Duration.from_seconds(1))


@durable_execution
def handler(event, context):
    polled = context.wait_for_condition(lambda state, check: state + 1, WaitForConditionConfig(wait_strategy=strategy, initial_state=0), name="poll")
    once = StepConfig(step_semantics=StepSemantics.AT_MOST_ONCE_PER_RETRY, retry_strategy=RetryPresets.none())
    # Too long to be kept as a result: the context is entered again when the function is, and its steps are not run again.
    parts = context.run_in_child_context(lambda child: [child.step(part(number), name=f"part-{number}", config=once) for number in range(4)], name="parts")
    waits = [lambda branch, seconds=seconds: branch.wait(Duration.from_seconds(seconds)) for seconds in (1, 2)]
    context.parallel(waits, name="waits")
    return {"polled": polled, "length": sum(len(part) for part in parts)}
"""
JAVASCRIPT = """
const { withDurableExecution } = require("@aws/durable-execution-sdk-js");

let tries = 0;

exports.handler = withDurableExecution(async (event, context) => {
  const first = await context.step("first", async () => {
    tries += 1;
    if (tries < 2) throw new Error("not yet");
    return event.n + 1;
  }, { retryStrategy: (error, attempts) => ({ shouldRetry: attempts < 3, delay: { seconds: 1 } }) });
  await context.wait("pause", { seconds: 1 });
  const all = await context.map("all", [1, 2], async (ctx, item) => ctx.step("square", async () => item * item));
  const approval = await context.waitForCallback("approval", async (id) => console.log("CALLBACK " + id), { timeout: { seconds: 60 } });
  const called = await context.invoke("call", event.function, { n: first });
  return { first, all: all.getResults(), approval, called };
});
"""


def archive(files: dict) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return data.getvalue()


def packed(folder: pathlib.Path, below: str, wanted) -> bytes:
    """A layer of the files of a folder."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and not path.is_symlink() and wanted(name):
                file.write(path, below + name)
    return data.getvalue()


def is_python(name: str) -> bool:
    is_package = name.split("/")[0] in PACKAGES and "__pycache__" not in name
    return is_package and (not name.startswith("botocore/data/") or any(name.startswith(model) for model in MODELS))


@pytest.fixture(scope="session")
def python_layer():
    (site,) = [path for path in sys.path if path.endswith("site-packages") and path.startswith(sys.prefix)]
    return packed(pathlib.Path(site), "python/", is_python)


@pytest.fixture
def functions(server):
    return server.client("lambda")


def create(functions, name, code, layer=None, durable=True, runtime="python3.13", file="app.py", **config):
    layers = {}
    if layer:
        published = functions.publish_layer_version(LayerName="sdk-" + runtime.rstrip(".x0123456789"), Content={"ZipFile": layer})
        layers = {"Layers": [published["LayerVersionArn"]]}
    if durable:
        layers["DurableConfig"] = {"ExecutionTimeout": 300, "RetentionPeriodInDays": 7, **config}
    functions.create_function(
        FunctionName=name, Runtime=runtime, Handler="app.handler", Role=ROLE, Timeout=30, MemorySize=512, Code={"ZipFile": archive({file: code})}, **layers
    )
    return f"{name}:$LATEST"


def invoke_later(functions, function, event, **options):
    answer = functions.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event), **options)
    assert answer["StatusCode"] == 202
    return answer["DurableExecutionArn"]


def ended(functions, arn, seconds=60):
    def look():
        execution = functions.get_durable_execution(DurableExecutionArn=arn)
        return execution if execution["Status"] not in ("RUNNING", "PAUSING", "PAUSED") else None

    return eventually(look, seconds)


def history(functions, arn, **options):
    return functions.get_durable_execution_history(DurableExecutionArn=arn, **options)["Events"]


def callback_of(functions, arn):
    def look():
        started = [event for event in history(functions, arn) if event["EventType"] == "CallbackStarted"]
        return started and started[0]["CallbackStartedDetails"]["CallbackId"]

    return eventually(look, 60)


def code_of(error):
    return error.value.response["Error"]["Code"]


def test_an_execution_goes_through_retries_waits_maps_and_a_callback(functions, python_layer):
    function = create(functions, "orders", ORDERS, python_layer)
    event = {"order": "o-1", "fails": 1, "approve": {"timeout": 60}}
    arn = invoke_later(functions, function, event, DurableExecutionName="o-1")
    assert arn.startswith("arn:aws:lambda:us-east-1:000000000000:function:orders:$LATEST/durable-execution/o-1/")
    # The same name with the same payload is the same execution; with another it is a mistake.
    assert invoke_later(functions, function, event, DurableExecutionName="o-1") == arn
    with pytest.raises(functions.exceptions.DurableExecutionAlreadyStartedException):
        invoke_later(functions, function, {"order": "other"}, DurableExecutionName="o-1")
    id = callback_of(functions, arn)
    running = functions.get_durable_execution(DurableExecutionArn=arn)
    assert (running["Status"], running["Version"], json.loads(running["InputPayload"])) == ("RUNNING", "$LATEST", event)
    functions.send_durable_execution_callback_heartbeat(CallbackId=id)
    functions.send_durable_execution_callback_success(CallbackId=id, Result=b"yes")
    execution = ended(functions, arn)
    assert execution["Status"] == "SUCCEEDED", execution
    assert json.loads(execution["Result"]) == {"reserved": {"reserved": "o-1"}, "prices": [10, 20, 30], "both": ["a", "b"], "approval": "yes"}
    assert execution["DurableConfig"] == {"ExecutionTimeout": 300, "RetentionPeriodInDays": 7}
    with pytest.raises(functions.exceptions.CallbackTimeoutException):
        functions.send_durable_execution_callback_success(CallbackId=id, Result=b"again")

    events = history(functions, arn, IncludeExecutionData=True)
    assert [event["EventId"] for event in events] == list(range(1, len(events) + 1))
    kinds = [event["EventType"] for event in events]
    assert kinds[0] == "ExecutionStarted" and "ExecutionSucceeded" in kinds
    reserve = [event for event in events if event.get("Name") == "reserve"]
    assert [event["EventType"] for event in reserve] == ["StepStarted", "StepFailed", "StepStarted", "StepSucceeded"]
    assert reserve[1]["StepFailedDetails"]["RetryDetails"] == {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 1}
    assert reserve[1]["StepFailedDetails"]["Error"]["Payload"]["ErrorMessage"] == "nothing left"
    assert "o-1" in reserve[3]["StepSucceededDetails"]["Result"]["Payload"]
    (waited,) = [event for event in events if event["EventType"] == "WaitSucceeded"]
    assert (waited["Name"], waited["WaitSucceededDetails"]["Duration"]) == ("cool-off", 1)
    assert kinds.count("InvocationCompleted") >= 4
    backwards = history(functions, arn, ReverseOrder=True)
    assert [event["EventId"] for event in backwards] == list(range(len(events), 0, -1))
    assert "Payload" not in backwards[-1]["ExecutionStartedDetails"]["Input"]
    pages = functions.get_paginator("get_durable_execution_history").paginate(DurableExecutionArn=arn, PaginationConfig={"PageSize": 7})
    assert [event["EventId"] for page in pages for event in page["Events"]] == list(range(1, len(events) + 1))


def test_a_caller_who_waits_gets_the_result_or_the_error(functions, python_layer):
    function = create(functions, "waited", ORDERS, python_layer)
    answer = functions.invoke(FunctionName=function, Payload=json.dumps({"order": "w-1"}))
    assert json.load(answer["Payload"])["prices"] == [10, 20, 30]
    assert answer["ExecutedVersion"] == "$LATEST" and "/durable-execution/" in answer["DurableExecutionArn"]
    failed = functions.invoke(FunctionName=function, Payload=json.dumps({"order": "w-2", "fails": 9}))
    assert failed["FunctionError"] == "Unhandled"
    assert "nothing left" in json.load(failed["Payload"])["errorMessage"]
    execution = functions.get_durable_execution(DurableExecutionArn=failed["DurableExecutionArn"])
    assert execution["Status"] == "FAILED" and "nothing left" in execution["Error"]["ErrorMessage"]
    # A durable function is invoked by version or alias.
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="unqualified ARN"):
        functions.invoke(FunctionName="waited", Payload=b"{}")
    functions.update_function_configuration(FunctionName="waited", DurableConfig={"ExecutionTimeout": 901})
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="15 minutes"):
        functions.invoke(FunctionName=function, Payload=b"{}")


def test_functions_invoke_functions(functions, python_layer):
    child = create(functions, "child", CALLS, python_layer)
    parent = create(functions, "parent", CALLS, python_layer)
    create(functions, "plain", PLAIN, durable=False)

    def call(function, payload):
        arn = invoke_later(functions, parent, {"function": function, "payload": payload})
        execution = ended(functions, arn)
        events = history(functions, arn, IncludeExecutionData=True)
        return execution, [event for event in events if event["EventType"].startswith("ChainedInvoke")]

    execution, (started, succeeded) = call(child, {"n": 20})
    assert json.loads(execution["Result"]) == {"doubled": 40}
    details = started["ChainedInvokeStartedDetails"]
    assert (details["FunctionName"], details["ExecutedVersion"], json.loads(details["Input"]["Payload"])) == (child, "$LATEST", {"n": 20})
    assert functions.get_durable_execution(DurableExecutionArn=details["DurableExecutionArn"])["Status"] == "SUCCEEDED"
    assert succeeded["EventType"] == "ChainedInvokeSucceeded"
    execution, _ = call("plain", {"n": 1})
    assert execution["Result"] == "2"
    execution, (_, failed) = call("plain", {"n": -1})
    assert execution["Status"] == "FAILED"
    assert failed["ChainedInvokeFailedDetails"]["Error"]["Payload"]["ErrorType"] == "KeyError"
    execution, (_, failed) = call("nobody", {})
    assert failed["ChainedInvokeFailedDetails"]["Error"]["Payload"]["ErrorType"] == "ResourceNotFoundException"
    execution, (_, failed) = call("child", {"n": 20})
    assert "unqualified ARN" in failed["ChainedInvokeFailedDetails"]["Error"]["Payload"]["ErrorMessage"]


def test_callbacks_fail_and_time_out(functions, python_layer):
    function = create(functions, "approvals", ORDERS, python_layer)
    refused = invoke_later(functions, function, {"order": "a-1", "approve": {}})
    late = invoke_later(functions, function, {"order": "a-2", "approve": {"timeout": 1}})
    silent = invoke_later(functions, function, {"order": "a-3", "approve": {"heartbeat_timeout": 1}})
    error = {"ErrorType": "Refused", "ErrorMessage": "no budget", "ErrorData": "42"}
    functions.send_durable_execution_callback_failure(CallbackId=callback_of(functions, refused), Error=error)
    assert "no budget" in ended(functions, refused)["Error"]["ErrorMessage"]
    for arn, kind in (late, "Callback.Timeout"), (silent, "Callback.Heartbeat"):
        assert ended(functions, arn)["Status"] == "FAILED"
        (timed_out,) = [event for event in history(functions, arn, IncludeExecutionData=True) if event["EventType"] == "CallbackTimedOut"]
        assert timed_out["CallbackTimedOutDetails"]["Error"]["Payload"]["ErrorType"] == kind
    with pytest.raises(ClientError) as missing:
        functions.send_durable_execution_callback_success(CallbackId="bm9uZS9ub25lL25vbmU=")
    assert code_of(missing) == "ResourceNotFoundException"


def test_executions_are_stopped_listed_and_deleted(functions, python_layer):
    function = create(functions, "stopped", ORDERS, python_layer)
    arns = [invoke_later(functions, function, {"order": name, "wait": 250}, DurableExecutionName=name) for name in ("s-1", "s-2", "s-3")]
    eventually(lambda: all(any(event["EventType"] == "WaitStarted" for event in history(functions, arn)) for arn in arns), 60)
    with pytest.raises(functions.exceptions.ResourceConflictException):
        functions.delete_durable_execution(DurableExecutionArn=arns[0])
    stopped = functions.stop_durable_execution(DurableExecutionArn=arns[1], Error={"ErrorMessage": "enough"})
    execution = functions.get_durable_execution(DurableExecutionArn=arns[1])
    assert (execution["Status"], execution["EndTimestamp"], execution["Error"]) == ("STOPPED", stopped["StopTimestamp"], {"ErrorMessage": "enough"})
    assert functions.stop_durable_execution(DurableExecutionArn=arns[1])["StopTimestamp"] == stopped["StopTimestamp"]

    def names(**options):
        return [execution["DurableExecutionName"] for execution in functions.list_durable_executions_by_function(FunctionName="stopped", **options)["DurableExecutions"]]

    assert names() == ["s-3", "s-2", "s-1"] and names(ReverseOrder=True) == ["s-1", "s-2", "s-3"]
    assert names(Statuses=["RUNNING"]) == ["s-3", "s-1"] and names(Statuses=["STOPPED", "FAILED"]) == ["s-2"]
    assert names(DurableExecutionName="s-1") == ["s-1"] and names(Qualifier="$LATEST", MaxItems=1) == ["s-3"]
    second = functions.get_durable_execution(DurableExecutionArn=arns[1])["StartTimestamp"]
    assert names(StartedAfter=second) == ["s-3"] and names(StartedBefore=second) == ["s-1"]
    pages = functions.get_paginator("list_durable_executions_by_function").paginate(FunctionName="stopped", PaginationConfig={"PageSize": 2})
    assert [len(page["DurableExecutions"]) for page in pages] == [2, 1]
    functions.delete_durable_execution(DurableExecutionArn=arns[1])
    assert names() == ["s-3", "s-1"]
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_durable_execution(DurableExecutionArn=arns[1])
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="checkpoint token"):
        functions.checkpoint_durable_execution(DurableExecutionArn=arns[0], CheckpointToken="bm9uZQ==", Updates=[])
    for arn in arns[0], arns[2]:
        functions.stop_durable_execution(DurableExecutionArn=arn)


def test_a_paused_execution_waits_for_its_resumption(functions, python_layer):
    function = create(functions, "paused", ORDERS, python_layer)
    arn = invoke_later(functions, function, {"order": "p-1", "approve": {}})
    id = callback_of(functions, arn)
    functions.pause_durable_execution(DurableExecutionArn=arn, Reason="release")
    paused = eventually(lambda: (got := functions.get_durable_execution(DurableExecutionArn=arn))["Status"] == "PAUSED" and got)
    assert paused["PauseDetails"]["Reason"] == "release" and paused["PauseDetails"]["ExecutionTimeoutPaused"]
    assert (paused["ExpectedExecutionTimeoutTimestamp"] - paused["StartTimestamp"]).days == 366
    with pytest.raises(functions.exceptions.ResourceConflictException):
        functions.pause_durable_execution(DurableExecutionArn=arn)
    functions.send_durable_execution_callback_success(CallbackId=id, Result=b"late")
    assert functions.get_durable_execution(DurableExecutionArn=arn)["Status"] == "PAUSED"
    functions.resume_durable_execution(DurableExecutionArn=arn)
    assert json.loads(ended(functions, arn)["Result"])["approval"] == "late"
    kinds = [event["EventType"] for event in history(functions, arn)]
    assert kinds.index("ExecutionPaused") < kinds.index("CallbackSucceeded") < kinds.index("ExecutionResumed")


def test_conditions_are_polled_and_large_contexts_entered_again(server, functions, python_layer):
    function = create(functions, "other", OTHER, python_layer)
    arn = invoke_later(functions, function, {})
    execution = ended(functions, arn)
    assert json.loads(execution["Result"]) == {"polled": 3, "length": 400_000}
    events = history(functions, arn, MaxItems=1000)
    polls = [event["StepSucceededDetails"]["RetryDetails"] for event in events if event["EventType"] == "StepSucceeded" and event["Name"] == "poll"]
    assert [poll["CurrentAttempt"] for poll in polls] == [1, 2, 3]
    assert [poll.get("NextAttemptDelaySeconds") for poll in polls] == [1, 1, None]
    ran = server.client("logs").filter_log_events(logGroupName="/aws/lambda/other", filterPattern="RAN")["events"]
    assert sorted(event["message"].strip()[-1] for event in ran) == ["0", "1", "2", "3"]


def test_awss_cloud_runner_reads_histories(server, functions, python_layer, monkeypatch):
    from aws_durable_execution_sdk_python_testing.runner import DurableFunctionCloudTestRunner

    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    function = create(functions, "read", ORDERS, python_layer)
    runner = DurableFunctionCloudTestRunner(function_name=function, region="us-east-1", lambda_endpoint=server.endpoint, poll_interval=0.1)
    result = runner.run(input={"order": "r-1", "fails": 1}, timeout=60)
    assert result.status.value == "SUCCEEDED" and json.loads(result.result)["both"] == ["a", "b"]
    assert (result.get_step("reserve").attempt, result.get_wait("cool-off").status.value) == (2, "SUCCEEDED")
    arn = runner.run_async(input={"order": "r-2", "approve": {"timeout": 60}})
    runner.send_callback_success(runner.wait_for_callback(arn, name="approval"), b"ok")
    assert json.loads(runner.wait_for_result(arn).result)["approval"] == "ok"


def test_a_state_of_many_pages_and_a_result_longer_than_an_answer(functions, python_layer):
    function = create(functions, "large", LARGE, python_layer)
    answer = functions.invoke(FunctionName=function, Payload=json.dumps({"parts": 9, "size": 700_000}))
    assert json.load(answer["Payload"]) == 6_300_000
    # What nobody waits for may be a megabyte long.
    arn = invoke_later(functions, function, {"parts": 2, "size": 600_000, "whole": True})
    execution = ended(functions, arn)
    assert execution["Status"] == "FAILED" and "Execution output payload size" in execution["Error"]["ErrorMessage"]
    # What is waited for may be six, which the SDK tells by a checkpoint, for no answer is that long.
    answer = functions.invoke(FunctionName=function, Payload=json.dumps({"parts": 9, "size": 699_045, "whole": True}))
    assert len(answer["Payload"].read()) == 9 * 699_045 + 2


def test_a_queue_starts_executions_and_a_failed_one_is_a_dead_letter(server, functions, python_layer):
    sqs = server.client("sqs")
    create(functions, "queued", CALLS, python_layer)
    create(functions, "queued-plain", PLAIN, durable=False)
    version = functions.publish_version(FunctionName="queued")["Version"]
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("queued", "queued-dead")]
    arns = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"] for url in urls]
    mapping = functions.create_event_source_mapping(FunctionName=f"queued:{version}", EventSourceArn=arns[0])["UUID"]
    sqs.send_message(QueueUrl=urls[0], MessageBody="not an order")

    def executions():
        return functions.list_durable_executions_by_function(FunctionName="queued", Qualifier=version, Statuses=["FAILED"])["DurableExecutions"]

    # The function finds none of its parameters in the records, and fails.
    (failed, *_) = eventually(executions, 60)
    assert failed["FunctionArn"].endswith(f":function:queued:{version}")
    records = json.loads(functions.get_durable_execution(DurableExecutionArn=failed["DurableExecutionArn"])["InputPayload"])["Records"]
    assert records[0]["body"] == "not an order"
    functions.delete_event_source_mapping(UUID=mapping)

    functions.update_function_configuration(FunctionName="queued", DeadLetterConfig={"TargetArn": arns[1]})
    event = {"function": "queued-plain", "payload": {"n": -1}}
    invoke_later(functions, "queued:$LATEST", event)
    (dead,) = eventually(lambda: sqs.receive_message(QueueUrl=urls[1], WaitTimeSeconds=5, MessageAttributeNames=["All"]).get("Messages"), 60)
    assert json.loads(dead["Body"]) == event and "negative" in dead["MessageAttributes"]["ErrorMessage"]["StringValue"]


def test_a_pause_ends_an_invocation_at_its_next_checkpoint(functions, python_layer):
    function = create(functions, "pausing", LARGE, python_layer)
    halted, resumed = (invoke_later(functions, function, {"parts": 1, "size": 5, "nap": 3}) for _ in range(2))
    for arn in halted, resumed:
        eventually(lambda arn=arn: any(event.get("Name") == "nap" for event in history(functions, arn)), 60)
        functions.pause_durable_execution(DurableExecutionArn=arn, ExecutionTimeoutPaused=False)
        assert functions.get_durable_execution(DurableExecutionArn=arn)["Status"] == "PAUSING"
    functions.resume_durable_execution(DurableExecutionArn=resumed)
    assert ended(functions, resumed)["Result"] == "5"
    assert not [event for event in history(functions, resumed) if event["EventType"] in ("ExecutionPaused", "ExecutionResumed")]
    eventually(lambda: functions.get_durable_execution(DurableExecutionArn=halted)["Status"] == "PAUSED", 60)
    # What the step has done was taken, and is not done again.
    functions.resume_durable_execution(DurableExecutionArn=halted, Reason="go on")
    assert ended(functions, halted)["Result"] == "5"
    events = history(functions, halted, IncludeExecutionData=True)
    assert [event["EventType"] for event in events if event.get("Name") == "nap"] == ["StepStarted", "StepSucceeded"]
    (again,) = [event["ExecutionResumedDetails"] for event in events if event["EventType"] == "ExecutionResumed"]
    assert again["Reason"]["Payload"] == "go on"


def test_an_execution_outlives_the_server(start, python_layer, tmp_path):
    emulator = start("--data-dir", str(tmp_path / "data"))
    functions = emulator.client("lambda")
    function = create(functions, "lasting", ORDERS, python_layer)
    create(functions, "napping", LARGE, python_layer)
    event = {"order": "l-1", "wait": 4, "approve": {"timeout": 100}}
    arn = invoke_later(functions, function, event)
    # This one's invocation ends with the server; its step is begun again.
    torn = invoke_later(functions, "napping:$LATEST", {"parts": 1, "size": 3, "nap": 3})
    eventually(lambda: any(event.get("Name") == "nap" for event in history(functions, torn)), 60)
    eventually(lambda: any(event["EventType"] == "WaitStarted" for event in history(functions, arn)), 60)
    emulator.stop(signal.SIGKILL)
    emulator = start("--data-dir", str(tmp_path / "data"))
    functions = emulator.client("lambda")
    functions.send_durable_execution_callback_success(CallbackId=callback_of(functions, arn), Result=b"after")
    execution = ended(functions, arn)
    assert execution["Status"] == "SUCCEEDED" and json.loads(execution["Result"])["approval"] == "after"
    assert ended(functions, torn)["Result"] == "3"
    naps = [event["EventType"] for event in history(functions, torn) if event.get("Name") == "nap"]
    assert naps == ["StepStarted", "StepSucceeded"]


def test_an_execution_in_javascript(server, functions):
    modules = ROOT / "tests/js/node_modules"
    if not shutil.which("node") or not (modules / "@aws/durable-execution-sdk-js").exists():
        pytest.skip("the SDK for JavaScript is not installed")
    wanted = lambda name: name.endswith((".js", ".json", ".cjs")) and "dist-es/" not in name  # noqa: E731
    layer = packed(modules, "nodejs/node_modules/", wanted)
    create(functions, "js-plain", PLAIN, durable=False)
    function = create(functions, "js", JAVASCRIPT, layer, runtime="nodejs22.x", file="app.js")
    arn = invoke_later(functions, function, {"n": 1, "function": "js-plain"})
    functions.send_durable_execution_callback_success(CallbackId=callback_of(functions, arn), Result=b'"yes"')
    execution = ended(functions, arn)
    assert execution["Status"] == "SUCCEEDED", execution
    result = json.loads(execution["Result"])
    assert (result["first"], result["all"], result["called"]) == (2, [1, 4], 3)
    assert "yes" in result["approval"]
