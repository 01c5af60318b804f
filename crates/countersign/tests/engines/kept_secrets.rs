//! Secrets that AWS keeps, fetched by the binary from an emulator of the three services.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::database::Database;
use crate::support::Server;
use crate::support::account::{login, registration};

/// A key in hexadecimal digits, as Secrets Manager makes it.
const HEX: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// The services, and where they are.
struct Aws {
    _server: Database,
    url: String,
}

impl Aws {
    fn start() -> Self {
        let server = Database::start("aws");
        let url = server.url();
        Self {
            _server: server,
            url,
        }
    }

    /// Asks a service, as somebody who sets things up.
    fn ask(&self, service: &str, target: &str, body: &Value) -> Value {
        let scope = format!("Credential=test/20260101/eu-central-1/{service}/aws4_request");
        let output = Command::new("curl")
            .args(["--silent", "--fail-with-body", "--header"])
            .arg("content-type: application/x-amz-json-1.1")
            .args(["--header", &format!("x-amz-target: {target}"), "--header"])
            .arg(format!(
                "authorization: AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=none"
            ))
            .args(["--data", &body.to_string(), &self.url])
            .output()
            .unwrap();
        assert!(output.status.success(), "{target}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Keeps a secret, and gives its ARN.
    fn keep(&self, name: &str, secret: &str) -> String {
        let body = json!({ "Name": name, "SecretString": secret, "ClientRequestToken": "0123456789abcdef0123456789abcdef" });
        let made = self.ask("secretsmanager", "secretsmanager.CreateSecret", &body);
        made["ARN"].as_str().unwrap().to_owned()
    }

    fn variables<'a>(&'a self, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let mut variables = vec![
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        variables.extend_from_slice(more);
        variables
    }

    /// Runs a command of the binary.
    fn run(&self, dir: &Path, more: &[(&str, &str)], arguments: &[&str]) -> (bool, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
            .current_dir(dir)
            .args(arguments)
            .env_clear()
            .envs(self.variables(&[]))
            .envs(
                more.iter()
                    .map(|(name, value)| (format!("COUNTERSIGN_{name}"), value)),
            )
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }
}

#[test]
fn the_master_key_is_fetched_from_secrets_manager_when_it_is_needed() {
    let aws = Aws::start();
    let arn = aws.keep("master", HEX);
    let dir = tempfile::tempdir().unwrap();
    let reference = format!("aws-secretsmanager:{arn}");
    let kept = [("KEYS_MASTER_KEY_FROM", reference.as_str())];
    let server = Server::start_with(dir.path(), &aws.variables(&kept));
    server
        .post("/v1/register", &registration("ada@example.com"))
        .expect(201);
    server.stop();
    assert!(!dir.path().join("data/master.key").exists(), "none is made");

    // The same key from somewhere else opens what was sealed under it; another does not.
    let same = [("KEYS_MASTER_KEY", HEX)];
    let server = Server::start_with(dir.path(), &same);
    server
        .post("/v1/login", &login("ada@example.com"))
        .expect(200);
    server.stop();
    let other = aws.keep("other", &HEX.replace("00", "01"));
    let other = format!("aws-secretsmanager:{other}");
    let kept = [("KEYS_MASTER_KEY_FROM", other.as_str())];
    let said = Server::begin(dir.path(), &aws.variables(&kept)).refused();
    assert!(said.contains("master key"), "{said}");
}

#[test]
fn a_secret_comes_from_the_parameter_store_from_kms_or_from_a_member_of_a_secret() {
    let aws = Aws::start();
    let parameter = json!({ "Name": "/countersign/master", "Type": "SecureString", "Value": HEX });
    aws.ask("ssm", "AmazonSSM.PutParameter", &parameter);
    let key = aws.ask("kms", "TrentService.CreateKey", &json!({}));
    let plain = base64(HEX.as_bytes());
    let sealed = json!({ "KeyId": key["KeyMetadata"]["KeyId"], "Plaintext": plain });
    let sealed = aws.ask("kms", "TrentService.Encrypt", &sealed);
    let sealed = sealed["CiphertextBlob"].as_str().unwrap();
    aws.keep(
        "both",
        &json!({ "master": HEX, "url": "sqlite:elsewhere.db" }).to_string(),
    );

    let dir = tempfile::tempdir().unwrap();
    let kms = format!("aws-kms:{sealed}");
    for reference in [
        "aws-ssm:/countersign/master",
        &kms,
        "aws-secretsmanager:both#master",
    ] {
        let kept = [
            ("KEYS_MASTER_KEY_FROM", reference),
            ("STORE_URL_FROM", "aws-secretsmanager:both#url"),
        ];
        let server = Server::start_with(dir.path(), &aws.variables(&kept));
        server.get("/.well-known/jwks.json", None).expect(200);
        server.stop();
    }
    assert!(dir.path().join("elsewhere.db").exists());
}

#[test]
fn a_secret_that_cannot_be_had_is_told_by_its_name_and_its_cause() {
    let aws = Aws::start();
    aws.keep("text", "swordfish");
    let dir = tempfile::tempdir().unwrap();
    for (variable, reference, says) in [
        (
            "STORE_URL_FROM",
            "aws-secretsmanager:none",
            "ResourceNotFoundException",
        ),
        ("STORE_URL_FROM", "aws-ssm:/none", "ParameterNotFound"),
        (
            "STORE_URL_FROM",
            "aws-secretsmanager:text#member",
            "names a member",
        ),
        (
            "STORE_URL_FROM",
            "aws-secretsmanager:text",
            "no address of a store",
        ),
        (
            "PASSWORDS_PEPPER_FROM",
            "aws-secretsmanager:text",
            "shorter than 32 bytes",
        ),
        (
            "KEYS_MASTER_KEY_FROM",
            "swordfish",
            "expected aws-secretsmanager:",
        ),
    ] {
        let kept = [(variable, reference)];
        let (is_good, said) = aws.run(dir.path(), &kept, &["config", "check"]);
        assert!(!is_good && said.contains(says), "{reference}: {said}");
        assert!(
            reference == "swordfish" || !said.contains("swordfish"),
            "{said}"
        );
    }
    let kept = [("KEYS_MASTER_KEY_FROM", "aws-secretsmanager:text")];
    let said = Server::begin(dir.path(), &aws.variables(&kept)).refused();
    assert!(
        said.contains("aws-secretsmanager:text is not 32 bytes"),
        "{said}"
    );
    assert!(!said.contains("swordfish"), "{said}");
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
