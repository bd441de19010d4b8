"""DynamoDB with the clients people use: boto3's resources, the AWS CLI, JavaScript's document client."""

import decimal
import json
import pathlib
import shutil
import subprocess

import boto3
import pytest
from boto3.dynamodb.conditions import Attr, Key
from conftest import eventually

JS = pathlib.Path(__file__).resolve().parent.parent / "js"


def test_the_resources_of_boto3(server):
    """Source of the shapes: boto3's guide to DynamoDB."""
    resource = boto3.resource(
        "dynamodb",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    table = resource.create_table(
        TableName="users",
        KeySchema=[{"AttributeName": "name", "KeyType": "HASH"}, {"AttributeName": "age", "KeyType": "RANGE"}],
        AttributeDefinitions=[
            {"AttributeName": "name", "AttributeType": "S"},
            {"AttributeName": "age", "AttributeType": "N"},
            {"AttributeName": "city", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-city",
                "KeySchema": [{"AttributeName": "city", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists()
    with table.batch_writer() as batch:
        for age in range(60):
            batch.put_item(
                {"name": "ann", "age": age, "city": "Rome" if age % 2 else "Oslo", "score": decimal.Decimal("1.5") * age}
            )
        batch.delete_item(Key={"name": "ann", "age": 0})
    table.reload()
    assert table.item_count == 59
    young = table.query(KeyConditionExpression=Key("name").eq("ann") & Key("age").lt(5))["Items"]
    assert [int(item["age"]) for item in young] == [1, 2, 3, 4]
    assert young[0]["score"] == decimal.Decimal("1.5")
    rome = table.query(IndexName="by-city", KeyConditionExpression=Key("city").eq("Rome"), Select="COUNT")
    assert rome["Count"] == 30
    found = table.scan(FilterExpression=Attr("score").between(3, 6) & Attr("city").begins_with("O"))["Items"]
    assert sorted(int(item["age"]) for item in found) == [2, 4]
    changed = table.update_item(
        Key={"name": "ann", "age": 2},
        UpdateExpression="SET #c = :c, history = list_append(if_not_exists(history, :none), :h) ADD badges :b",
        ExpressionAttributeNames={"#c": "city"},
        ExpressionAttributeValues={":c": "Bonn", ":none": [], ":h": [{"from": "Oslo"}], ":b": {"new"}},
        ReturnValues="UPDATED_NEW",
    )["Attributes"]
    assert changed == {"city": "Bonn", "history": [{"from": "Oslo"}], "badges": {"new"}}
    with pytest.raises(resource.meta.client.exceptions.ConditionalCheckFailedException):
        table.put_item(Item={"name": "ann", "age": 2}, ConditionExpression=Attr("name").not_exists())
    with pytest.raises(resource.meta.client.exceptions.TransactionCanceledException) as refused:
        resource.meta.client.transact_write_items(
            TransactItems=[
                {"Delete": {"TableName": "users", "Key": {"name": "ann", "age": 3}}},
                {
                    "Update": {
                        "TableName": "users",
                        "Key": {"name": "ann", "age": 4},
                        "UpdateExpression": "SET score = score - :x",
                        "ConditionExpression": "score > :y",
                        "ExpressionAttributeValues": {":x": 1, ":y": 100},
                        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                    }
                },
            ]
        )
    reasons = refused.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"]["score"] == {"N": "6"}
    assert "Item" in table.get_item(Key={"name": "ann", "age": 3}, ConsistentRead=True)
    table.delete()
    table.wait_until_not_exists()


def test_the_aws_command(server, tmp_path):
    def aws(*arguments: str):
        done = subprocess.run(
            ["aws", *arguments, "--output", "json"], env=server.environment(), capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    aws(
        "dynamodb", "create-table", "--table-name", "things",
        "--attribute-definitions", "AttributeName=id,AttributeType=S",
        "--key-schema", "AttributeName=id,KeyType=HASH",
        "--billing-mode", "PAY_PER_REQUEST",
        "--stream-specification", "StreamEnabled=true,StreamViewType=NEW_IMAGE",
    )  # fmt: skip
    aws("dynamodb", "wait", "table-exists", "--table-name", "things")
    aws("dynamodb", "update-time-to-live", "--table-name", "things", "--time-to-live-specification", "Enabled=true,AttributeName=ends")
    batch = tmp_path / "batch.json"
    puts = [{"PutRequest": {"Item": {"id": {"S": f"t{n}"}, "ends": {"N": "1" if n else "9999999999"}}}} for n in range(3)]
    batch.write_text(json.dumps({"things": puts}))
    assert aws("dynamodb", "batch-write-item", "--request-items", f"file://{batch}") == {"UnprocessedItems": {}}
    # A page of the client's own making.
    page = aws("dynamodb", "scan", "--table-name", "things", "--max-items", "2")
    rest = aws("dynamodb", "scan", "--table-name", "things", "--starting-token", page["NextToken"])
    assert len(page["Items"]) + len(rest["Items"]) == 3
    told = aws("dynamodb", "execute-statement", "--statement", "SELECT id FROM things WHERE id = 't1'")
    assert told == {"Items": [{"id": {"S": "t1"}}]}
    arn = aws("dynamodb", "create-backup", "--table-name", "things", "--backup-name", "nightly")["BackupDetails"]["BackupArn"]
    aws("dynamodb", "delete-item", "--table-name", "things", "--key", '{"id": {"S": "t0"}}')
    aws("dynamodb", "restore-table-from-backup", "--target-table-name", "restored", "--backup-arn", arn)
    aws("dynamodb", "wait", "table-exists", "--table-name", "restored")
    assert aws("dynamodb", "describe-table", "--table-name", "restored")["Table"]["ItemCount"] == 3
    stream = aws("dynamodbstreams", "list-streams", "--table-name", "things")["Streams"][0]["StreamArn"]
    shard = aws("dynamodbstreams", "describe-stream", "--stream-arn", stream)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = aws(
        "dynamodbstreams", "get-shard-iterator", "--stream-arn", stream, "--shard-id", shard,
        "--shard-iterator-type", "TRIM_HORIZON",
    )["ShardIterator"]  # fmt: skip
    records = aws("dynamodbstreams", "get-records", "--shard-iterator", iterator)["Records"]
    assert [record["eventName"] for record in records] == ["INSERT", "INSERT", "INSERT", "REMOVE"]


def test_expired_items_go_when_asked(server):
    import time
    import urllib.request

    client = server.client("dynamodb")
    client.create_table(
        TableName="sessions",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.update_time_to_live(
        TableName="sessions", TimeToLiveSpecification={"Enabled": True, "AttributeName": "ends"}
    )
    now = int(time.time())
    for name, ends in [("old", now - 10), ("new", now + 1000)]:
        client.put_item(TableName="sessions", Item={"id": {"S": name}, "ends": {"N": str(ends)}})
    request = urllib.request.Request(f"{server.endpoint}/_aws/dynamodb/expired", method="DELETE")
    with urllib.request.urlopen(request) as answer:
        # The worker may have been faster.
        assert json.load(answer)["ExpiredItems"] <= 1
    items = client.scan(TableName="sessions")["Items"]
    assert [item["id"]["S"] for item in items] == ["new"]


def test_the_document_client_of_javascript(server):
    if not shutil.which("node"):
        pytest.skip("node is not installed")
    done = subprocess.run(
        ["node", "dynamodb.mjs"], cwd=JS, env=server.environment(), capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done\n"


def test_a_table_goes_to_s3_and_comes_back(server):
    """Source of the shapes: AWS's guide to exports and imports of tables."""
    import gzip

    dynamodb, s3 = server.client("dynamodb"), server.client("s3")
    s3.create_bucket(Bucket="exports")
    schema = {
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    arn = dynamodb.create_table(TableName="leaving", **schema)["TableDescription"]["TableArn"]
    dynamodb.update_continuous_backups(
        TableName="leaving", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    for number in range(10):
        dynamodb.put_item(TableName="leaving", Item={"id": {"S": str(number)}, "tags": {"SS": ["a", "b"]}})

    def ended(describe, member: str, status: str):
        # There are no waiters of boto3 for these.
        told = eventually(lambda: (now := describe()[member])[status] != "IN_PROGRESS" and now)
        assert told[status] == "COMPLETED", told
        return told

    for shape in ["DYNAMODB_JSON", "ION"]:
        asked = dynamodb.export_table_to_point_in_time(
            TableArn=arn, S3Bucket="exports", S3Prefix=shape, ExportFormat=shape
        )["ExportDescription"]
        done = ended(
            lambda: dynamodb.describe_export(ExportArn=asked["ExportArn"]), "ExportDescription", "ExportStatus"
        )
        assert done["ItemCount"] == 10
        manifest = json.loads(s3.get_object(Bucket="exports", Key=done["ExportManifest"])["Body"].read())
        files = s3.get_object(Bucket="exports", Key=manifest["manifestFilesS3Key"])["Body"].read().decode()
        data = json.loads(files.splitlines()[0])["dataFileS3Key"]
        lines = gzip.decompress(s3.get_object(Bucket="exports", Key=data)["Body"].read()).decode().splitlines()
        assert len(lines) == 10
        name = f"back-from-{shape.lower().replace('_', '-')}"
        asked = dynamodb.import_table(
            S3BucketSource={"S3Bucket": "exports", "S3KeyPrefix": data},
            InputFormat=shape,
            InputCompressionType="GZIP",
            TableCreationParameters={"TableName": name, **schema},
        )["ImportTableDescription"]
        done = ended(
            lambda: dynamodb.describe_import(ImportArn=asked["ImportArn"]), "ImportTableDescription", "ImportStatus"
        )
        assert (done["ImportedItemCount"], done["ErrorCount"]) == (10, 0)
        dynamodb.get_waiter("table_exists").wait(TableName=name)
        item = dynamodb.get_item(TableName=name, Key={"id": {"S": "7"}})["Item"]
        assert sorted(item["tags"]["SS"]) == ["a", "b"]
