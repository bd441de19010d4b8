"""Presigned URLs and signatures of both versions, in the words of S3."""

import datetime
import hashlib
import re
import socket
import unittest.mock
from urllib.parse import quote, urlsplit

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

KEY, SECRET = "AKIAROOTROOTROOTROOT", "sesame"


def told(answer, name):
    found = re.search(f"<{name}>(.*?)</{name}>", answer.text, re.S)
    return found and found.group(1)


def client(server, version="s3v4", key=KEY, secret=SECRET, **s3):
    config = Config(signature_version=version, s3={"addressing_style": "path", **s3})
    return boto3.client("s3", endpoint_url=server.endpoint, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key=secret, config=config)


@pytest.fixture
def guarded(start):
    server = start("--ephemeral", "--auth", "signature", "--root-key", f"{KEY}:{SECRET}")
    client(server).create_bucket(Bucket="bucket")
    client(server).put_object(Bucket="bucket", Key="k", Body=b"body")
    return server


def url(s3, operation, expires=60, **parameters):
    return s3.generate_presigned_url(operation, Params={"Bucket": "bucket", "Key": "k", **parameters}, ExpiresIn=expires)


@pytest.mark.parametrize("version", ["s3", "s3v4"])
def test_urls_of_both_versions(guarded, version):
    s3 = client(guarded, version)
    answer = requests.get(url(s3, "get_object", ResponseContentType="text/x", ResponseContentDisposition="a; b=c"))
    assert (answer.content, answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == (b"body", "text/x", "a; b=c")
    put = url(s3, "put_object", ContentType="text/plain", Metadata={"a": "b"})
    headers = {"Content-Type": "text/plain"} | ({} if version == "s3" else {"x-amz-meta-a": "b"})
    assert requests.put(put, data=b"body", headers=headers).status_code == 200
    assert s3.head_object(Bucket="bucket", Key="k")["Metadata"] == {"a": "b"}
    wrong = requests.put(put, data=b"body", headers={**headers, "Content-Type": "text/xml"})
    assert (wrong.status_code, told(wrong, "Code")) == (403, "SignatureDoesNotMatch")
    assert told(wrong, "StringToSign").encode().hex(" ") == told(wrong, "StringToSignBytes")
    assert told(wrong, "AWSAccessKeyId") == KEY and (told(wrong, "CanonicalRequest") is None) == (version == "s3")


def test_version_2_headers(guarded):
    s3 = client(guarded, "s3")
    s3.put_object(Bucket="bucket", Key="a b", Body=b"older", Metadata={"x": "y"})
    assert s3.get_object(Bucket="bucket", Key="a b", ResponseContentType="text/x")["ContentType"] == "text/x"
    assert s3.list_objects(Bucket="bucket", Prefix="a")["Contents"][0]["Key"] == "a b"
    with pytest.raises(s3.exceptions.ClientError, match="SignatureDoesNotMatch"):
        client(guarded, "s3", secret="wrong").list_buckets()
    with pytest.raises(s3.exceptions.ClientError, match="InvalidAccessKeyId"):
        client(guarded, "s3", key="AKIAUNKNOWNUNKNOWNUN").list_buckets()


def test_what_is_not_signed_is_refused(guarded):
    put = url(client(guarded), "put_object")
    answer = requests.put(put, data=b"x", headers={"x-amz-meta-b": "1", "X-Amz-Acl": "private"})
    assert (answer.status_code, told(answer, "HeadersNotSigned")) == (403, "x-amz-acl, x-amz-meta-b")
    assert requests.put(put, data=b"x", headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}).status_code == 200


def signed(server, path, payload_hash, skew=0):
    request = AWSRequest("PUT", server.endpoint + path, headers={"x-amz-content-sha256": payload_hash, "Host": urlsplit(server.endpoint).netloc})
    signer = SigV4Auth(Credentials(KEY, SECRET), "s3", "us-east-1")
    signer.payload = lambda _: payload_hash
    signer._should_sha256_sign_payload = lambda _: True
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(seconds=skew)
    with unittest.mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: now):
        signer.add_auth(request)
    return server.endpoint + path, dict(request.headers)


def test_payloads_have_the_hash_they_are_signed_with(guarded):
    declared = hashlib.sha256(b"declared").hexdigest()
    address, headers = signed(guarded, "/bucket/hashed", declared)
    assert requests.put(address, data=b"declared", headers=headers).status_code == 200
    for body in [b"sent", b"x" * 1_000_000]:
        answer = requests.put(address, data=body, headers=headers)
        assert (answer.status_code, told(answer, "Code")) == (400, "XAmzContentSHA256Mismatch")
        assert told(answer, "ClientComputedContentSHA256") == declared
        assert told(answer, "S3ComputedContentSHA256") == hashlib.sha256(body).hexdigest()
    address, headers = signed(guarded, "/bucket/hashed", "none")
    assert told(requests.put(address, data=b"", headers=headers), "ArgumentName") == "x-amz-content-sha256"


def test_one_way_to_sign_and_one_only(guarded):
    address, headers = signed(guarded, "/bucket/k", "UNSIGNED-PAYLOAD")
    both = requests.put(address + "?Signature=x", data=b"", headers=headers)
    assert told(both, "Message").startswith("Only one auth mechanism allowed;")
    other = requests.get(guarded.endpoint + "/bucket/k", headers={"Authorization": "Basic abc"})
    assert (told(other, "Message"), told(other, "ArgumentValue")) == ("Unsupported Authorization Type", "Basic abc")
    nowhere = requests.get(guarded.endpoint + "/bucket/k", headers={**headers, "Authorization": headers["Authorization"].replace("us-east-1", "aws-global")})
    assert told(nowhere, "Code") == "AuthorizationHeaderMalformed" and told(nowhere, "Region") == "us-east-1"


def test_clocks_may_be_fifteen_minutes_off(guarded):
    address, headers = signed(guarded, "/bucket/late", "UNSIGNED-PAYLOAD", skew=-1000)
    answer = requests.put(address, data=b"", headers=headers)
    assert (answer.status_code, told(answer, "Code")) == (403, "RequestTimeTooSkewed")
    assert told(answer, "RequestTime") == headers["X-Amz-Date"] and told(answer, "ServerTime")
    assert told(answer, "MaxAllowedSkewMilliseconds") == "900000"


@pytest.mark.parametrize("change, message", [
    (("X-Amz-Date=", "X-Amz-Other="), "Query-string authentication version 4 requires the X-Amz-Algorithm,"),
    (("X-Amz-Credential=", "X-Amz-Other="), "Query-string authentication version 4 requires the X-Amz-Algorithm,"),
    (("X-Amz-Expires=60", "X-Amz-Expires=undefined"), "X-Amz-Expires should be a number"),
    (("X-Amz-Expires=60", "X-Amz-Expires=-1"), "X-Amz-Expires must be non-negative"),
    (("X-Amz-Expires=60", "X-Amz-Expires=604801"), "X-Amz-Expires must be less than a week (in seconds); that is,"),
    (("%2F", "%252F"), "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed;"),
])
def test_parameters_are_checked_in_every_mode(server, change, message):
    answer = requests.get(url(server.client("s3", signature_version="s3v4"), "get_object").replace(*change))
    assert (answer.status_code, told(answer, "Code")) == (400, "AuthorizationQueryParametersError")
    assert told(answer, "Message").startswith(message)


def test_version_2_urls_end_in_every_mode(server):
    s3 = server.client("s3", signature_version="s3")
    ended = requests.get(url(s3, "get_object", expires=-5))
    assert (ended.status_code, told(ended, "Message")) == (403, "Request has expired")
    lost = requests.get(re.sub("&Expires=[0-9]+", "", url(s3, "get_object")))
    assert told(lost, "Message") == "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"


def test_metadata_of_any_alphabet(server):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="alphabets")
    address = server.endpoint + "/alphabets/k"
    # The example of AWS's page: each byte of UTF-8 in a header is a character of its own.
    requests.put(address, data=b"", headers={"x-amz-meta-nonascii": "ÄMÄZÕÑ S3".encode(), "x-amz-meta-word": "=?UTF-8?B?w6k=?="})
    head = s3.head_object(Bucket="alphabets", Key="k")
    assert head["Metadata"] == {"nonascii": "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=", "word": "=?UTF-8?B?w6k=?="}
    bad = requests.get(f"{address}?response-cache-control={quote('—')}")
    assert (bad.status_code, told(bad, "ArgumentName")) == (400, "response-cache-control")


def test_an_object_has_a_length(server):
    server.client("s3").create_bucket(Bucket="lengths")
    with socket.create_connection(server.address) as connection:
        connection.sendall(b"PUT /lengths/k HTTP/1.1\r\nHost: localhost\r\n\r\n")
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 411 ") and b"<Code>MissingContentLength</Code>" in answer
