# A bucket with everything that hangs on one, for test_terraform.py.

variable "endpoint" {
  type = string
}

# The ARN of a queue.
variable "queue" {
  type = string
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
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  endpoints {
    s3  = var.endpoint
    sts = var.endpoint
  }
}

resource "aws_s3_bucket" "main" {
  bucket              = "terraform-main"
  object_lock_enabled = true
  force_destroy       = true
  tags                = { team = "storage", "cost center" = "a/b" }
}

resource "aws_s3_bucket" "logs" {
  bucket        = "terraform-logs"
  force_destroy = true
}

resource "aws_s3_bucket" "copies" {
  bucket        = "terraform-copies"
  force_destroy = true
}

resource "aws_s3_bucket_versioning" "main" {
  bucket = aws_s3_bucket.main.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_versioning" "copies" {
  bucket = aws_s3_bucket.copies.id
  versioning_configuration { status = "Enabled" }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "aws:kms" }
    bucket_key_enabled = true
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "main" {
  bucket     = aws_s3_bucket.main.id
  depends_on = [aws_s3_bucket_versioning.main]

  rule {
    id     = "archive"
    status = "Enabled"
    filter {
      and {
        prefix                   = "logs/"
        object_size_greater_than = 1024
        tags                     = { keep = "no" }
      }
    }
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
    transition {
      days          = 90
      storage_class = "GLACIER"
    }
    expiration { days = 365 }
  }

  rule {
    id     = "old"
    status = "Enabled"
    filter {}
    noncurrent_version_expiration {
      noncurrent_days           = 7
      newer_noncurrent_versions = 3
    }
    noncurrent_version_transition {
      noncurrent_days = 3
      storage_class   = "GLACIER"
    }
    abort_incomplete_multipart_upload { days_after_initiation = 2 }
  }

  rule {
    id     = "dated"
    status = "Disabled"
    filter { prefix = "tmp/" }
    expiration { date = "2031-01-01T00:00:00Z" }
  }
}

resource "aws_s3_bucket_cors_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  cors_rule {
    id              = "site"
    allowed_headers = ["*"]
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://example.com"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3000
  }
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["*"]
  }
}

resource "aws_s3_bucket_public_access_block" "main" {
  bucket                  = aws_s3_bucket.main.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "main" {
  bucket = aws_s3_bucket.main.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.main.arn, "${aws_s3_bucket.main.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule { object_ownership = "BucketOwnerPreferred" }
}

resource "aws_s3_bucket_acl" "logs" {
  bucket     = aws_s3_bucket.logs.id
  acl        = "log-delivery-write"
  depends_on = [aws_s3_bucket_ownership_controls.logs]
}

resource "aws_s3_bucket_logging" "main" {
  bucket        = aws_s3_bucket.main.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "access/"
  target_object_key_format {
    partitioned_prefix { partition_date_source = "EventTime" }
  }
  depends_on = [aws_s3_bucket_acl.logs]
}

resource "aws_s3_bucket_notification" "main" {
  bucket      = aws_s3_bucket.main.id
  eventbridge = true
  queue {
    id            = "uploads"
    queue_arn     = var.queue
    events        = ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"]
    filter_prefix = "in/"
    filter_suffix = ".csv"
  }
}

resource "aws_s3_bucket_website_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  index_document { suffix = "index.html" }
  error_document { key = "error.html" }
  routing_rule {
    condition { key_prefix_equals = "docs/" }
    redirect { replace_key_prefix_with = "documents/" }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 1
    }
  }
}

resource "aws_s3_bucket_replication_configuration" "main" {
  bucket     = aws_s3_bucket.main.id
  role       = "arn:aws:iam::000000000000:role/replication"
  depends_on = [aws_s3_bucket_versioning.main, aws_s3_bucket_versioning.copies]
  rule {
    id       = "all"
    priority = 1
    status   = "Enabled"
    filter { prefix = "in/" }
    delete_marker_replication { status = "Enabled" }
    destination {
      bucket        = aws_s3_bucket.copies.arn
      storage_class = "STANDARD_IA"
    }
  }
}

resource "aws_s3_bucket_inventory" "main" {
  bucket                   = aws_s3_bucket.main.id
  name                     = "weekly"
  included_object_versions = "All"
  optional_fields          = ["Size", "ETag"]
  schedule { frequency = "Weekly" }
  filter { prefix = "in/" }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = aws_s3_bucket.logs.arn
      prefix     = "inventory"
    }
  }
}

resource "aws_s3_bucket_analytics_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  name   = "classes"
  filter {
    prefix = "in/"
    tags   = { team = "storage" }
  }
  storage_class_analysis {
    data_export {
      destination {
        s3_bucket_destination { bucket_arn = aws_s3_bucket.logs.arn }
      }
    }
  }
}

resource "aws_s3_bucket_metric" "main" {
  bucket = aws_s3_bucket.main.id
  name   = "in"
  filter { prefix = "in/" }
}

resource "aws_s3_bucket_intelligent_tiering_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  name   = "tiers"
  filter { prefix = "in/" }
  tiering {
    access_tier = "DEEP_ARCHIVE_ACCESS"
    days        = 180
  }
  tiering {
    access_tier = "ARCHIVE_ACCESS"
    days        = 125
  }
}

resource "aws_s3_bucket_accelerate_configuration" "main" {
  bucket = aws_s3_bucket.main.id
  status = "Enabled"
}

resource "aws_s3_bucket_request_payment_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id
  payer  = "Requester"
}

resource "aws_s3_object" "tagged" {
  bucket        = aws_s3_bucket.copies.id
  key           = "in/a b+c/ü.txt"
  content       = "hello"
  content_type  = "text/plain; charset=utf-8"
  cache_control = "no-cache"
  metadata      = { origin = "terraform" }
  tags          = { kind = "test", "two words" = "a+b=c" }
}

resource "aws_s3_object" "replicated" {
  bucket        = aws_s3_bucket.main.id
  key           = "in/data.csv"
  content       = "a,b\n1,2\n"
  force_destroy = true
  depends_on    = [aws_s3_bucket_replication_configuration.main, aws_s3_bucket_notification.main, aws_s3_bucket_object_lock_configuration.main]
  # The bucket's default, which is no change of anybody's.
  lifecycle { ignore_changes = [object_lock_mode, object_lock_retain_until_date] }
}

resource "aws_s3_object_copy" "copied" {
  bucket = aws_s3_bucket.copies.id
  key    = "copied"
  source = "${aws_s3_object.tagged.bucket}/${aws_s3_object.tagged.key}"
  # They come with the source.
  tags = aws_s3_object.tagged.tags
}

data "aws_s3_object" "read" {
  bucket = aws_s3_object.tagged.bucket
  key    = aws_s3_object.tagged.key
}

data "aws_s3_objects" "listed" {
  bucket     = aws_s3_bucket.copies.id
  prefix     = "in/"
  depends_on = [aws_s3_object.tagged]
}

data "aws_s3_bucket" "main" {
  bucket = aws_s3_bucket.main.id
}

output "body" {
  value = data.aws_s3_object.read.body
}

output "region" {
  value = data.aws_s3_bucket.main.region
}
