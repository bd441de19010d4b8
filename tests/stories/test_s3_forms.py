"""Forms that browsers post to a bucket: policies, signatures, what is stored and what is answered."""

import base64
import datetime
import json
import re

import boto3
import pytest
import requests
from botocore.config import Config

ROOT = ("AKIAROOTROOTROOTROOT", "sesame")


@pytest.fixture(scope="module")
def s3(server):
    s3 = server.client("s3", signature_version="s3v4")
    s3.create_bucket(Bucket="forms")
    return s3


def post(form, file=("name.txt", b"hello"), **fields):
    files = {"file": file} if file else {"other": b""}
    return requests.post(form["url"], data={**form["fields"], **fields}, files=files, allow_redirects=False)


def told(answer, name):
    found = re.search(f"<{name}>(.*?)</{name}>", answer.text, re.S)
    return found and found.group(1).replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">")


def unsigned(policy):
    return base64.b64encode(json.dumps(policy).encode()).decode()


def test_fields_are_what_put_object_takes_as_headers(s3):
    fields = {"x-amz-meta-Name": "Zoë — ☃", "Content-Type": "text/x", "Content-Disposition": "é", "x-amz-storage-class": "GLACIER_IR"}
    form = s3.generate_presigned_post("forms", "dir/${filename}", Fields=fields, Conditions=[{name: value} for name, value in fields.items()])
    answer = post(form, ("C:\\dir\\a b.txt", b"body"))
    assert answer.status_code == 204 and not answer.content and answer.headers["ETag"]
    assert answer.headers["Location"].endswith("/dir/a%20b.txt")
    head = s3.head_object(Bucket="forms", Key="dir/a b.txt")
    assert (head["ContentLength"], head["ContentType"], head["ContentDisposition"]) == (4, "text/x", "é")
    assert head["Metadata"] == {"name": "=?UTF-8?Q?Zo=C3=AB_=E2=80=94_=E2=98=83?="}
    assert head["StorageClass"] == "GLACIER_IR"


def test_answers_are_those_the_form_asks_for(s3):
    def answer(**fields):
        return post(s3.generate_presigned_post("forms", "a&b", Fields=fields, Conditions=[{name: value} for name, value in fields.items()]))

    created = answer(success_action_status="201")
    assert created.status_code == 201 and told(created, "Bucket") == "forms" and told(created, "Key") == "a&amp;b"
    assert told(created, "Location") == created.headers["Location"] and told(created, "ETag") == created.headers["ETag"]
    assert answer(success_action_status="200").status_code == 200
    assert answer(success_action_status="404").status_code == 204
    redirect = answer(success_action_redirect="http://example.test/done?x=1")
    assert redirect.status_code == 303 and not redirect.content
    etag = "%225d41402abc4b2a76b9719d911017c592%22"
    assert redirect.headers["Location"] == f"http://example.test/done?x=1&bucket=forms&key=a%26b&etag={etag}"
    assert answer(success_action_redirect="/relative").status_code == 204


def test_the_policy_counts_whoever_signs(s3):
    form = s3.generate_presigned_post("forms", "k", Conditions=[["content-length-range", 2, 4]])
    large = post(form, b"12345")
    assert (large.status_code, told(large, "Code"), told(large, "ProposedSize")) == (400, "EntityTooLarge", "5")
    assert told(post(form, b"1"), "Code") == "EntityTooSmall"
    assert post(form, b"1234").status_code == 204
    assert told(post(form, b"12", key="other"), "Message") == 'Invalid according to Policy: Policy Condition failed: ["eq", "$key", "k"]'
    assert told(post(form, b"12", acl="private"), "Message") == "Invalid according to Policy: Extra input fields: acl"
    assert post(form, b"12", **{"x-ignore-me": "1"}).status_code == 204
    old = s3.generate_presigned_post("forms", "k", ExpiresIn=-1)
    assert told(post(old), "Message") == "Invalid according to Policy: Policy expired."


def test_broken_forms(s3, server):
    form = s3.generate_presigned_post("forms", "k")
    assert told(post(form, None), "Message") == "POST requires exactly one file upload per request."
    lost = {**form, "fields": {name: value for name, value in form["fields"].items() if name != "x-amz-signature"}}
    assert told(post(lost), "ArgumentName") == "X-Amz-Signature"
    assert told(post(form, policy="no policy"), "Message") == "Invalid Policy: Invalid JSON."
    assert told(post(form, filler="x" * 21000), "Code") == "MaxPostPreDataLengthExceededError"
    many = requests.post(form["url"], files=[("", (None, "")) for _ in range(21000)] + [("file", b"")])
    assert told(many, "Code") == "MaxPostPreDataLengthExceededError"
    assert told(post({"url": form["url"], "fields": {}}), "ArgumentName") == "key"
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert told(requests.post(form["url"], data=b"nothing", headers=kind), "Code") == "MalformedPOSTRequest"
    plain = requests.post(form["url"], data=b"a=b", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert plain.status_code == 412 and told(plain, "Code") == "PreconditionFailed"
    assert told(post({**form, "url": server.endpoint + "/nowhere"}), "Message").startswith("Invalid according to Policy")
    absent = s3.generate_presigned_post("nowhere", "k")
    assert told(post(absent), "Code") == "NoSuchBucket"


def test_a_form_is_told_as_one(s3, server):
    sqs = server.client("sqs")
    queue = sqs.create_queue(QueueName="forms")["QueueUrl"]
    s3.create_bucket(Bucket="told-forms")
    target = {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:forms", "Events": ["s3:ObjectCreated:Post"]}
    s3.put_bucket_notification_configuration(Bucket="told-forms", NotificationConfiguration={"QueueConfigurations": [target]})
    s3.put_object(Bucket="told-forms", Key="put", Body=b"")
    assert post(s3.generate_presigned_post("told-forms", "posted")).status_code == 204
    bodies = []
    while not any("Records" in body for body in bodies):
        bodies += [json.loads(one["Body"]) for one in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]]
    records = [record for body in bodies for record in body.get("Records", [])]
    assert [(record["eventName"], record["s3"]["object"]["key"]) for record in records] == [("ObjectCreated:Post", "posted")]


def test_large_files_pass_through(s3):
    body = bytes(range(256)) * 40_000
    assert post(s3.generate_presigned_post("forms", "large"), body).status_code == 204
    assert s3.get_object(Bucket="forms", Key="large")["Body"].read() == body


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_signatures_of_policies(start, version):
    guarded = start("--ephemeral", "--auth", "signature", "--root-key", ":".join(ROOT))
    key, secret = ROOT

    def client(secret):
        config = Config(signature_version=version, s3={"addressing_style": "path"})
        return boto3.client("s3", endpoint_url=guarded.endpoint, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret, config=config)

    boto3.client("s3", endpoint_url=guarded.endpoint, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret).create_bucket(Bucket="forms")
    form = client(secret).generate_presigned_post("forms", "k")
    assert post(form).status_code == 204
    wrong = client("wrong").generate_presigned_post("forms", "k")
    refused = post(wrong)
    assert (refused.status_code, told(refused, "Code")) == (403, "SignatureDoesNotMatch")
    assert told(refused, "StringToSign") == wrong["fields"]["policy"]
    expiration = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    other = unsigned({"expiration": expiration, "conditions": [["starts-with", "$key", ""]]})
    assert told(post(form, policy=other), "Code") == "SignatureDoesNotMatch"
    anonymous = {**form, "fields": {"key": "k", "policy": other}}
    assert (post(anonymous).status_code, told(post(anonymous), "Code")) == (403, "AccessDenied")
