variable "name" {
  description = "What everything is called; two of them can stand side by side in one account."
  type        = string
  default     = "countersign"
}

variable "public_url" {
  description = "Where people reach Countersign, such as https://auth.example.com, once a domain of yours points to the API. It becomes the issuer of all tokens, so choose it before the first sign-up. Null: the address that AWS gives."
  type        = string
  default     = null
  validation {
    condition     = var.public_url == null || can(regex("^https://[A-Za-z0-9.-]+$", var.public_url))
    error_message = "Write https:// and a host name, without a path or a slash at the end."
  }
}

variable "audience" {
  description = "The API that the authorizer guards, as tokens name it (aud). Null is the issuer."
  type        = string
  default     = null
}

variable "authorizer_routes" {
  description = "The routes of your API and the scopes that each needs, such as { \"GET /me\" = \"\", \"GET /users\" = \"users:read\" }. What is not named is refused; the default lets in everybody with a good token."
  type        = map(string)
  default     = { "$default" = "" }
}

variable "cors_origins" {
  description = "Web pages that may call the API from a browser, such as https://app.example.com."
  type        = list(string)
  default     = []
}

variable "alarm_topic_arn" {
  description = "The SNS topic that alarms go to. Null makes alarms that tell nobody."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "How long logs are kept, in days."
  type        = number
  default     = 30
}

variable "memory_size" {
  description = "MiB for the API. Lambda gives processor time in proportion, and a login is bound by Argon2id: half the memory is about twice the wait, for about the same money."
  type        = number
  default     = 1024
}

variable "architecture" {
  description = "x86_64 or arm64: what target/lambda was built for."
  type        = string
  default     = "x86_64"
  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "Write x86_64 or arm64."
  }
}

variable "build_dir" {
  description = "Where scripts/lambda-zip put countersign/bootstrap and authorizer/bootstrap. Null: target/lambda of the repository."
  type        = string
  default     = null
}
