# Functions and what hangs on them, with their logs, for test_terraform.py.

variable "endpoint" {
  type = string
}

# The ARN of a queue.
variable "queue" {
  type = string
}

# How many seconds the function has: changed, everything that follows from its version changes.
variable "timeout" {
  type    = number
  default = 20
}

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  endpoints {
    dynamodb       = var.endpoint
    iam            = var.endpoint
    lambda         = var.endpoint
    cloudwatchlogs = var.endpoint
    sts            = var.endpoint
  }
}

resource "aws_iam_role" "main" {
  name = "terraform-lambda"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_layer_version" "words" {
  layer_name               = "terraform-words"
  filename                 = "layer.zip"
  source_code_hash         = filebase64sha256("layer.zip")
  description              = "Words"
  license_info             = "MIT"
  compatible_runtimes      = ["python3.12", "python3.13"]
  compatible_architectures = ["x86_64"]
}

resource "aws_lambda_layer_version_permission" "words" {
  layer_name     = aws_lambda_layer_version.words.layer_name
  version_number = aws_lambda_layer_version.words.version
  statement_id   = "all"
  action         = "lambda:GetLayerVersion"
  principal      = "*"
}

resource "aws_cloudwatch_log_group" "main" {
  name              = "/terraform/main"
  retention_in_days = 14
  tags              = { team = "functions" }
}

resource "aws_cloudwatch_log_group" "rare" {
  name_prefix     = "/terraform/rare"
  log_group_class = "INFREQUENT_ACCESS"
}

resource "aws_lambda_function" "main" {
  function_name                  = "terraform-main"
  description                    = "A function with everything"
  role                           = aws_iam_role.main.arn
  filename                       = "function.zip"
  source_code_hash               = filebase64sha256("function.zip")
  runtime                        = "python3.12"
  handler                        = "app.handler"
  architectures                  = ["x86_64"]
  memory_size                    = 256
  timeout                        = var.timeout
  publish                        = true
  reserved_concurrent_executions = 20
  layers                         = [aws_lambda_layer_version.words.arn]
  tags                           = { team = "functions", "cost center" = "a/b" }

  environment {
    variables = { WORD = "hello", OTHER = "a b=c\"ü" }
  }
  tracing_config {
    mode = "Active"
  }
  dead_letter_config {
    target_arn = var.queue
  }
  ephemeral_storage {
    size = 1024
  }
  logging_config {
    log_format            = "JSON"
    application_log_level = "DEBUG"
    system_log_level      = "WARN"
    log_group             = aws_cloudwatch_log_group.main.name
  }
}

resource "aws_lambda_function" "plain" {
  function_name = "terraform-plain"
  role          = aws_iam_role.main.arn
  filename      = "function.zip"
  runtime       = "python3.12"
  handler       = "app.handler"
}

resource "aws_lambda_function" "snap" {
  function_name = "terraform-snap"
  role          = aws_iam_role.main.arn
  filename      = "function.zip"
  runtime       = "python3.12"
  handler       = "app.handler"
  publish       = true
  snap_start {
    apply_on = "PublishedVersions"
  }
}

# The image is in a folder that the emulator is told of.
resource "aws_lambda_function" "image" {
  function_name = "terraform-image"
  role          = aws_iam_role.main.arn
  package_type  = "Image"
  image_uri     = "000000000000.dkr.ecr.us-east-1.amazonaws.com/team/shop:v1"
  image_config {
    command           = ["other.handler"]
    working_directory = "/tmp"
  }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "What is used"
  function_name    = aws_lambda_function.main.function_name
  function_version = aws_lambda_function.main.version
}

resource "aws_lambda_permission" "topic" {
  statement_id  = "topic"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.main.function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "sns.amazonaws.com"
  source_arn    = "arn:aws:sns:us-east-1:000000000000:orders"
}

resource "aws_lambda_permission" "logs" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.main.function_name
  principal     = "logs.amazonaws.com"
  source_arn    = "${aws_cloudwatch_log_group.main.arn}:*"
}

resource "aws_lambda_function_url" "main" {
  function_name      = aws_lambda_function.main.function_name
  qualifier          = aws_lambda_alias.live.name
  authorization_type = "NONE"
  invoke_mode        = "RESPONSE_STREAM"
  cors {
    allow_credentials = true
    allow_origins     = ["https://example.com"]
    allow_methods     = ["*"]
    allow_headers     = ["date", "keep-alive"]
    expose_headers    = ["keep-alive", "date"]
    max_age           = 86400
  }
}

resource "aws_lambda_function_url" "plain" {
  function_name      = aws_lambda_function.plain.function_name
  authorization_type = "AWS_IAM"
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  function_name                     = aws_lambda_alias.live.function_name
  qualifier                         = aws_lambda_alias.live.name
  provisioned_concurrent_executions = 2
}

resource "aws_lambda_function_event_invoke_config" "main" {
  function_name                = aws_lambda_function.main.function_name
  qualifier                    = aws_lambda_alias.live.name
  maximum_event_age_in_seconds = 60
  maximum_retry_attempts       = 0
  destination_config {
    on_failure {
      destination = var.queue
    }
    on_success {
      destination = var.queue
    }
  }
}

resource "aws_lambda_runtime_management_config" "main" {
  function_name     = aws_lambda_function.plain.function_name
  update_runtime_on = "FunctionUpdate"
}

resource "aws_lambda_function_recursion_config" "main" {
  function_name  = aws_lambda_function.plain.function_name
  recursive_loop = "Allow"
}

resource "aws_lambda_code_signing_config" "main" {
  description = "Nothing is signed"
  allowed_publishers {
    signing_profile_version_arns = ["arn:aws:signer:us-east-1:000000000000:/signing-profiles/some/abcdefghij"]
  }
  policies {
    untrusted_artifact_on_deployment = "Warn"
  }
}

resource "aws_lambda_event_source_mapping" "queue" {
  event_source_arn                   = var.queue
  function_name                      = aws_lambda_alias.live.arn
  batch_size                         = 5
  maximum_batching_window_in_seconds = 1
  function_response_types            = ["ReportBatchItemFailures"]
  tags                               = { team = "functions" }
  filter_criteria {
    filter {
      pattern = jsonencode({ body = { kind = ["order"] } })
    }
  }
  scaling_config {
    maximum_concurrency = 2
  }
}

resource "aws_dynamodb_table" "main" {
  name             = "terraform-items"
  billing_mode     = "PAY_PER_REQUEST"
  hash_key         = "id"
  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"
  attribute {
    name = "id"
    type = "S"
  }
}

resource "aws_lambda_event_source_mapping" "table" {
  event_source_arn               = aws_dynamodb_table.main.stream_arn
  function_name                  = aws_lambda_function.plain.function_name
  starting_position              = "LATEST"
  batch_size                     = 10
  bisect_batch_on_function_error = true
  maximum_record_age_in_seconds  = 60
  maximum_retry_attempts         = 2
  parallelization_factor         = 2
  destination_config {
    on_failure {
      destination_arn = var.queue
    }
  }
}

resource "aws_lambda_invocation" "main" {
  function_name = aws_lambda_function.main.function_name
  qualifier     = aws_lambda_alias.live.name
  input         = jsonencode({ name = "terraform" })
}

data "aws_lambda_function" "main" {
  function_name = aws_lambda_function.main.function_name
  qualifier     = aws_lambda_alias.live.name
}

data "aws_lambda_layer_version" "words" {
  layer_name = aws_lambda_layer_version.words.layer_name
}

output "answer" {
  value = jsondecode(aws_lambda_invocation.main.result)
}

resource "aws_cloudwatch_log_stream" "main" {
  name           = "of/terraform"
  log_group_name = aws_cloudwatch_log_group.main.name
}

resource "aws_cloudwatch_log_metric_filter" "errors" {
  name           = "errors"
  pattern        = "{ $.level = \"ERROR\" }"
  log_group_name = aws_cloudwatch_log_group.main.name
  metric_transformation {
    name          = "Errors"
    namespace     = "Terraform"
    value         = "$.count"
    default_value = "0"
    unit          = "Count"
  }
}

resource "aws_cloudwatch_log_subscription_filter" "main" {
  name            = "to-function"
  log_group_name  = aws_cloudwatch_log_group.main.name
  filter_pattern  = "never"
  destination_arn = aws_lambda_function.main.arn
  depends_on      = [aws_lambda_permission.logs]
}

resource "aws_cloudwatch_query_definition" "main" {
  name            = "terraform/errors"
  log_group_names = [aws_cloudwatch_log_group.main.name]
  query_string    = "fields @timestamp, @message\n| sort @timestamp desc\n| limit 25\n"
}

resource "aws_cloudwatch_log_resource_policy" "main" {
  policy_name = "terraform"
  policy_document = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "logs:PutLogEvents", Principal = { Service = "es.amazonaws.com" }, Resource = "arn:aws:logs:*" }]
  })
}
