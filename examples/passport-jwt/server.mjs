// node server.mjs; see README.md beside this.
import express from "express";
import { answerErrors, authenticate } from "./auth.mjs";
import { addRoutes } from "./comments.mjs";
import { port } from "./settings.mjs";

const app = express();
app.disable("x-powered-by");
app.use(authenticate);
app.use(express.json({ limit: "16kb" }));
addRoutes(app);
app.use(answerErrors);

const listener = app.listen(port, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${listener.address().port}`);
});
