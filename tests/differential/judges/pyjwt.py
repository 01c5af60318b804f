"""Judges tokens with PyJWT. Reads the set-ups from the first line, then batches, one a line: pairs of a
set-up and a token. Answers each batch with a line: for each token what was read from it, or why not."""

import datetime
import json
import sys

import jwt
import jwt.api_jwt

import profiles

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
    profile = set_up["profile"]
    keys = {jwk["kid"]: jwt.PyJWK(jwk) for jwk in set_up["keys"]}

    def verify(token):
        header = jwt.get_unverified_header(token)
        kid = header.get("kid")
        if "kid" not in header and profile != "rfc9068":
            # Other issuers may leave it out: each algorithm has one key here.
            kid = f"key-{header.get('alg')}"
        if kid not in keys:
            raise jwt.InvalidTokenError("unknown kid")
        required = ["iss", "aud", "iat", *profiles.REQUIRED[profile]]
        # Cognito leaves `aud` out, save for tokens that are bound to a resource server.
        instead = profile == "cognito" and "aud" not in jwt.decode(
            token, options={"verify_signature": False}
        )
        if instead:
            required.remove("aud")
        claims = jwt.decode(
            token,
            keys[kid],
            algorithms=set_up["algorithms"],
            audience=None if instead else world["audience"],
            issuer=world["issuer"],
            leeway=world["leeway"],
            options={"require": required},
        )
        if instead and claims["client_id"] != world["audience"]:
            raise jwt.InvalidAudienceError("another app client")
        profiles.check(profile, header, claims)
        return profiles.read(profile, claims)

    return verify


def judge(question):
    set_up, token = question
    try:
        return [text(value) for value in judges[set_up](token)]
    except Exception as error:  # Whatever it is: it does not accept the token.
        return f"{type(error).__name__}"


judges = [prepare(set_up) for set_up in world["set_ups"]]
for line in sys.stdin:
    print(json.dumps([judge(question) for question in json.loads(line)]), flush=True)
