# A bucket with every setting that Terraform knows, its objects, and a second bucket that gets copies.
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}
variable "endpoint" {}
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = false
  endpoints {
    s3        = var.endpoint
    s3control = var.endpoint
    sqs       = var.endpoint
    sts       = var.endpoint
    iam       = var.endpoint
    lambda    = var.endpoint
  }
}
resource "aws_s3_bucket" "a" {
  bucket              = "tf-a"
  tags                = { team = "red" }
  object_lock_enabled = true
}
resource "aws_s3_bucket" "b" { bucket = "tf-b" }
resource "aws_s3_bucket" "logs" {
  bucket        = "tf-logs"
  force_destroy = true
}
resource "aws_s3_bucket_versioning" "a" {
  bucket = aws_s3_bucket.a.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_versioning" "b" {
  bucket = aws_s3_bucket.b.id
  versioning_configuration { status = "Enabled" }
}
resource "aws_s3_bucket_object_lock_configuration" "a" {
  bucket = aws_s3_bucket.a.id
  rule {
    default_retention {
      mode = "GOVERNANCE"
      days = 1
    }
  }
}
resource "aws_s3_bucket_server_side_encryption_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    apply_server_side_encryption_by_default { sse_algorithm = "AES256" }
    bucket_key_enabled = true
  }
}
resource "aws_s3_bucket_lifecycle_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  rule {
    id     = "old"
    status = "Enabled"
    filter { prefix = "logs/" }
    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }
    expiration { days = 90 }
    noncurrent_version_expiration { noncurrent_days = 10 }
    abort_incomplete_multipart_upload { days_after_initiation = 3 }
  }
  rule {
    id     = "tagged"
    status = "Enabled"
    filter {
      and {
        prefix                   = "x/"
        tags                     = { a = "b" }
        object_size_greater_than = 500
      }
    }
    expiration { days = 5 }
  }
}
resource "aws_s3_bucket_cors_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = ["https://example.com"]
    allowed_headers = ["*"]
    expose_headers  = ["ETag"]
    max_age_seconds = 300
  }
}
resource "aws_s3_bucket_public_access_block" "b" {
  bucket                  = aws_s3_bucket.b.id
  block_public_acls       = true
  block_public_policy     = false
  ignore_public_acls      = true
  restrict_public_buckets = false
}
resource "aws_s3_bucket_policy" "b" {
  bucket     = aws_s3_bucket.b.id
  depends_on = [aws_s3_bucket_public_access_block.b]
  policy     = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "x", Effect = "Allow", Principal = { AWS = "arn:aws:iam::000000000000:root" }, Action = ["s3:GetObject"], Resource = "${aws_s3_bucket.b.arn}/*" }] })
}
resource "aws_s3_bucket_ownership_controls" "logs" {
  bucket = aws_s3_bucket.logs.id
  rule { object_ownership = "BucketOwnerPreferred" }
}
resource "aws_s3_bucket_acl" "logs" {
  depends_on = [aws_s3_bucket_ownership_controls.logs]
  bucket     = aws_s3_bucket.logs.id
  acl        = "log-delivery-write"
}
resource "aws_s3_bucket_logging" "b" {
  bucket        = aws_s3_bucket.b.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "log/"
}
variable "queue_arn" {}
resource "aws_s3_bucket_notification" "b" {
  bucket = aws_s3_bucket.b.id
  queue {
    queue_arn     = var.queue_arn
    events        = ["s3:ObjectCreated:*"]
    filter_prefix = "in/"
    filter_suffix = ".txt"
  }
}
resource "aws_s3_bucket_website_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  index_document { suffix = "index.html" }
  error_document { key = "error.html" }
  routing_rule {
    condition { key_prefix_equals = "docs/" }
    redirect { replace_key_prefix_with = "documents/" }
  }
}
resource "aws_s3_bucket_replication_configuration" "b" {
  depends_on = [aws_s3_bucket_versioning.b, aws_s3_bucket_versioning.a]
  bucket     = aws_s3_bucket.b.id
  role       = "arn:aws:iam::000000000000:role/replication"
  rule {
    id     = "copy"
    status = "Enabled"
    filter { prefix = "copy/" }
    delete_marker_replication { status = "Enabled" }
    destination {
      bucket        = aws_s3_bucket.a.arn
      storage_class = "STANDARD_IA"
    }
  }
}
resource "aws_s3_bucket_inventory" "b" {
  bucket                   = aws_s3_bucket.b.id
  name                     = "all"
  included_object_versions = "All"
  schedule { frequency = "Daily" }
  destination {
    bucket {
      format     = "CSV"
      bucket_arn = aws_s3_bucket.logs.arn
    }
  }
}
resource "aws_s3_bucket_analytics_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  name   = "an"
}
resource "aws_s3_bucket_metric" "b" {
  bucket = aws_s3_bucket.b.id
  name   = "m"
}
resource "aws_s3_bucket_intelligent_tiering_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  name   = "t"
  tiering {
    access_tier = "DEEP_ARCHIVE_ACCESS"
    days        = 180
  }
}
resource "aws_s3_bucket_accelerate_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  status = "Enabled"
}
resource "aws_s3_bucket_request_payment_configuration" "b" {
  bucket = aws_s3_bucket.b.id
  payer  = "Requester"
}
resource "aws_s3_object" "o" {
  bucket        = aws_s3_bucket.b.id
  key           = "in/hello world.txt"
  content       = "hello"
  content_type  = "text/plain"
  metadata      = { colour = "red" }
  tags          = { kind = "greeting" }
  storage_class = "STANDARD_IA"
  depends_on    = [aws_s3_bucket_versioning.b]
}
resource "aws_s3_object_copy" "c" {
  bucket            = aws_s3_bucket.b.id
  key               = "copied"
  tagging_directive = "REPLACE"
  source            = "${aws_s3_bucket.b.id}/${aws_s3_object.o.key}"
}
data "aws_s3_object" "o" {
  bucket = aws_s3_bucket.b.id
  key    = aws_s3_object.o.key
}
data "aws_s3_objects" "all" {
  bucket     = aws_s3_bucket.b.id
  depends_on = [aws_s3_object_copy.c]
}
output "body" { value = data.aws_s3_object.o.body }
output "keys" { value = data.aws_s3_objects.all.keys }
