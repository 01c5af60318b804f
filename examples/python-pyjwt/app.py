"""The API itself: comments, which anybody reads, writers write and moderators remove."""

import os

from flask import Flask, g, request

from auth import anyone, guard, live, role, scope, signed_in

app = Flask(__name__, static_folder=None)
app.config["MAX_CONTENT_LENGTH"] = 16 * 1024
comments = []


@app.get("/public")
def read_comments():
    return {"comments": comments}


@app.get("/hello")
def hello():
    return {"message": f"hello, {g.caller['sub']}"}


@app.post("/comments")
def add_comment():
    comment = {"author": g.caller["sub"], "text": str(request.get_json().get("text", ""))}
    comments.append(comment)
    return {"comment": comment}, 201


@app.delete("/comments")
def remove_comments():
    comments.clear()
    return "", 204


guard(
    app,
    {
        "read_comments": anyone,
        "hello": signed_in,
        "add_comment": scope("comments:write"),
        "remove_comments": live(role("moderator")),
    },
)

if __name__ == "__main__":
    # Flask's own server, for trying it out; in production take gunicorn or the like.
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "4465")))
