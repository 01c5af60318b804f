//! The name of one call: `arn:aws:execute-api:region:account:api/stage/METHOD/path`. The path in it is that of
//! the request, not of the route, and may hold anything a path may, colons included.

/// The name of one call, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MethodArn {
    /// Up to and with the slash after the stage.
    pub(super) base: String,
    /// The method; for a WebSocket `$connect`.
    pub(super) method: String,
    /// The path without its first slash.
    pub(super) path: String,
}

impl MethodArn {
    /// `None` if it is no such name, or has a wildcard where a policy is built on.
    pub(super) fn parse(arn: &str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let mut next = || parts.next();
        let (scheme, partition, service) = (next()?, next()?, next()?);
        let (_region, _account, resource) = (next()?, next()?, next()?);
        let base = arn.len() - resource.len();
        let mut segments = resource.splitn(4, '/');
        let (api, stage, method) = (segments.next()?, segments.next()?, segments.next()?);
        let base = arn.get(..base + api.len() + stage.len() + 2)?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || "-_:/$.".contains(c);
        let sound = scheme == "arn"
            && partition.starts_with("aws")
            && service == "execute-api"
            && ![api, stage, method].contains(&"")
            && base.chars().all(allowed);
        sound.then(|| Self {
            base: base.to_owned(),
            method: method.to_owned(),
            path: segments.next().unwrap_or_default().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(arn: &str) -> Option<(String, String, String)> {
        MethodArn::parse(arn).map(|arn| (arn.base, arn.method, arn.path))
    }

    #[test]
    fn a_name_is_taken_apart_at_the_right_colons_and_slashes() {
        let base = "arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/";
        for (end, method, path) in [
            ("GET/request", "GET", "request"),
            ("GET/", "GET", ""),
            ("GET", "GET", ""),
            ("$connect", "$connect", ""),
            (
                "POST/a/b:c/2021-08-01T00:00:00Z/",
                "POST",
                "a/b:c/2021-08-01T00:00:00Z/",
            ),
        ] {
            let (got, got_method, got_path) = parts(&format!("{base}{end}")).unwrap();
            assert_eq!(
                (got.as_str(), got_method.as_str(), got_path.as_str()),
                (base, method, path)
            );
        }
        let default = "arn:aws-us-gov:execute-api:us-gov-west-1:1:abc/$default/GET/x";
        assert!(parts(default).is_some());
    }

    #[test]
    fn what_is_no_name_of_a_call_is_refused() {
        for bad in [
            "",
            "*",
            "arn:aws:execute-api:*:1:abc/test/GET/x",
            "arn:aws:execute-api:r:1:abc/*/GET/x",
            "arn:aws:execute-api:r:1:abc/test",
            "arn:aws:execute-api:r:1:abc//GET/x",
            "arn:aws:lambda:r:1:abc/test/GET/x",
            "urn:aws:execute-api:r:1:abc/test/GET/x",
        ] {
            assert!(parts(bad).is_none(), "{bad}");
        }
    }
}
