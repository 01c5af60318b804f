# Countersign on AWS Lambda: the same as deploy/aws-sam/template.yaml. Build first
# (scripts/lambda-zip), then here: terraform init && terraform apply

data "aws_region" "current" {}
data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  build_dir = coalesce(var.build_dir, "${path.module}/../../target/lambda")
  issuer    = coalesce(var.public_url, aws_apigatewayv2_api.api.api_endpoint)
  audience  = coalesce(var.audience, local.issuer)
  alarms_to = var.alarm_topic_arn == null ? [] : [var.alarm_topic_arn]
}

# The API --------------------------------------------------------------------------------------------

resource "aws_apigatewayv2_api" "api" {
  name          = var.name
  description   = "Countersign"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.api.id
  name        = "$default"
  auto_deploy = true

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      requestId   = "$context.requestId"
      route       = "$context.routeKey"
      status      = "$context.status"
      latency     = "$context.responseLatency"
      integration = "$context.integrationLatency"
      address     = "$context.identity.sourceIp"
      error       = "$context.error.message"
    })
  }

  default_route_settings {
    detailed_metrics_enabled = true
    throttling_burst_limit   = 200
    throttling_rate_limit    = 100
  }
}

resource "aws_apigatewayv2_integration" "countersign" {
  api_id                 = aws_apigatewayv2_api.api.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.countersign.arn
  payload_format_version = "2.0"
}

# Countersign checks the tokens of its own callers, so its routes have no authorizer.
resource "aws_apigatewayv2_route" "default" {
  api_id             = aws_apigatewayv2_api.api.id
  route_key          = "$default"
  authorization_type = "NONE"
  target             = "integrations/${aws_apigatewayv2_integration.countersign.id}"
}

resource "aws_lambda_permission" "api" {
  statement_id  = "ApiMayInvoke"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.countersign.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.api.execution_arn}/*"
}

# The functions --------------------------------------------------------------------------------------

data "archive_file" "countersign" {
  type             = "zip"
  source_dir       = "${local.build_dir}/countersign"
  output_file_mode = "0755"
  output_path      = "${path.module}/.build/countersign.zip"
}

data "archive_file" "authorizer" {
  type             = "zip"
  source_dir       = "${local.build_dir}/authorizer"
  output_file_mode = "0755"
  output_path      = "${path.module}/.build/authorizer.zip"
}

resource "aws_lambda_function" "countersign" {
  function_name    = var.name
  description      = "Signup, login, tokens, and the administration of both."
  role             = aws_iam_role.countersign.arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  filename         = data.archive_file.countersign.output_path
  source_code_hash = data.archive_file.countersign.output_base64sha256
  memory_size      = var.memory_size
  timeout          = 15

  environment {
    variables = {
      COUNTERSIGN_MODE                 = "production"
      COUNTERSIGN_STORE_URL            = "dynamodb://${data.aws_region.current.name}/${aws_dynamodb_table.table.name}"
      COUNTERSIGN_KEYS_MASTER_KEY_FROM = "aws-secretsmanager:${aws_secretsmanager_secret.master_key.arn}"
      COUNTERSIGN_HTTP_PUBLIC_URL      = local.issuer
      COUNTERSIGN_HTTP_CORS_ORIGINS    = join(",", var.cors_origins)
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.countersign.name
  }

  tracing_config {
    mode = "Active"
  }
}

# Protects other APIs: name its ARN (an output) as their authorizer.
resource "aws_lambda_function" "authorizer" {
  function_name    = "${var.name}-authorizer"
  description      = "Checks Countersign's access tokens in front of other APIs."
  role             = aws_iam_role.authorizer.arn
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  filename         = data.archive_file.authorizer.output_path
  source_code_hash = data.archive_file.authorizer.output_base64sha256
  memory_size      = 256
  timeout          = 5

  environment {
    variables = {
      COUNTERSIGN_AUTHORIZER_ISSUER   = local.issuer
      COUNTERSIGN_AUTHORIZER_AUDIENCE = local.audience
      COUNTERSIGN_AUTHORIZER_ROUTES   = jsonencode(var.authorizer_routes)
    }
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.authorizer.name
  }

  tracing_config {
    mode = "Active"
  }
}

resource "aws_lambda_permission" "authorizer" {
  statement_id  = "ApisMayInvoke"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.authorizer.function_name
  principal     = "apigateway.amazonaws.com"
  # Any API of this account; the service names the authorizer that asks.
  source_arn = "arn:${data.aws_partition.current.partition}:execute-api:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:*/authorizers/*"
}

# Between invocations a function stands still: keys are rotated, and what is over is cleared away, when
# it is told to.
resource "aws_cloudwatch_event_rule" "upkeep" {
  name                = "${var.name}-upkeep"
  schedule_expression = "rate(1 hour)"
}

resource "aws_cloudwatch_event_target" "upkeep" {
  rule = aws_cloudwatch_event_rule.upkeep.name
  arn  = aws_lambda_function.countersign.arn
}

resource "aws_lambda_permission" "upkeep" {
  statement_id  = "UpkeepMayInvoke"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.countersign.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.upkeep.arn
}

# What they may do -----------------------------------------------------------------------------------

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "countersign" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_role" "authorizer" {
  name               = "${var.name}-authorizer"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

data "aws_iam_policy_document" "countersign" {
  statement {
    sid = "Serve"
    actions = [
      "dynamodb:BatchGetItem",
      "dynamodb:BatchWriteItem",
      "dynamodb:ConditionCheckItem",
      "dynamodb:DeleteItem",
      "dynamodb:DescribeTable",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ]
    resources = [aws_dynamodb_table.table.arn, "${aws_dynamodb_table.table.arn}/index/over"]
  }
  # At the first start it looks whether the table fits, and whether it is anybody else's.
  statement {
    sid       = "Migrate"
    actions   = ["dynamodb:DescribeTimeToLive", "dynamodb:Scan"]
    resources = [aws_dynamodb_table.table.arn]
  }
  statement {
    sid       = "MasterKey"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.master_key.arn]
  }
  statement {
    sid       = "MasterKeyIsEncrypted"
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.key.arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.${data.aws_region.current.name}.amazonaws.com"]
    }
  }
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.countersign.arn}:*"]
  }
  statement {
    sid       = "Trace"
    actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "authorizer" {
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.authorizer.arn}:*"]
  }
  statement {
    sid       = "Trace"
    actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    resources = ["*"]
  }
}

resource "aws_iam_role_policy" "countersign" {
  role   = aws_iam_role.countersign.id
  policy = data.aws_iam_policy_document.countersign.json
}

resource "aws_iam_role_policy" "authorizer" {
  role   = aws_iam_role.authorizer.id
  policy = data.aws_iam_policy_document.authorizer.json
}

# What is remembered ---------------------------------------------------------------------------------

resource "aws_dynamodb_table" "table" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  deletion_protection_enabled = true
  # As in crates/store-dynamodb/migrations.
  hash_key  = "pk"
  range_key = "sk"

  attribute {
    name = "pk"
    type = "S"
  }
  attribute {
    name = "sk"
    type = "S"
  }
  attribute {
    name = "over"
    type = "S"
  }
  attribute {
    name = "over_at"
    type = "N"
  }

  global_secondary_index {
    name            = "over"
    hash_key        = "over"
    range_key       = "over_at"
    projection_type = "KEYS_ONLY"
  }

  ttl {
    attribute_name = "ttl"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }

  lifecycle {
    prevent_destroy = true
  }
}

# Encrypts the secret; whoever may not use it can't read the master key, whatever else they may do.
resource "aws_kms_key" "key" {
  description             = "Encrypts the secrets of ${var.name}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
}

resource "aws_secretsmanager_secret" "master_key" {
  name_prefix = "${var.name}-master-key-"
  description = "The master key of ${var.name}"
  kms_key_id  = aws_kms_key.key.arn
}

# 32 random bytes in hexadecimal digits. Neither the plan nor the state ever holds them: an ephemeral
# value goes into a write-only argument (Terraform 1.11 and newer). Losing them logs everybody out.
ephemeral "random_password" "master_key" {
  length           = 64
  lower            = false
  upper            = false
  numeric          = true
  special          = true
  override_special = "abcdef"
}

resource "aws_secretsmanager_secret_version" "master_key" {
  secret_id                = aws_secretsmanager_secret.master_key.id
  secret_string_wo         = ephemeral.random_password.master_key.result
  secret_string_wo_version = 1
}

# Logs and alarms ------------------------------------------------------------------------------------

resource "aws_cloudwatch_log_group" "access" {
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "countersign" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "authorizer" {
  name              = "/aws/lambda/${var.name}-authorizer"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_metric_alarm" "api_fails" {
  alarm_name          = "${var.name}-api-fails"
  alarm_description   = "Requests are answered 5xx. Look at the log of the Countersign function."
  namespace           = "AWS/ApiGateway"
  metric_name         = "5xx"
  dimensions          = { ApiId = aws_apigatewayv2_api.api.id }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  threshold           = 5
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarms_to
}

resource "aws_cloudwatch_metric_alarm" "api_is_slow" {
  alarm_name          = "${var.name}-api-is-slow"
  alarm_description   = "One request in a hundred takes longer than three seconds. More memory makes logins quicker."
  namespace           = "AWS/ApiGateway"
  metric_name         = "Latency"
  dimensions          = { ApiId = aws_apigatewayv2_api.api.id }
  extended_statistic  = "p99"
  period              = 300
  evaluation_periods  = 3
  threshold           = 3000
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarms_to
}

resource "aws_cloudwatch_metric_alarm" "throttled" {
  alarm_name          = "${var.name}-throttled"
  alarm_description   = "Lambda refuses invocations. Raise the account's concurrency, or find out who sends so much."
  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  dimensions          = { FunctionName = aws_lambda_function.countersign.function_name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarms_to
}

resource "aws_cloudwatch_metric_alarm" "authorizer_fails" {
  alarm_name          = "${var.name}-authorizer-fails"
  alarm_description   = "The authorizer fails, so the APIs behind it refuse everybody. Look at its log."
  namespace           = "Countersign"
  metric_name         = "Errors"
  dimensions          = { function = aws_lambda_function.authorizer.function_name }
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarms_to
}

resource "aws_cloudwatch_metric_alarm" "table_is_throttled" {
  alarm_name          = "${var.name}-table-is-throttled"
  alarm_description   = "DynamoDB throttles, which callers meet as 503."
  evaluation_periods  = 5
  datapoints_to_alarm = 3
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarms_to

  metric_query {
    id          = "throttled"
    expression  = "FILL(reads, 0) + FILL(writes, 0)"
    label       = "Throttled"
    return_data = true
  }
  metric_query {
    id = "reads"
    metric {
      namespace   = "AWS/DynamoDB"
      metric_name = "ReadThrottleEvents"
      dimensions  = { TableName = aws_dynamodb_table.table.name }
      stat        = "Sum"
      period      = 60
    }
  }
  metric_query {
    id = "writes"
    metric {
      namespace   = "AWS/DynamoDB"
      metric_name = "WriteThrottleEvents"
      dimensions  = { TableName = aws_dynamodb_table.table.name }
      stat        = "Sum"
      period      = 60
    }
  }
}
