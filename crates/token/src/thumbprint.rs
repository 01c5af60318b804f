//! The thumbprint of a public key (RFC 7638 §3): SHA-256 over its required members in alphabetical
//! order. It names the key and nothing else: algorithm and use don't count.

use aws_lc_rs::digest;

use crate::base64url;
use crate::key_id::KeyId;
use crate::public_material::PublicMaterial;

/// The thumbprint as a key id.
pub(crate) fn thumbprint(material: &PublicMaterial) -> KeyId {
    // INVARIANT: the members are base64url, which JSON never escapes.
    let members = match material {
        PublicMaterial::Ec { curve, x, y } => {
            let curve = curve.name();
            format!(r#"{{"crv":"{curve}","kty":"EC","x":"{x}","y":"{y}"}}"#)
        }
        PublicMaterial::Ed25519 { x } => format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#),
        PublicMaterial::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
    };
    KeyId::computed(base64url::encode(digest::digest(
        &digest::SHA256,
        members.as_bytes(),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7638_gives_its_thumbprint() {
        let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        let material = PublicMaterial::Rsa {
            n: n.into(),
            e: "AQAB".into(),
        };
        assert_eq!(
            thumbprint(&material).as_str(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
    }

    #[test]
    fn the_example_of_rfc_8037_gives_its_thumbprint() {
        let material = PublicMaterial::Ed25519 {
            x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".into(),
        };
        assert_eq!(
            thumbprint(&material).as_str(),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }
}
