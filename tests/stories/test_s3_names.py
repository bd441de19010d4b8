"""Keys of every kind, and documents that are none: what AWS takes comes back as it was, the rest is refused."""

import contextlib
import http.client
import re
from urllib.parse import quote, unquote

import pytest
import requests
from botocore.exceptions import ClientError

AUTHORIZATION = {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00"}

KEYS = [
    "%", "%41", "%2F", "a%zz", "+", "a+b", "a b", "?", "a?b=c", "#", "a#b", "&", "=", "a=b&c=d", ";", ":", "@", "!", "~", "*", "'", '"', "<&>", "\\",
    "\n", "a\nb", "\r", "\t", "\x01", "\x1f", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffd", "\ufffe", "\uffff", "é", "e\u0301", "☃", "😀", "👩‍👩‍👧‍👦", "𝔘", "\U0010ffff", "ב", "日本語",
    ".", "..", "../x", "a/..", "a/../b", "./a", "a/./b", "/", "//", "/a", "//a", "a/", "a//", "a//b", "///", " ", " a ", "a/ /b",
    "x" * 1024, "é" * 512, "/" * 1024,
]


def in_path(key: str) -> str:
    return quote(key, safe="")


def send(server, method, bucket, key, style, **options):
    """A request whose path is sent as it is: requests tidies up what looks like a path."""
    headers = {**AUTHORIZATION, **options.pop("headers", {})}
    path = f"/{in_path(key)}" if options.pop("encoded", True) else f"/{key}"
    if style == "path":
        path = f"/{bucket}{path}"
    else:
        headers["Host"] = f"{bucket}.s3.localhost.localstack.cloud:{server.address[1]}"
    connection = http.client.HTTPConnection(*server.address, timeout=30)
    with contextlib.closing(connection):
        connection.request(method, path, options.pop("data", None), headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.parametrize("style", ["path", "host"])
def test_every_key_comes_back(server, style):
    s3, bucket = server.client("s3"), f"keys-{style}"
    s3.create_bucket(Bucket=bucket)
    for at, key in enumerate(KEYS):
        assert send(server, "PUT", bucket, key, style, data=str(at))[0] == 200, key
    for at, key in enumerate(KEYS):
        assert send(server, "GET", bucket, key, style) == (200, str(at)), key
        assert send(server, "HEAD", bucket, key, style)[0] == 200, key
    # XML cannot hold some of them: clients that must see all ask for encoded ones.
    in_order = sorted(KEYS, key=lambda key: key.encode())
    for size in (1000, 7):
        listed, token = [], {}
        while True:
            parameters = {"list-type": 2, "encoding-type": "url", "max-keys": size, **token}
            answer = requests.get(f"{server.endpoint}/{bucket}", headers=AUTHORIZATION, params=parameters)
            assert answer.status_code == 200
            listed += [unquote(key.replace("+", " ")) for key in re.findall(r"<Key>(.*?)</Key>", answer.text)]
            if "<IsTruncated>true" not in answer.text:
                break
            token = {"continuation-token": re.search(r"<NextContinuationToken>(.*?)<", answer.text)[1]}
        assert listed == in_order
    # boto3 asks so, too.
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]] == in_order
    for key in KEYS:
        copied = s3.copy_object(Bucket=bucket, Key="copies/" + key[:500], CopySource={"Bucket": bucket, "Key": key})
        assert copied["CopyObjectResult"]["ETag"] == s3.head_object(Bucket=bucket, Key=key)["ETag"], key
        assert send(server, "DELETE", bucket, key, style)[0] == 204
    assert all(entry["Key"].startswith("copies/") for entry in s3.list_objects_v2(Bucket=bucket)["Contents"])


@pytest.mark.parametrize("style", ["path", "host"])
@pytest.mark.parametrize("key", ["../x", "a/../b", "a//b", "/a", "//", "a/./b", "."])
def test_paths_are_not_tidied(server, style, key):
    s3 = server.client("s3")
    s3.create_bucket(Bucket=f"raw-{style}")
    assert send(server, "PUT", f"raw-{style}", key, style, data="x", encoded=False)[0] == 200
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=f"raw-{style}")["Contents"]] == [key]
    assert send(server, "DELETE", f"raw-{style}", key, style, encoded=False)[0] == 204


def test_keys_that_are_too_long(server):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="long")
    for key in ("x" * 1025, "é" * 513):
        attempts = [
            lambda: s3.put_object(Bucket="long", Key=key, Body=b""),
            lambda: s3.get_object(Bucket="long", Key=key),
            lambda: s3.delete_object(Bucket="long", Key=key),
            lambda: s3.create_multipart_upload(Bucket="long", Key=key),
            lambda: s3.copy_object(Bucket="long", Key=key, CopySource="long/key"),
        ]
        for attempt in attempts:
            with pytest.raises(ClientError) as caught:
                attempt()
            error = caught.value.response["Error"]
            assert (error["Code"], error["MaxSizeAllowed"], error["Size"]) == ("KeyTooLongError", "1024", str(len(key.encode())))
    assert s3.list_objects_v2(Bucket="long")["KeyCount"] == 0


DOCUMENTS = [
    "PUT ?abac", "PUT ?accelerate", "PUT ?acl", "PUT ?analytics&id=a", "PUT ?cors", "PUT ?encryption", "PUT ?intelligent-tiering&id=a", "PUT ?inventory&id=a",
    "PUT ?lifecycle", "PUT ?logging", "PUT ?metrics&id=a", "PUT ?notification", "PUT ?object-lock", "PUT ?ownershipControls", "PUT ?publicAccessBlock",
    "PUT ?replication", "PUT ?requestPayment", "PUT ?tagging", "PUT ?versioning", "PUT ?website", "POST ?delete",
    "PUT /key?acl", "PUT /key?legal-hold", "PUT /key?retention", "PUT /key?tagging", "POST /key?restore", "POST /key?uploadId=",
]
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)) + "]><x>&j;</x>"
NONSENSE = {
    "text": b"nonsense",
    "open": b"<Tagging><TagSet>",
    "crossed": b"<a><b></a></b>",
    "another": b"<Nothing/>",
    "bytes": b"\xff\xfe\x00",
    "control": b"<a>\x01</a>",
    "two": b"<a/><b/>",
    "deep": b"<a>" * 50_000,
    "deep and closed": b"<a>" * 20_000 + b"</a>" * 20_000,
    "bomb": BOMB.encode(),
    "outside": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "attributes": b"<a " + b"".join(b'x%d="1" ' % n for n in range(2_000)) + b"/>",
}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_documents_that_are_none(server, document):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="documents", ObjectLockEnabledForBucket=True)
    s3.put_object(Bucket="documents", Key="key", Body=b"")
    method, target = document.split()
    if target.endswith("uploadId="):
        target += s3.create_multipart_upload(Bucket="documents", Key="key")["UploadId"]
    for name, body in NONSENSE.items():
        answer = requests.request(method, f"{server.endpoint}/documents{target}", data=body, headers=AUTHORIZATION)
        code = re.search("<Code>(.*?)</Code>", answer.text)
        assert answer.status_code == 400 and code and code[1] in {"MalformedXML", "MalformedACLError"}, (name, answer.status_code, answer.text[:300])
        assert "root:" not in answer.text


def test_deleting_very_many_at_once(server):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="many")
    s3.put_object(Bucket="many", Key="0", Body=b"")
    objects = [{"Key": str(number)} for number in range(1001)]
    with pytest.raises(ClientError) as caught:
        s3.delete_objects(Bucket="many", Delete={"Objects": objects})
    assert caught.value.response["Error"]["Code"] == "MalformedXML"
    assert s3.list_objects_v2(Bucket="many")["KeyCount"] == 1
    assert len(s3.delete_objects(Bucket="many", Delete={"Objects": objects[:1000]})["Deleted"]) == 1000
    assert s3.list_objects_v2(Bucket="many")["KeyCount"] == 0
    with pytest.raises(ClientError) as caught:
        s3.delete_objects(Bucket="many", Delete={"Objects": []})
    assert caught.value.response["Error"]["Code"] == "MalformedXML"


def test_more_parts_than_there_can_be(server):
    s3 = server.client("s3")
    s3.create_bucket(Bucket="parts")
    id = s3.create_multipart_upload(Bucket="parts", Key="key")["UploadId"]
    for number in (0, 10_001, -1):
        with pytest.raises(ClientError) as caught:
            s3.upload_part(Bucket="parts", Key="key", UploadId=id, PartNumber=number, Body=b"")
        assert caught.value.response["Error"]["Code"] == "InvalidArgument"
    tag = s3.upload_part(Bucket="parts", Key="key", UploadId=id, PartNumber=10_000, Body=b"x")["ETag"]
    parts = [{"PartNumber": number, "ETag": tag} for number in range(1, 10_002)]
    with pytest.raises(ClientError) as caught:
        s3.complete_multipart_upload(Bucket="parts", Key="key", UploadId=id, MultipartUpload={"Parts": parts})
    assert 400 <= caught.value.response["ResponseMetadata"]["HTTPStatusCode"] < 500
    s3.complete_multipart_upload(Bucket="parts", Key="key", UploadId=id, MultipartUpload={"Parts": parts[9_999:10_000]})
    assert s3.get_object(Bucket="parts", Key="key")["Body"].read() == b"x"
