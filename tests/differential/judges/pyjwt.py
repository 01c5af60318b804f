"""Judges tokens with PyJWT. Reads the set-ups from the first line, then batches, one a line: pairs of a
set-up and a token. Answers each batch with a line: for each token what was read from it, or why not."""

import datetime
import json
import sys

import jwt
import jwt.api_jwt

world = json.loads(sys.stdin.readline())


class Now(datetime.datetime):
    """The clock of PyJWT, which takes no time as an argument."""

    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(world["now"], tz)


jwt.api_jwt.datetime = Now


def text(value):
    return str(value).encode("utf-8", "replace").decode("utf-8")


def prepare(set_up):
    keys = {jwk["kid"]: jwt.PyJWK(jwk) for jwk in set_up["keys"]}
    strict = set_up["profile"] == "rfc9068"
    required = ["iss", "aud", "sub", "iat", "exp"]
    if strict:
        required += ["client_id", "jti"]

    def verify(token):
        header = jwt.get_unverified_header(token)
        kid = header.get("kid")
        if "kid" not in header and not strict:
            # Issuers of OpenID Connect may leave it out: each algorithm has one key here.
            kid = f"key-{header.get('alg')}"
        if kid not in keys:
            raise jwt.InvalidTokenError("unknown kid")
        return jwt.decode(
            token,
            keys[kid],
            algorithms=set_up["algorithms"],
            audience=world["audience"],
            issuer=world["issuer"],
            leeway=world["leeway"],
            options={"require": required},
        )

    return verify


def judge(question):
    set_up, token = question
    try:
        claims = judges[set_up](token)
    except Exception as error:  # Whatever it is: it does not accept the token.
        return f"{type(error).__name__}"
    read = [claims.get(name, "undefined") for name in ("iss", "sub", "iat", "exp", "client_id", "jti")]
    return [text(value) for value in read]


judges = [prepare(set_up) for set_up in world["set_ups"]]
for line in sys.stdin:
    print(json.dumps([judge(question) for question in json.loads(line)]), flush=True)
