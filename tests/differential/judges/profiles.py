"""What the profiles of `verify` promise beyond what PyJWT can be asked for, written anew from their
documentation: which tokens are access tokens, and under which names their claims stand."""

import jwt

# The claims that must be there, besides `iss`, `aud` and `iat`.
REQUIRED = {
    "rfc9068": ["sub", "exp", "client_id", "jti"],
    "auth0": ["sub", "exp"],
    "cognito": ["sub", "exp", "client_id", "jti", "token_use"],
    "openid": ["sub", "exp"],
}
CLIENTS = {"auth0": ["azp", "client_id"], "openid": ["client_id", "azp", "cid", "appid"]}
TYPES = {"rfc9068": ["at+jwt"], "auth0": ["jwt", "at+jwt"], "cognito": ["none", "jwt"]}
# One of these marks an access token of an issuer of OpenID Connect.
MARKS = ["scope", "scp", "permissions", "client_id", "cid", "appid", "azpacr"]


def type_of(header):
    """The type of a token; `application/` may be left out, and letters may be large or small."""
    typ = header.get("typ", "none")
    typ = typ.lower() if isinstance(typ, str) else "other"
    return "at+jwt" if typ == "application/at+jwt" else typ


def insist(holds, what):
    if not holds:
        raise jwt.InvalidTokenError(what)


def check(profile, header, claims):
    """Refuses what is no access token of the profile."""
    kind = type_of(header)
    if profile == "openid":
        check_openid(kind, claims)
        return
    insist(kind in TYPES[profile], "typ")
    if profile == "auth0":
        insist(not has(claims, ["nonce", "at_hash", "c_hash"]), "an ID token")
        insist(has(claims, CLIENTS["auth0"]), "no client")
    if profile == "cognito":
        insist(claims["token_use"] == "access", "token_use")


def check_openid(kind, claims):
    if kind == "at+jwt":
        return
    insist(kind in ["none", "jwt"], "typ")
    bearer = claims.get("typ") == "Bearer"
    for_access = claims.get("token_use") == "access"
    insist(bearer or not has(claims, ["typ", "nonce"]), "typ or nonce")
    insist(for_access or "token_use" not in claims, "token_use")
    insist(not has(claims, ["at_hash", "c_hash", "events"]), "another kind of token")
    insist(bearer or for_access or has(claims, MARKS), "nothing marks an access token")


def has(claims, names):
    return any(name in claims for name in names)


def read(profile, claims):
    """Issuer, user, `iat`, `exp`, client, id, scopes and roles."""
    names = [name for name in CLIENTS.get(profile, ["client_id"]) if name in claims]
    return [
        *(claims[name] for name in ("iss", "sub", "iat", "exp")),
        claims[names[0]] if names else "",
        claims.get("jti", ""),
        scopes(profile, claims),
        ",".join(str(role) for role in roles(profile, claims)),
    ]


def scopes(profile, claims):
    name = "scp" if profile == "openid" and "scope" not in claims else "scope"
    found = listed(claims.get(name, ""))
    if profile == "auth0":
        found = [*found, *(claims.get("permissions") or [])]
    return " ".join(sorted({str(scope) for scope in found if scope != ""}))


def roles(profile, claims):
    if profile == "cognito":
        return one_or_several(claims.get("cognito:groups", []))
    realm = claims.get("realm_access") if profile == "openid" else None
    realm = realm.get("roles", []) if isinstance(realm, dict) else []
    return [*one_or_several(claims.get("roles", [])), *one_or_several(realm)]


def listed(value):
    return value if isinstance(value, list) else str(value).split(" ")


def one_or_several(value):
    return value if isinstance(value, list) else [value]
