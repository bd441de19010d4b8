"""Who gets in: signatures, keys given out by IAM and STS, presigned URLs."""

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

TRUST = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}'


@pytest.fixture
def guarded(start):
    return start("--ephemeral", "--auth", "signature", "--root-key", "AKIAROOTROOTROOTROOT:sesame")


def client(server, service, key="AKIAROOTROOTROOTROOT", secret="sesame", token=None, **config):
    settings = {"retries": {"max_attempts": 1}, "s3": {"addressing_style": "path"}, **config}
    return boto3.client(
        service, endpoint_url=server.endpoint, region_name="us-east-1", aws_access_key_id=key,
        aws_secret_access_key=secret, aws_session_token=token, config=Config(**settings),
    )


def code(call, *arguments, **parameters):
    with pytest.raises(ClientError) as caught:
        call(*arguments, **parameters)
    return caught.value.response["Error"]["Code"]


def test_every_kind_of_key_acts_for_its_owner(guarded):
    iam = client(guarded, "iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    session = client(guarded, "sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    of_user = (key["AccessKeyId"], key["SecretAccessKey"], None)
    of_role = (session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    assert client(guarded, "sts", *of_user).get_caller_identity()["Arn"].endswith(":user/ann")
    assert client(guarded, "sts", *of_role).get_caller_identity()["Arn"].endswith(":assumed-role/reader/test")
    assert code(client(guarded, "sts", *of_role[:2], "other").get_caller_identity) == "InvalidClientTokenId"


@pytest.mark.parametrize("service, call", [
    ("sts", "get_caller_identity"), ("sqs", "list_queues"), ("s3", "list_buckets"), ("dynamodb", "list_tables"),
    ("lambda", "list_functions"), ("apigateway", "get_rest_apis"), ("logs", "describe_log_groups"), ("iam", "list_roles"),
])
def test_wrong_secrets_and_unknown_keys_are_refused(guarded, service, call):
    getattr(client(guarded, service), call)()
    assert code(getattr(client(guarded, service, secret="wrong"), call)) == "SignatureDoesNotMatch"
    unknown = code(getattr(client(guarded, service, key="AKIAUNKNOWNUNKNOWNUN"), call))
    assert unknown in {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"}


def test_signed_bodies_of_every_form(guarded):
    s3 = client(guarded, "s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="plain", Body=b"body", ChecksumAlgorithm="SHA256")
    older = client(guarded, "s3", request_checksum_calculation="when_required", s3={"addressing_style": "path", "payload_signing_enabled": True})
    older.put_object(Bucket="bucket", Key="a key/with ünïcode+signs%", Body=b"signed")
    assert older.get_object(Bucket="bucket", Key="a key/with ünïcode+signs%")["Body"].read() == b"signed"


def test_presigned_urls(guarded):
    s3 = client(guarded, "s3", signature_version="s3v4")
    s3.create_bucket(Bucket="bucket")
    put = s3.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "k e y"}, ExpiresIn=60)
    assert requests.put(put, data=b"hello").status_code == 200
    get = s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "k e y"}, ExpiresIn=60)
    assert requests.get(get).content == b"hello"
    other = requests.get(get.replace("k%20e%20y", "other"))
    assert other.status_code == 403 and "SignatureDoesNotMatch" in other.text
    assert requests.get(guarded.endpoint + "/bucket/k%20e%20y").status_code == 403


def test_presigned_urls_end_even_without_signatures(server):
    server.client("s3").create_bucket(Bucket="presigned")
    server.client("s3").put_object(Bucket="presigned", Key="k", Body=b"x")
    query = (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20200101%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20200101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00"
    )
    answer = requests.get(f"{server.endpoint}/presigned/k?{query}")
    assert answer.status_code == 403
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in answer.text
    too_long = requests.get(f"{server.endpoint}/presigned/k?{query.replace('Expires=60', 'Expires=604801')}")
    assert too_long.status_code == 400 and "AuthorizationQueryParametersError" in too_long.text
