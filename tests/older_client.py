"""Calls AWS for another process: pickled calls come in, pickled answers go out. Run by a Python with older clients."""

import pickle
import sys

import boto3
from botocore.exceptions import ClientError

service, endpoint = sys.argv[1:]
client = boto3.client(
    service,
    endpoint_url=endpoint,
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
sent = {}
client.meta.events.register("before-send", lambda request, **_: sent.update(headers=dict(request.headers), body=request.body))
while True:
    try:
        method, parameters = pickle.load(sys.stdin.buffer)
    except EOFError:
        break
    try:
        answer = getattr(client, method)(**parameters)
    except ClientError as error:
        answer = error
    body = sent["body"]
    failure = (answer.response, answer.operation_name) if isinstance(answer, ClientError) else None
    pickle.dump((None if failure else answer, failure, sent["headers"], body), sys.stdout.buffer)
    sys.stdout.buffer.flush()
