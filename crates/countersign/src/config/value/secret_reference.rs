//! References to secrets that AWS keeps. A reference is no secret: it says where one is, and whoever
//! may read it is AWS's to decide.

use std::fmt;
use std::path::Path;

use super::{Kind, Value, Wrong};

/// Which service keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeper {
    /// AWS Secrets Manager.
    SecretsManager,
    /// The Parameter Store of AWS Systems Manager.
    ParameterStore,
    /// Nobody: it is in the reference, encrypted by AWS KMS.
    Kms,
}

impl Keeper {
    const ALL: [Self; 3] = [Self::SecretsManager, Self::ParameterStore, Self::Kms];

    fn prefix(self) -> &'static str {
        match self {
            Self::SecretsManager => "aws-secretsmanager:",
            Self::ParameterStore => "aws-ssm:",
            Self::Kms => "aws-kms:",
        }
    }
}

/// How many characters of a ciphertext are shown.
const KMS_SHOWN: usize = 16;

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretReference {
    /// Who keeps it.
    pub keeper: Keeper,
    /// Its ARN or name; with KMS, the ciphertext as base64.
    pub name: String,
    /// The member of the JSON object that the secret is, if it is one.
    pub member: Option<String>,
}

impl Value for SecretReference {
    const KIND: Kind = Kind::text(
        "reference",
        "`aws-secretsmanager:` and the ARN or name of a secret (and `#` and a member, if it is \
         JSON), `aws-ssm:` and the ARN or name of a parameter, `aws-kms:` and what KMS encrypted, as base64",
    );

    fn parse(text: &str, _: &Path) -> Result<Self, Wrong> {
        let mut keepers = Keeper::ALL.into_iter();
        let found = keepers.find_map(|keeper| Some((keeper, text.strip_prefix(keeper.prefix())?)));
        let Some((keeper, rest)) = found else {
            return Err(Wrong::Form(
                "expected aws-secretsmanager:, aws-ssm: or aws-kms:, and the name of the secret",
            ));
        };
        // Neither names nor base64 have a `#`.
        let (name, member) = match rest.split_once('#') {
            Some((name, member)) => (name, Some(member.to_owned())),
            None => (rest, None),
        };
        if name.is_empty() || member.as_deref() == Some("") {
            return Err(Wrong::Form(
                "expected a name behind the colon, and behind a #",
            ));
        }
        if !text.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Wrong::Form(
                "a name has no spaces and no letters beyond ASCII",
            ));
        }
        Ok(Self {
            keeper,
            name: name.to_owned(),
            member,
        })
    }
}

impl fmt::Display for SecretReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A ciphertext is long, and its beginning tells it from others.
        match (self.keeper, self.name.get(..KMS_SHOWN)) {
            (Keeper::Kms, Some(start)) => write!(f, "{}{start}…", self.keeper.prefix())?,
            _ => write!(f, "{}{}", self.keeper.prefix(), self.name)?,
        }
        match &self.member {
            Some(member) => write!(f, "#{member}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<SecretReference, Wrong> {
        SecretReference::parse(text, Path::new(""))
    }

    #[test]
    fn a_reference_names_its_keeper_and_a_member_if_it_likes() {
        let arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:db-AbCdEf";
        let reference = read(&format!("aws-secretsmanager:{arn}#password")).unwrap();
        assert_eq!(reference.keeper, Keeper::SecretsManager);
        assert_eq!(reference.name, arn);
        assert_eq!(reference.member.as_deref(), Some("password"));
        assert_eq!(
            reference.to_string(),
            format!("aws-secretsmanager:{arn}#password")
        );
        let reference = read("aws-ssm:/countersign/master-key").unwrap();
        assert_eq!(
            (reference.keeper, reference.member),
            (Keeper::ParameterStore, None)
        );
    }

    #[test]
    fn a_ciphertext_is_shown_by_its_beginning() {
        let shown = read(&format!("aws-kms:{}", "QUJD".repeat(40)))
            .unwrap()
            .to_string();
        assert_eq!(shown, "aws-kms:QUJDQUJDQUJDQUJD…");
    }

    #[test]
    fn a_secret_in_the_place_of_a_reference_is_refused_without_being_taken_for_one() {
        for text in [
            "k7Qb2mVx9w3c5t8y1a4s6d0f",
            "aws-ssm:",
            "aws-kms:#x",
            "aws-ssm:a b",
            "aws-ssm:a#",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
