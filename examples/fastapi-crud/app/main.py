"""A small CRUD application: items in a DynamoDB table, a JSON document of each in an S3 bucket."""

import json
import os
import uuid
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr
from fastapi import FastAPI, HTTPException
from mangum import Mangum
from pydantic import BaseModel

TABLE = boto3.resource("dynamodb").Table(os.environ["TABLE"])
BUCKET = boto3.resource("s3").Bucket(os.environ["BUCKET"])

app = FastAPI(title="Items")


class Item(BaseModel):
    name: str
    price: Decimal
    tags: list[str] = []


def document(item_id: str):
    return BUCKET.Object(f"items/{item_id}.json")


def store(item: dict) -> dict:
    TABLE.put_item(Item=item)
    document(item["id"]).put(Body=json.dumps(item, default=str), ContentType="application/json")
    return item


def existing(item_id: str) -> dict:
    item = TABLE.get_item(Key={"id": item_id}).get("Item")
    if item is None:
        raise HTTPException(status_code=404, detail=f"There is no item {item_id}.")
    return item


@app.post("/items", status_code=201)
def create(item: Item) -> dict:
    return store({"id": str(uuid.uuid4()), **item.model_dump()})


@app.get("/items")
def list_items(at_most: Decimal | None = None) -> list[dict]:
    condition = {} if at_most is None else {"FilterExpression": Attr("price").lte(at_most)}
    return TABLE.scan(**condition)["Items"]


@app.get("/items/{item_id}")
def read(item_id: str) -> dict:
    return existing(item_id)


@app.put("/items/{item_id}")
def update(item_id: str, item: Item) -> dict:
    existing(item_id)
    return store({"id": item_id, **item.model_dump()})


@app.delete("/items/{item_id}", status_code=204)
def delete(item_id: str) -> None:
    existing(item_id)
    TABLE.delete_item(Key={"id": item_id})
    document(item_id).delete()


handler = Mangum(app)
