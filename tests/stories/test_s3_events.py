"""What S3 tells queues and functions of, and that a crash loses none of it."""

import json
import signal

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def watched(server, request):
    """A bucket, and what its queue is told of next."""
    name = request.node.name.replace("_", "-").replace("test-", "")
    s3, sqs = server.client("s3"), server.client("sqs")
    s3.create_bucket(Bucket=name)
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]

    def watch(events, rules=()):
        filters = {"Filter": {"Key": {"FilterRules": [{"Name": kind, "Value": value} for kind, value in rules]}}} if rules else {}
        target = {"Id": "told", "QueueArn": f"arn:aws:sqs:us-east-1:000000000000:{name}", "Events": events, **filters}
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"QueueConfigurations": [target]})
        test = message()
        assert (test["Event"], test["Bucket"], test["Service"]) == ("s3:TestEvent", name, "Amazon S3")

    def message():
        received = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"][0]
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=received["ReceiptHandle"])
        return json.loads(received["Body"])

    def told():
        record = message()["Records"][0]
        return record["eventName"], record["s3"]["object"]["key"], record

    return s3, name, watch, told


def test_each_kind_of_change_is_told(watched):
    s3, bucket, watch, told = watched
    watch(["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*"])
    s3.put_object(Bucket=bucket, Key="a b/ü+.txt", Body=b"12345")
    name, key, record = told()
    assert (name, key) == ("ObjectCreated:Put", "a+b/%C3%BC%2B.txt")
    assert (record["eventVersion"], record["awsRegion"]) == ("2.1", "us-east-1")
    assert record["s3"]["object"]["size"] == 5 and record["s3"]["bucket"]["arn"] == f"arn:aws:s3:::{bucket}"
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a b/ü+.txt"})
    assert told()[:2] == ("ObjectCreated:Copy", "copy")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="parts", UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    done = s3.complete_multipart_upload(Bucket=bucket, Key="parts", UploadId=upload, MultipartUpload=parts)
    name, key, record = told()
    assert (name, record["s3"]["object"]["eTag"]) == ("ObjectCreated:CompleteMultipartUpload", done["ETag"].strip('"'))
    s3.put_object_tagging(Bucket=bucket, Key="copy", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert told()[0] == "ObjectTagging:Put"
    s3.delete_object_tagging(Bucket=bucket, Key="copy")
    assert told()[0] == "ObjectTagging:Delete"
    s3.delete_object(Bucket=bucket, Key="copy")
    assert told()[:2] == ("ObjectRemoved:Delete", "copy")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    marker = s3.delete_object(Bucket=bucket, Key="parts")["VersionId"]
    name, key, record = told()
    assert (name, record["s3"]["object"]["versionId"]) == ("ObjectRemoved:DeleteMarkerCreated", marker)


def test_filters_choose_by_both_ends(watched):
    s3, bucket, watch, told = watched
    watch(["s3:ObjectCreated:Put"], [("Prefix", "in/"), ("Suffix", ".csv")])
    for key in ["in/a.txt", "out/a.csv", "in/a.csv.gz", "in/b.csv"]:
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
    s3.copy_object(Bucket=bucket, Key="in/copy.csv", CopySource=f"{bucket}/in/b.csv")
    s3.put_object(Bucket=bucket, Key="in/last.csv", Body=b"x")
    assert {told()[1], told()[1]} == {"in/b.csv", "in/last.csv"}


def test_targets_that_are_not_there_are_refused(watched):
    s3, bucket, *_ = watched
    for kind, arn in [
        ("QueueConfigurations", {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:nowhere"}),
        ("LambdaFunctionConfigurations", {"LambdaFunctionArn": "arn:aws:lambda:us-east-1:000000000000:function:nothing"}),
    ]:
        with pytest.raises(ClientError) as refused:
            configuration = {kind: [{**arn, "Events": ["s3:ObjectCreated:*"]}]}
            s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
        error = refused.value.response["Error"]
        assert (error["Code"], error["Message"]) == ("InvalidArgument", "Unable to validate the following destination configurations")
    assert s3.get_bucket_notification_configuration(Bucket=bucket).keys() == {"ResponseMetadata"}


def test_a_crash_loses_no_event(start, tmp_path):
    data = ["--data-dir", str(tmp_path / "data")]
    server = start(*data)
    s3, sqs = server.client("s3"), server.client("sqs")
    s3.create_bucket(Bucket="crash")
    queue = sqs.create_queue(QueueName="crash")["QueueUrl"]
    target = {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:crash", "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(Bucket="crash", NotificationConfiguration={"QueueConfigurations": [target]})
    for number in range(200):
        s3.put_object(Bucket="crash", Key=f"k{number}", Body=b"x")
    server.stop(signal.SIGKILL)

    server = start(*data)
    sqs, s3 = server.client("sqs"), server.client("s3")
    assert s3.list_objects_v2(Bucket="crash")["KeyCount"] == 200
    queue = sqs.get_queue_url(QueueName="crash")["QueueUrl"]
    missing = {f"k{number}" for number in range(200)}
    while missing:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=20)["Messages"]:
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            for record in json.loads(message["Body"]).get("Records", []):
                missing.discard(record["s3"]["object"]["key"])
