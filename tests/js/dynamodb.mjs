// The document client: JavaScript values in, JavaScript values out.
import assert from "node:assert/strict";
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
} from "@aws-sdk/client-dynamodb-streams";
import {
  BatchGetCommand,
  BatchWriteCommand,
  DynamoDBDocumentClient,
  ExecuteStatementCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  TransactWriteCommand,
  UpdateCommand,
  paginateScan,
} from "@aws-sdk/lib-dynamodb";

const settings = {
  endpoint: process.env.AWS_ENDPOINT_URL,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
};
const client = new DynamoDBClient(settings);
const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
const TableName = "orders-of-js";

const { TableDescription } = await client.send(
  new CreateTableCommand({
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: "customer", AttributeType: "S" },
      { AttributeName: "placed", AttributeType: "N" },
    ],
    KeySchema: [
      { AttributeName: "customer", KeyType: "HASH" },
      { AttributeName: "placed", KeyType: "RANGE" },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
  }),
);
await waitUntilTableExists({ client, maxWaitTime: 10, minDelay: 1 }, { TableName });

const order = {
  customer: "ann",
  placed: 1,
  lines: [{ sku: "a", count: 2, price: 9.99 }],
  tags: new Set(["new", "gift"]),
  note: null,
  paid: false,
  body: new Uint8Array([0, 255]),
};
await documents.send(new PutCommand({ TableName, Item: order }));
const found = await documents.send(new GetCommand({ TableName, Key: { customer: "ann", placed: 1 } }));
assert.deepEqual(found.Item, order);

await assert.rejects(
  documents.send(new PutCommand({ TableName, Item: order, ConditionExpression: "attribute_not_exists(customer)" })),
  { name: "ConditionalCheckFailedException", message: "The conditional request failed" },
);

const updated = await documents.send(
  new UpdateCommand({
    TableName,
    Key: { customer: "ann", placed: 1 },
    UpdateExpression: "SET #l[0].#c = #l[0].#c + :one, paid = :yes REMOVE note",
    ExpressionAttributeNames: { "#l": "lines", "#c": "count" },
    ExpressionAttributeValues: { ":one": 1, ":yes": true },
    ReturnValues: "ALL_NEW",
  }),
);
assert.equal(updated.Attributes.lines[0].count, 3);
assert.equal("note" in updated.Attributes, false);

const many = Array.from({ length: 25 }, (_, at) => ({ PutRequest: { Item: { customer: "bob", placed: at } } }));
await documents.send(new BatchWriteCommand({ RequestItems: { [TableName]: many } }));
const batch = await documents.send(
  new BatchGetCommand({ RequestItems: { [TableName]: { Keys: [{ customer: "bob", placed: 3 }] } } }),
);
assert.deepEqual(batch.Responses[TableName], [{ customer: "bob", placed: 3 }]);
const page = await documents.send(
  new QueryCommand({
    TableName,
    KeyConditionExpression: "customer = :bob AND placed BETWEEN :a AND :b",
    ExpressionAttributeValues: { ":bob": "bob", ":a": 5, ":b": 7 },
    ScanIndexForward: false,
  }),
);
assert.deepEqual(page.Items.map((item) => item.placed), [7, 6, 5]);
let scanned = 0;
for await (const { Count } of paginateScan({ client: documents, pageSize: 4 }, { TableName })) scanned += Count;
assert.equal(scanned, 26);

await assert.rejects(
  documents.send(
    new TransactWriteCommand({
      TransactItems: [
        { Put: { TableName, Item: { customer: "cid", placed: 1 } } },
        {
          ConditionCheck: {
            TableName,
            Key: { customer: "bob", placed: 99 },
            ConditionExpression: "attribute_exists(customer)",
          },
        },
      ],
    }),
  ),
  (error) => {
    assert.equal(error.name, "TransactionCanceledException");
    assert.deepEqual(error.CancellationReasons.map((reason) => reason.Code), ["None", "ConditionalCheckFailed"]);
    return true;
  },
);
const statement = await documents.send(
  new ExecuteStatementCommand({
    Statement: `SELECT placed FROM "${TableName}" WHERE customer = ? AND placed > ?`,
    Parameters: ["bob", 22],
  }),
);
assert.deepEqual(statement.Items, [{ placed: 23 }, { placed: 24 }]);

const streams = new DynamoDBStreamsClient(settings);
const StreamArn = TableDescription.LatestStreamArn;
const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
const [{ ShardId }] = StreamDescription.Shards;
const { ShardIterator } = await streams.send(
  new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType: "TRIM_HORIZON" }),
);
const { Records } = await streams.send(new GetRecordsCommand({ ShardIterator }));
assert.equal(Records.length, 27);
assert.deepEqual(Records.slice(0, 3).map((record) => record.eventName), ["INSERT", "MODIFY", "INSERT"]);
console.log("done");
