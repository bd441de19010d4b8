#!/usr/bin/env bash
# Provisions the application with plain AWS CLI calls and prints the URL of its API.
# Point it at an endpoint first:  eval "$(fogbank env)"
set -euo pipefail
cd "$(dirname "$0")"
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" --output text "$@"; }
build=${BUILD:-build}
account=$(aws sts get-caller-identity --query Account)
region=${AWS_DEFAULT_REGION:-us-east-1}
bucket="items-documents-$account"

aws dynamodb create-table --table-name items \
  --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH \
  --billing-mode PAY_PER_REQUEST --query TableDescription.TableArn
aws dynamodb wait table-exists --table-name items
aws dynamodb put-item --table-name items \
  --item '{"id": {"S": "sample"}, "name": {"S": "Sample"}, "price": {"N": "1.50"}, "tags": {"L": []}}'

aws s3 mb "s3://$bucket"
echo '{"id": "sample", "name": "Sample", "price": "1.50", "tags": []}' |
  aws s3 cp - "s3://$bucket/items/sample.json" --content-type application/json

role=$(aws iam create-role --role-name items-function --query Role.Arn --assume-role-policy-document \
  '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}')
aws iam put-role-policy --role-name items-function --policy-name items --policy-document \
  '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["dynamodb:*", "s3:*", "logs:*"], "Resource": "*"}]}'

runtime=$(python3 -c 'import sys; print(f"python3.{sys.version_info.minor}")')
function=$(aws lambda create-function --function-name items --runtime "$runtime" --handler main.handler --role "$role" \
  --timeout 30 --memory-size 512 --environment "Variables={TABLE=items,BUCKET=$bucket}" \
  --zip-file "fileb://$build/function.zip" --query FunctionArn)
aws lambda wait function-active-v2 --function-name items

api=$(aws apigateway create-rest-api --name items --query id)
root=$(aws apigateway get-resources --rest-api-id "$api" --query 'items[0].id')
proxy=$(aws apigateway create-resource --rest-api-id "$api" --parent-id "$root" --path-part '{proxy+}' --query id)
aws apigateway put-method --rest-api-id "$api" --resource-id "$proxy" --http-method ANY --authorization-type NONE
aws apigateway put-integration --rest-api-id "$api" --resource-id "$proxy" --http-method ANY --type AWS_PROXY \
  --integration-http-method POST --query type \
  --uri "arn:aws:apigateway:$region:lambda:path/2015-03-31/functions/$function/invocations"
aws lambda add-permission --function-name items --statement-id api --action lambda:InvokeFunction \
  --principal apigateway.amazonaws.com --source-arn "arn:aws:execute-api:$region:$account:$api/*" --query Statement
aws apigateway create-deployment --rest-api-id "$api" --stage-name prod --query id

echo "API: $AWS_ENDPOINT_URL/_aws/execute-api/$api/prod"
