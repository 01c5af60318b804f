//! Access tokens as other issuers write them, and what they come out as. The shapes are those of the
//! issuers' own documentation; only names and times are changed.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{NOW, SECRET, set};
use crate::{
    AccessTokenClaims, Algorithm, Expected, ExpectedError, Keys, PrivateKey, Profile, Rejection,
    Verified, base64url, verify,
};

static KEY: LazyLock<PrivateKey> =
    LazyLock::new(|| PrivateKey::generate(Algorithm::Es256).unwrap());

/// A token of another issuer, whose header and claims can be bent before signing.
#[derive(Clone)]
pub(super) struct Foreign {
    pub(super) expected: Expected,
    pub(super) header: Value,
    pub(super) payload: Value,
}

impl Foreign {
    fn new(expected: Expected, header: Value, payload: Value) -> Self {
        Self {
            expected: expected
                .or_algorithm(Algorithm::Es256)
                .with_leeway_seconds(0),
            header,
            payload,
        }
    }

    /// Sets a member of the header; `null` removes it.
    pub(super) fn header(mut self, name: &str, value: Value) -> Self {
        set(&mut self.header, name, value);
        self
    }

    /// Sets a claim; `null` removes it.
    pub(super) fn claim(mut self, name: &str, value: Value) -> Self {
        set(&mut self.payload, name, value);
        self
    }

    pub(super) fn token(&self) -> String {
        let encode = |value: &Value| base64url::encode(value.to_string());
        let message = format!("{}.{}", encode(&self.header), encode(&self.payload));
        let signature = KEY.key_pair().unwrap().sign(message.as_bytes()).unwrap();
        format!("{message}.{}", base64url::encode(signature))
    }

    pub(super) fn read(&self) -> Result<Verified, Rejection> {
        self.read_by(&self.expected)
    }

    pub(super) fn read_by(&self, expected: &Expected) -> Result<Verified, Rejection> {
        let keys = Keys::from_private_key(&KEY).unwrap();
        verify(&self.token(), &keys, expected, NOW)
    }

    pub(super) fn verdict(&self) -> Result<(), Rejection> {
        self.read().map(drop)
    }

    fn claims(&self) -> AccessTokenClaims {
        self.read().unwrap().into_claims()
    }
}

fn header(typ: &str) -> Value {
    json!({"typ": typ, "alg": "ES256", "kid": KEY.key_id()})
}

pub(super) fn auth0() -> Foreign {
    let issuer = "https://example.eu.auth0.com/".parse().unwrap();
    let audience = "https://api.example.com".parse().unwrap();
    Foreign::new(
        Expected::auth0(issuer, audience, Algorithm::Rs256),
        header("JWT"),
        json!({
            "iss": "https://example.eu.auth0.com/",
            "sub": "auth0|123456",
            "aud": ["https://api.example.com", "https://example.eu.auth0.com/userinfo"],
            "azp": "my_client_id",
            "iat": NOW - 60,
            "exp": NOW + 86_340,
            "scope": "openid profile read:patients",
            "gty": "password",
            "permissions": ["read:patients", "write:patients"],
            "https://example.com/roles": ["editor"],
        }),
    )
}

pub(super) fn cognito() -> Foreign {
    let issuer = "https://cognito-idp.us-west-2.amazonaws.com/us-west-2_example";
    Foreign::new(
        Expected::cognito(
            issuer.parse().unwrap(),
            "xxxxxxxxxxxxexample".parse().unwrap(),
        ),
        json!({"alg": "ES256", "kid": KEY.key_id()}),
        json!({
            "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
            "device_key": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
            "cognito:groups": ["testers"],
            "iss": issuer,
            "version": 2,
            "client_id": "xxxxxxxxxxxxexample",
            "origin_jti": "dddddddd-eeee-cccc-dddd-eeeeeeeeeeee",
            "event_id": "64f513be-32db-42b0-b78e-b02127b4f463",
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin openid",
            "auth_time": NOW - 60,
            "iat": NOW - 60,
            "exp": NOW + 3_540,
            "jti": "cccccccc-dddd-eeee-aaaa-bbbbbbbbbbbb",
            "username": "my-test-user",
        }),
    )
}

fn openid(issuer: &str, audience: &str) -> Expected {
    let (issuer, audience) = (issuer.parse().unwrap(), audience.parse().unwrap());
    Expected::openid(issuer, audience, Algorithm::Rs256)
}

pub(super) fn keycloak() -> Foreign {
    let issuer = "https://sso.example.com/realms/example";
    Foreign::new(
        openid(issuer, "orders"),
        header("JWT"),
        json!({
            "exp": NOW + 240,
            "iat": NOW - 60,
            "auth_time": NOW - 61,
            "jti": "onrtac:9a1f5c1e-6f0c-4d8c-9a86-0f1e4c6f6a01",
            "iss": issuer,
            "aud": ["orders", "account"],
            "sub": "36fa0f91-f94d-4a0c-afed-6b7d952e47da",
            "typ": "Bearer",
            "azp": "shop",
            "sid": "2a88c258-f73a-4103-b862-e1fbd8f4e04e",
            "acr": "1",
            "allowed-origins": ["https://shop.example.com"],
            "realm_access": {"roles": ["offline_access", "editor"]},
            "resource_access": {"account": {"roles": ["manage-account"]}},
            "scope": "openid email profile",
            "email_verified": true,
            "preferred_username": "ada",
        }),
    )
}

pub(super) fn okta() -> Foreign {
    let issuer = "https://example.okta.com/oauth2/default";
    Foreign::new(
        openid(issuer, "api://default"),
        json!({"alg": "ES256", "kid": KEY.key_id()}),
        json!({
            "ver": 1,
            "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE",
            "iss": issuer,
            "aud": "api://default",
            "sub": "ada@example.com",
            "iat": NOW - 60,
            "exp": NOW + 3_540,
            "cid": "nmdP1fcyvdVO11AL7ECm",
            "uid": "00ujmkLgagxeRrAg20g3",
            "auth_time": NOW - 60,
            "scp": ["openid", "orders.read"],
        }),
    )
}

/// Version 2.0, for a user.
pub(super) fn entra() -> Foreign {
    let issuer = "https://login.microsoftonline.com/aaaabbbb-0000-cccc-1111-dddd2222eeee/v2.0";
    Foreign::new(
        openid(issuer, "6e74172b-be56-4843-9ff4-e66a39bb12e3"),
        header("JWT").as_object().map_or(Value::Null, |header| {
            let mut header = header.clone();
            header.insert("x5t".to_owned(), json!("i6lGk3FZzxRcUb2C3nEQ7syHJlY"));
            Value::Object(header)
        }),
        json!({
            "aud": "6e74172b-be56-4843-9ff4-e66a39bb12e3",
            "iss": issuer,
            "iat": NOW - 60,
            "nbf": NOW - 60,
            "exp": NOW + 3_540,
            "aio": "AXQAi/8IAAAAtAaZLo3ChMif6KOnttRB7eBq4/DccQzjcJGxPYy",
            "azp": "6e74172b-be56-4843-9ff4-e66a39bb12e4",
            "azpacr": "0",
            "name": "Ada",
            "oid": "690222be-ff1a-4d56-abd1-7e4f7d38e474",
            "rh": "0.AXcAjmwLAEXE",
            "scp": "access_as_user",
            "roles": ["Editor"],
            "sub": "HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ",
            "tid": "aaaabbbb-0000-cccc-1111-dddd2222eeee",
            "uti": "fqiBqXLPj0eQa82S-IYFAA",
            "ver": "2.0",
        }),
    )
}

/// As the tutorials' `jwt.sign({ id }, secret, { expiresIn: 86400 })` writes it.
pub(super) fn tutorial() -> Foreign {
    let known_as = "legacy".parse().unwrap();
    Foreign::new(
        Expected::dangerous_without_issuer(known_as, Algorithm::Hs256, "id", 86_400, "a test"),
        json!({"alg": "ES256", "typ": "JWT"}),
        json!({"id": "5a7c2f0e8d3b4c0014a1b2c3", "iat": NOW - 60, "exp": NOW + 86_340}),
    )
}

pub(super) fn all() -> [Foreign; 6] {
    [auth0(), cognito(), keycloak(), okta(), entra(), tutorial()]
}

fn scopes(claims: &AccessTokenClaims) -> String {
    claims.scope.to_string()
}

#[test]
fn an_access_token_of_auth0_is_read() {
    let claims = auth0().claims();
    assert_eq!(claims.iss.as_str(), "https://example.eu.auth0.com/");
    assert_eq!(
        (&*claims.sub, &*claims.client_id),
        ("auth0|123456", "my_client_id")
    );
    assert_eq!(
        scopes(&claims),
        "openid profile read:patients write:patients"
    );
    assert_eq!((claims.jti.as_str(), claims.roles.len()), ("", 0));
    // Its other dialect, and a token for a machine.
    let rfc9068 = auth0()
        .header("typ", json!("at+jwt"))
        .claim("azp", json!(null))
        .claim("client_id", json!("my_client_id"))
        .claim("jti", json!("id-of-the-token"));
    assert_eq!(rfc9068.claims().client_id, "my_client_id");
    let machine = auth0()
        .claim("sub", json!("my_client_id@clients"))
        .claim("gty", json!("client-credentials"))
        .claim("aud", json!("https://api.example.com"))
        .claim("permissions", json!(null));
    assert_eq!(scopes(&machine.claims()), "openid profile read:patients");
}

#[test]
fn an_access_token_of_cognito_is_read() {
    let claims = cognito().claims();
    assert_eq!(claims.sub, "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee");
    assert_eq!(claims.client_id, "xxxxxxxxxxxxexample");
    assert_eq!(claims.aud[0].as_str(), "xxxxxxxxxxxxexample");
    assert_eq!(claims.roles, ["testers"]);
    assert_eq!(scopes(&claims), "aws.cognito.signin.user.admin openid");
    assert_eq!(
        claims.sid.as_deref(),
        Some("dddddddd-eeee-cccc-dddd-eeeeeeeeeeee")
    );
    let algorithms = Expected::cognito("i".parse().unwrap(), "c".parse().unwrap());
    assert_eq!(algorithms.algorithms(), [Algorithm::Rs256]);
}

#[test]
fn an_access_token_of_keycloak_is_read() {
    let claims = keycloak().claims();
    assert_eq!(
        (&*claims.client_id, claims.acr.as_deref()),
        ("shop", Some("1"))
    );
    assert_eq!(claims.roles, ["offline_access", "editor"]);
    assert_eq!(scopes(&claims), "email openid profile");
    // Older releases write the nonce into access tokens too.
    assert!(
        keycloak()
            .claim("nonce", json!("n-0S6_WzA2Mj"))
            .verdict()
            .is_ok()
    );
}

#[test]
fn an_access_token_of_okta_is_read() {
    let claims = okta().claims();
    assert_eq!(
        (&*claims.sub, &*claims.client_id),
        ("ada@example.com", "nmdP1fcyvdVO11AL7ECm")
    );
    assert_eq!(scopes(&claims), "openid orders.read");
    let oauth = okta().header("typ", json!("application/at+jwt"));
    assert!(oauth.verdict().is_ok());
}

#[test]
fn an_access_token_of_entra_is_read() {
    let claims = entra().claims();
    assert_eq!(claims.client_id, "6e74172b-be56-4843-9ff4-e66a39bb12e4");
    assert_eq!(
        (&*scopes(&claims), &*claims.roles),
        ("access_as_user", &["Editor".to_owned()][..])
    );
    // For an application on its own.
    let application = entra().claim("scp", json!(null)).claims();
    assert_eq!(scopes(&application), "");
    // Version 1.0 names the client in another claim.
    let first = entra()
        .claim("azp", json!(null))
        .claim("azpacr", json!(null))
        .claim("appid", json!("6e74172b-be56-4843-9ff4-e66a39bb12e5"));
    assert_eq!(
        first.claims().client_id,
        "6e74172b-be56-4843-9ff4-e66a39bb12e5"
    );
}

#[test]
fn a_tutorials_token_is_read_where_somebody_says_why() {
    let claims = tutorial().claims();
    assert_eq!(
        (claims.iss.as_str(), &*claims.sub),
        ("legacy", "5a7c2f0e8d3b4c0014a1b2c3")
    );
    assert!(claims.aud.is_empty() && claims.scope.is_empty() && claims.roles.is_empty());
    let counted = tutorial()
        .claim("id", json!(7))
        .claim("roles", json!("admin"));
    assert_eq!(
        (&*counted.claims().sub, &*counted.claims().roles),
        ("7", &["admin".to_owned()][..])
    );
    assert!(tutorial().header("typ", json!(null)).verdict().is_ok());
}

#[test]
fn a_tutorials_own_secret_verifies_its_own_tokens() {
    let known_as = "legacy".parse().unwrap();
    let expected =
        Expected::dangerous_without_issuer(known_as, Algorithm::Hs256, "id", 86_400, "a test");
    let token = |secret: &[u8]| {
        let payload = json!({"id": 7, "iat": NOW, "exp": NOW + 86_400}).to_string();
        let key = jsonwebtoken::EncodingKey::from_secret(secret);
        let header = r#"{"alg":"HS256","typ":"JWT"}"#;
        super::sign_with(&key, jsonwebtoken::Algorithm::HS256, header, &payload)
    };
    let long = Keys::from_shared_secret(Algorithm::Hs256, SECRET).unwrap();
    assert!(verify(&token(SECRET), &long, &expected, NOW).is_ok());
    let short = Keys::dangerous_from_short_secret(Algorithm::Hs256, b"shhhhh", "a test").unwrap();
    assert!(verify(&token(b"shhhhh"), &short, &expected, NOW).is_ok());
    let verdict = verify(&token(b"shhhhh"), &long, &expected, NOW).map(drop);
    assert_eq!(verdict, Err(Rejection::BadSignature));
}

#[test]
fn a_profile_can_come_from_a_configuration() {
    let issuer = || "https://id.example.com".parse().unwrap();
    let audience = "api".parse().unwrap();
    for profile in Profile::ALL {
        let made = Expected::of_profile(
            profile,
            issuer(),
            vec!["api".parse().unwrap()],
            vec![Algorithm::Rs256],
        );
        assert_eq!(made.unwrap().profile(), Some(profile));
        let empty = Expected::of_profile(profile, issuer(), vec![], vec![Algorithm::Rs256]);
        assert_eq!(empty, Err(ExpectedError::NoAudience));
    }
    let empty = Expected::of_profile(Profile::OpenId, issuer(), vec![audience], vec![]);
    assert_eq!(empty, Err(ExpectedError::NoAlgorithm));
    assert_eq!(tutorial().expected.profile(), None);
}
