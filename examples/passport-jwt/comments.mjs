// The API itself: comments, which anybody reads, writers write and moderators remove.
import { anyone, live, role, route, scope, signedIn } from "./rules.mjs";
import { issuer } from "./settings.mjs";

const comments = [];

export function addRoutes(app) {
  route(app, "get", "/public", anyone, (req, res) => {
    res.json({ comments });
  });
  route(app, "get", "/hello", signedIn, (req, res) => {
    res.json({ message: `hello, ${req.auth.sub}` });
  });
  route(app, "post", "/comments", scope("comments:write"), (req, res) => {
    const comment = { author: req.auth.sub, text: String(req.body?.text ?? "") };
    comments.push(comment);
    res.status(201).json({ comment });
  });
  route(app, "delete", "/comments", live(role("moderator"), issuer), (req, res) => {
    comments.length = 0;
    res.status(204).end();
  });
}
