output "url" {
  description = "Where Countersign answers, and the issuer of its tokens."
  value       = local.issuer
}

output "authorizer_arn" {
  description = "Name this function as the authorizer of your APIs."
  value       = aws_lambda_function.authorizer.arn
}

output "table_name" {
  description = "For the command line, in COUNTERSIGN_STORE_URL=dynamodb://REGION/NAME."
  value       = aws_dynamodb_table.table.name
}

output "master_key_arn" {
  description = "For the command line, in COUNTERSIGN_KEYS_MASTER_KEY_FROM=aws-secretsmanager:ARN."
  value       = aws_secretsmanager_secret.master_key.arn
}
