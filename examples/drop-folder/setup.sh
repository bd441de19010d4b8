#!/usr/bin/env bash
# Provisions the lab with plain AWS CLI calls: table, function, versioning, notification.
# Point it at an endpoint first:  eval "$(fogbank env)"
set -euo pipefail
cd "$(dirname "$0")"
aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" --output text "$@"; }
build=${BUILD:-build}
bucket=${BUCKET:-inbox}
region=${AWS_DEFAULT_REGION:-us-east-1}
account=$(aws sts get-caller-identity --query Account)

mkdir -p "$build"
python3 - "$build" <<'P'
import pathlib, sys, zipfile
info = zipfile.ZipInfo("bootstrap")
info.external_attr = 0o755 << 16
with zipfile.ZipFile(pathlib.Path(sys.argv[1]) / "function.zip", "w", zipfile.ZIP_DEFLATED) as archive:
    archive.writestr(info, pathlib.Path("function/bootstrap").read_bytes())
P

aws dynamodb create-table --table-name files --attribute-definitions AttributeName=name,AttributeType=S \
  --key-schema AttributeName=name,KeyType=HASH --billing-mode PAY_PER_REQUEST --query TableDescription.TableArn
aws dynamodb wait table-exists --table-name files

role=$(aws iam create-role --role-name hash-files --query Role.Arn --assume-role-policy-document \
  '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}')
aws iam put-role-policy --role-name hash-files --policy-name files --policy-document \
  '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["dynamodb:*", "s3:*", "logs:*"], "Resource": "*"}]}'

function=$(aws lambda create-function --function-name hash-files --runtime provided.al2023 --handler bootstrap \
  --role "$role" --timeout 30 --environment "{\"Variables\": {\"TABLE\": \"files\", \"MOVE_TO\": \"${MOVE_TO:-}\"}}" \
  --zip-file "fileb://$build/function.zip" --query FunctionArn)
aws lambda wait function-active-v2 --function-name hash-files
aws lambda add-permission --function-name hash-files --statement-id s3 --action lambda:InvokeFunction \
  --principal s3.amazonaws.com --source-arn "arn:aws:s3:::$bucket" --source-account "$account" --query Statement

aws s3api put-bucket-versioning --bucket "$bucket" --versioning-configuration Status=Enabled
aws s3api put-bucket-notification-configuration --bucket "$bucket" --notification-configuration "{
  \"LambdaFunctionConfigurations\": [{
    \"Id\": \"hash\", \"LambdaFunctionArn\": \"$function\", \"Events\": [\"s3:ObjectCreated:*\"],
    \"Filter\": {\"Key\": {\"FilterRules\": [{\"Name\": \"prefix\", \"Value\": \"input/\"}]}}
  }]
}"
echo "ready in $region: drop a file into input/ of the folder behind $bucket"
