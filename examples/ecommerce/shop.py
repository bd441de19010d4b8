"""A shop whose orders fan out over SNS to workers behind SQS, with DynamoDB, S3, CloudWatch and its logs.

    python shop.py setup            tables, bucket, topic, queues with dead letters, log group
    python shop.py order 100        a hundred orders
    python shop.py work             all workers, until their queues are empty; BANK=closed refuses every tenth card
    python shop.py redrive          puts dead letters back, once the bank is open again
    python shop.py report           what became of the orders, as JSON

It is plain boto3: where it talks to is up to the usual variables, such as AWS_ENDPOINT_URL.
"""

import json
import os
import sys
import threading
import time

import boto3
from botocore.exceptions import ClientError

TOPIC = "orders"
BUCKET = "receipts"
LOG = "/shop"
#: Each worker with the events it wants.
WORKERS = {
    "inventory": ["order_placed"],
    "payment": ["stock_reserved"],
    "fulfilment": ["payment_taken"],
    "analytics": [{"exists": True}],
}
PRODUCTS = {"tea": 40, "coffee": 40, "cocoa": 10}
#: How often a message is tried before it is a dead letter.
TRIES = 2

sns, sqs, s3, logs, cloudwatch = (boto3.client(name) for name in ("sns", "sqs", "s3", "logs", "cloudwatch"))
dynamodb = boto3.resource("dynamodb")
orders, stock, events = (dynamodb.Table(name) for name in ("orders", "stock", "events"))


def queue(name):
    return sqs.get_queue_url(QueueName=name)["QueueUrl"]


def topic():
    return sns.create_topic(Name=TOPIC)["TopicArn"]


# --- setup -----------------------------------------------------------------------------------------------------------


def setup():
    for table in (orders, stock, events):
        dynamodb.create_table(
            TableName=table.name,
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
    for table in (orders, stock, events):
        table.wait_until_exists()
    for product, count in PRODUCTS.items():
        stock.put_item(Item={"id": product, "available": count, "reserved": 0})
    s3.create_bucket(Bucket=BUCKET)
    for name, wanted in WORKERS.items():
        dead = arn(sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"])
        redrive = {"deadLetterTargetArn": dead, "maxReceiveCount": TRIES}
        url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "1", "RedrivePolicy": json.dumps(redrive)})
        filter_policy = json.dumps({"event": wanted})
        attributes = {"RawMessageDelivery": "true", "FilterPolicy": filter_policy}
        sns.subscribe(TopicArn=topic(), Protocol="sqs", Endpoint=arn(url["QueueUrl"]), Attributes=attributes)
    logs.create_log_group(logGroupName=LOG)
    for name in WORKERS:
        logs.create_log_stream(logGroupName=LOG, logStreamName=name)


def arn(url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


# --- the order service -----------------------------------------------------------------------------------------------


def order(count):
    products = list(PRODUCTS)
    for number in range(count):
        placed = {"id": f"order-{number:04}", "product": products[number % len(products)], "quantity": 1, "status": "placed"}
        orders.put_item(Item=placed, ConditionExpression="attribute_not_exists(id)")
        tell("order_placed", placed)


def tell(event, about):
    """Publishes an event; its id is the same however often it is told."""
    body = {"id": f"{about['id']}/{event}", "event": event, "order": {**about, "quantity": int(about["quantity"])}}
    attributes = {"event": {"DataType": "String", "StringValue": event}}
    sns.publish(TopicArn=topic(), Message=json.dumps(body), MessageAttributes=attributes)


# --- the workers -----------------------------------------------------------------------------------------------------


def move(about, before, after):
    """Moves an order on, once; whether it was this call that did."""
    try:
        orders.update_item(
            Key={"id": about["id"]},
            UpdateExpression="SET #s = :after ADD moves :one",
            ConditionExpression="#s = :before",
            ExpressionAttributeNames={"#s": "status"},
            ExpressionAttributeValues={":after": after, ":before": before, ":one": 1},
        )
        return True
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return False


def inventory(event):
    """Reserves stock and moves the order on, both or neither."""
    about = event["order"]
    client = dynamodb.meta.client
    reserve = {
        "TableName": stock.name,
        "Key": {"id": about["product"]},
        "UpdateExpression": "SET available = available - :q, reserved = reserved + :q",
        "ConditionExpression": "available >= :q",
        "ExpressionAttributeValues": {":q": about["quantity"]},
    }
    advance = {
        "TableName": orders.name,
        "Key": {"id": about["id"]},
        "UpdateExpression": "SET #s = :reserved ADD moves :one",
        "ConditionExpression": "#s = :placed",
        "ExpressionAttributeNames": {"#s": "status"},
        "ExpressionAttributeValues": {":reserved": "reserved", ":placed": "placed", ":one": 1},
    }
    try:
        client.transact_write_items(TransactItems=[{"Update": reserve}, {"Update": advance}])
    except client.exceptions.TransactionCanceledException as error:
        stock_reason, order_reason = (reason["Code"] for reason in error.response["CancellationReasons"])
        if "TransactionConflict" in (stock_reason, order_reason):
            raise
        if order_reason == "None" and stock_reason == "ConditionalCheckFailed":
            move(about, "placed", "rejected")
            tell("order_rejected", about)
            return
        # Seen before: the event may not have been told, so it is told again.
    tell("stock_reserved", about)


def payment(event):
    about = event["order"]
    if os.environ.get("BANK") == "closed" and about["id"].endswith("0"):
        raise RuntimeError("the bank is closed")
    move(about, "reserved", "paid")
    tell("payment_taken", about)


def fulfilment(event):
    about = event["order"]
    receipt = json.dumps({"order": about["id"], "product": about["product"], "quantity": about["quantity"]})
    s3.put_object(Bucket=BUCKET, Key=f"receipts/{about['id']}.json", Body=receipt, ContentType="application/json")
    move(about, "paid", "shipped")
    tell("order_shipped", about)


def analytics(event):
    """Counts every event once."""
    try:
        events.put_item(Item={"id": event["id"], "event": event["event"]}, ConditionExpression="attribute_not_exists(id)")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def work_one(name, idle):
    """One worker: takes messages until none came for so many seconds."""
    handle, url, quiet = globals()[name], queue(name), time.monotonic()
    while time.monotonic() - quiet < idle:
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
            quiet = time.monotonic()
            event = json.loads(message["Body"])
            try:
                handle(event)
            except Exception as error:  # the queue tries again, then keeps it as a dead letter
                note(name, f"{event['id']} failed: {error}")
                continue
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            note(name, f"{event['id']} done")
            count(name)


def note(name, text):
    logs.put_log_events(logGroupName=LOG, logStreamName=name, logEvents=[{"timestamp": int(time.time() * 1000), "message": text}])


counted = True


def count(name):
    """A metric; an emulator without CloudWatch is asked once."""
    global counted
    if counted:
        try:
            dimensions = [{"Name": "Worker", "Value": name}]
            cloudwatch.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "Handled", "Value": 1, "Unit": "Count", "Dimensions": dimensions}])
        except ClientError as error:
            counted = False
            print(f"no metrics: {error}", file=sys.stderr)


def work(idle=4.0):
    threads = [threading.Thread(target=work_one, args=(name, idle)) for name in WORKERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def redrive():
    for name in WORKERS:
        sqs.start_message_move_task(SourceArn=arn(queue(f"{name}-dead")))


# --- what became of it -----------------------------------------------------------------------------------------------


def everything(table):
    page = table.scan()
    items = page["Items"]
    while "LastEvaluatedKey" in page:
        page = table.scan(ExclusiveStartKey=page["LastEvaluatedKey"])
        items += page["Items"]
    return items


def tally(names):
    counts = {}
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def report():
    receipts = [item["Key"] for page in s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET) for item in page.get("Contents", [])]
    waiting = {}
    for name in WORKERS:
        for one in (name, f"{name}-dead"):
            names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
            attributes = sqs.get_queue_attributes(QueueUrl=queue(one), AttributeNames=names)["Attributes"]
            waiting[one] = sum(int(value) for value in attributes.values())
    found = {
        "orders": tally(item["status"] for item in everything(orders)),
        "moves": tally(str(item.get("moves", 0)) for item in everything(orders)),
        "stock": {item["id"]: {"available": int(item["available"]), "reserved": int(item["reserved"])} for item in everything(stock)},
        "events": tally(item["event"] for item in everything(events)),
        "receipts": len(receipts),
        "waiting": waiting,
    }
    print(json.dumps(found, indent=2, sort_keys=True))


if __name__ == "__main__":
    command, *arguments = sys.argv[1:] or ["help"]
    commands = {"setup": setup, "order": lambda count: order(int(count)), "work": work, "redrive": redrive, "report": report}
    if command not in commands:
        sys.exit(__doc__)
    commands[command](*arguments)
