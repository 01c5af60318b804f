// DON'T COPY THIS. The tutorial's way, kept to be looked at, with its own token check done right:
// `credentialsRequired: false` lets everybody in, and each handler has to remember to look. One
// remembers, one forgot, and nothing says so.
import express from "express";
import { answerErrors, authenticate } from "./auth.mjs";
import { port } from "./settings.mjs";

const app = express();
const comments = [];
app.use(authenticate);
app.use(express.json());

app.post("/comments", (req, res) => {
  if (!req.auth) return res.status(401).json({ error: "You are not authorized!" });
  comments.push(req.body.text);
  return res.status(201).end();
});
app.delete("/comments", (req, res) => {
  comments.length = 0;
  res.status(204).end();
});
app.use(answerErrors);

const listener = app.listen(port, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${listener.address().port}`);
});
