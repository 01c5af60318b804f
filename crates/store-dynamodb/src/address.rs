//! The address of a table: `dynamodb://REGION/TABLE`, with options behind a question mark. It never
//! holds a credential.

use url::Url;

use crate::error::DynamoDbError;

/// How the capacity of a table that `migrate` makes is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Billing {
    OnDemand,
    Provisioned { read: i64, write: i64 },
}

/// A parsed address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// The region; `None` takes it from the environment, the profile or the machine.
    pub region: Option<String>,
    pub table: String,
    /// Another endpoint than the region's own.
    pub endpoint: Option<String>,
    pub billing: Billing,
    pub deletion_protection: bool,
}

impl Address {
    pub fn parse(text: &str) -> Result<Self, DynamoDbError> {
        let url = Url::parse(text).map_err(|_| DynamoDbError::Address)?;
        if url.scheme() != "dynamodb" || url.port().is_some() || url.fragment().is_some() {
            return Err(DynamoDbError::Address);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(DynamoDbError::Credentials);
        }
        let region = url.host_str().filter(|host| !host.is_empty());
        if region.is_some_and(|region| !is_region(region)) {
            return Err(DynamoDbError::Address);
        }
        let table = url.path().trim_start_matches('/');
        if !is_table(table) {
            return Err(DynamoDbError::Table);
        }
        let mut address = Self {
            region: region.map(str::to_owned),
            table: table.to_owned(),
            endpoint: None,
            billing: Billing::OnDemand,
            deletion_protection: false,
        };
        address.read_options(&url)?;
        Ok(address)
    }

    fn read_options(&mut self, url: &Url) -> Result<(), DynamoDbError> {
        let (mut provisioned, mut read, mut write) = (None, None, None);
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "endpoint" => self.endpoint = Some(endpoint(&value)?),
                "billing" => {
                    provisioned = Some(match value.as_ref() {
                        "on-demand" => false,
                        "provisioned" => true,
                        _ => return Err(wrong("billing", "on-demand or provisioned")),
                    });
                }
                "read" => read = Some(units("read", &value)?),
                "write" => write = Some(units("write", &value)?),
                "deletion-protection" => {
                    self.deletion_protection = value
                        .parse()
                        .map_err(|_| wrong("deletion-protection", "true or false"))?;
                }
                other => return Err(DynamoDbError::UnknownOption(other.to_owned())),
            }
        }
        self.billing = match (provisioned, read, write) {
            (Some(true), Some(read), Some(write)) => Billing::Provisioned { read, write },
            (Some(true), ..) => {
                return Err(wrong(
                    "billing",
                    "given with read= and write= if provisioned",
                ));
            }
            (_, None, None) => Billing::OnDemand,
            _ => {
                return Err(wrong(
                    "billing",
                    "provisioned where read= and write= are given",
                ));
            }
        };
        Ok(())
    }

    /// Whether requests go out in plain text. The fixed credentials that are then used are no
    /// secret: real ones never leave the process unencrypted.
    pub fn is_plain(&self) -> bool {
        let endpoint = self.endpoint.as_deref();
        endpoint.is_some_and(|endpoint| endpoint.starts_with("http://"))
    }

    /// For messages.
    pub fn shown(&self) -> String {
        let region = self.region.as_deref().unwrap_or_default();
        match &self.endpoint {
            Some(endpoint) => format!("dynamodb://{region}/{}?endpoint={endpoint}", self.table),
            None => format!("dynamodb://{region}/{}", self.table),
        }
    }
}

fn wrong(name: &'static str, expected: &'static str) -> DynamoDbError {
    DynamoDbError::Option { name, expected }
}

fn units(name: &'static str, value: &str) -> Result<i64, DynamoDbError> {
    let number = value.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| wrong(name, "a whole number of capacity units from 1 on"))
}

fn endpoint(value: &str) -> Result<String, DynamoDbError> {
    let expected = "an http:// or https:// address with no path, user or password";
    let url = Url::parse(value).map_err(|_| wrong("endpoint", expected))?;
    let is_plain_origin = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    if !is_plain_origin {
        return Err(wrong("endpoint", expected));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn is_region(text: &str) -> bool {
    text.len() <= 40
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

fn is_table(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_region_table_and_options() {
        let full = "dynamodb://eu-central-1/auth.v1?endpoint=http://127.0.0.1:8000&billing=provisioned\
                    &read=5&write=6&deletion-protection=true";
        let address = Address::parse(full).unwrap();
        assert_eq!(address.region.as_deref(), Some("eu-central-1"));
        assert_eq!(address.table, "auth.v1");
        assert_eq!(address.endpoint.as_deref(), Some("http://127.0.0.1:8000"));
        assert_eq!(address.billing, Billing::Provisioned { read: 5, write: 6 });
        assert!(address.deletion_protection && address.is_plain());
        let short = Address::parse("dynamodb:///countersign").unwrap();
        assert_eq!((short.region, short.billing), (None, Billing::OnDemand));
    }

    #[test]
    fn an_address_that_says_something_else_is_refused_and_not_repeated() {
        for (text, code) in [
            ("dynamodb://eu-central-1", "name"),
            ("dynamodb:///ab", "name"),
            ("dynamodb:///a/b/c", "name"),
            ("postgres:///countersign", "read"),
            (
                "dynamodb://key:topsecret@eu-central-1/countersign",
                "credentials",
            ),
            ("dynamodb:///countersign?table=x", "option"),
            ("dynamodb:///countersign?billing=free", "billing"),
            (
                "dynamodb:///countersign?billing=provisioned&read=5",
                "billing",
            ),
            ("dynamodb:///countersign?read=5&write=5", "billing"),
            (
                "dynamodb:///countersign?billing=provisioned&read=0&write=5",
                "read",
            ),
            ("dynamodb:///countersign?endpoint=ftp://x", "endpoint"),
            (
                "dynamodb:///countersign?endpoint=https://u:topsecret@x",
                "endpoint",
            ),
        ] {
            let error = Address::parse(text).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(shown.contains(code), "{text}: {shown}");
            assert!(!shown.contains("topsecret"), "{shown}");
            assert_eq!(error.code(), "store_address");
        }
    }
}
