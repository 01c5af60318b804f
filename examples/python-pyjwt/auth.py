"""From the header to the caller, and who may call what. Knows PyJWT, Flask and Countersign's keys."""

import json
import os
import sys
import urllib.request

import jwt
from flask import g, jsonify, request
from jwt.exceptions import PyJWKClientConnectionError

ISSUER = os.environ.get("ISSUER", "http://127.0.0.1:4455")
AUDIENCE = os.environ.get("AUDIENCE", ISSUER)
# What Countersign signs with for this audience: ES256, unless you have chosen another.
ALGORITHM = os.environ.get("ALGORITHM", "ES256")
JWKS_CACHE_SECONDS = float(os.environ.get("JWKS_CACHE_SECONDS", "600"))


class Keys(jwt.PyJWKClient):
    """An outage of the issuer is not one of ours: the keys that we have go on."""

    known = None

    def fetch_data(self):
        try:
            self.known = super().fetch_data()
        except PyJWKClientConnectionError as error:
            if self.known is None:
                raise
            print(f"{self.uri}: {error}", file=sys.stderr)
        return self.known


keys = Keys(
    f"{ISSUER}/.well-known/jwks.json",
    lifespan=JWKS_CACHE_SECONDS,
    timeout=3,
    # At most one fetch in so many seconds for key ids that nobody knows.
    cooldown_duration=5,
)


class Refusal(Exception):
    """No, as an HTTP answer (RFC 6750 section 3.1)."""

    def __init__(self, status, code, **details):
        super().__init__(code)
        self.status, self.code, self.details = status, code, details

    def answer(self):
        answer = jsonify(code=self.code, **self.details)
        answer.status_code = self.status
        if self.status in (401, 403):
            told = [] if self.code == "unauthenticated" else [f'error="{self.code}"']
            if "scope" in self.details:
                told.append(f'scope="{self.details["scope"]}"')
            answer.headers["WWW-Authenticate"] = f"Bearer {', '.join(told)}".strip()
        return answer


def claims_of(header):
    """The claims that the Authorization header speaks for, or None if there is no header. A bad
    token is a refusal, and never a call by nobody."""
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Refusal(401, "invalid_token")
    try:
        # RFC 9068 section 4: an access token, and no other kind that the same key may sign.
        if jwt.get_unverified_header(token).get("typ") != "at+jwt":
            raise Refusal(401, "invalid_token")
        return jwt.decode(
            token,
            keys.get_signing_key_from_jwt(token),
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=AUDIENCE,
            leeway=5,
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except PyJWKClientConnectionError as error:
        raise Refusal(503, "keys_unavailable") from error
    except jwt.PyJWTError as error:
        raise Refusal(401, "invalid_token") from error


def anyone(caller):
    """Anybody, logged in or not."""


def signed_in(caller):
    """Whoever brought a good token."""
    if caller is None:
        raise Refusal(401, "unauthenticated")


def scope(name):
    """Whoever's token has the scope."""

    def rule(caller):
        signed_in(caller)
        if name not in caller.get("scope", "").split():
            raise Refusal(403, "insufficient_scope", scope=name)

    return rule


def role(name):
    """Whoever has the role. Countersign leaves `roles` out for a user who has none."""

    def rule(caller):
        signed_in(caller)
        if name not in caller.get("roles", []):
            raise Refusal(403, "insufficient_role", role=name)

    return rule


def live(rule):
    """The rule, and the session still lives: Countersign knows of a logout before the token expires."""

    def asking(caller):
        rule(caller)
        token = request.headers["Authorization"].partition(" ")[2]
        question = urllib.request.Request(
            f"{ISSUER}/v1/verify",
            data=json.dumps({"token": token}).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(question, timeout=3) as answer:
                active = json.load(answer)["active"]
        except (OSError, ValueError) as error:
            raise Refusal(503, "issuer_unavailable") from error
        if not active:
            raise Refusal(401, "invalid_token")

    return asking


def guard(app, rules):
    """Puts every view of the app behind its rule, by the name of its function. A view without one
    stops the start."""
    without = app.view_functions.keys() - rules.keys() - {"static"}
    if without:
        raise TypeError(f"who may call {', '.join(sorted(without))}?")

    @app.before_request
    def check():
        g.caller = claims_of(request.headers.get("Authorization"))
        if request.endpoint is not None:
            rules[request.endpoint](g.caller)

    app.register_error_handler(Refusal, Refusal.answer)
