// node tour.mjs [BASE_URL]
import assert from "node:assert/strict";
import { Countersign, CountersignError } from "./client.mjs";

const client = new Countersign(process.argv[2]);
const username = `jill${Date.now().toString(36)}`;
const password = "correct horse battery staple";

const user = await client.signUp({ username, email: `${username}@example.com`, password });
console.log("signed up as", user.username);

await assert.rejects(
  new Countersign(process.argv[2]).logIn(username, "a wrong guess"),
  (error) => error instanceof CountersignError && error.status === 401,
);
console.log("a wrong password is refused");

console.log("me over REST:", (await client.me()).username);
console.log("me over GraphQL:", (await client.graphql("{ me { username } }")).me.username);

await Promise.all([client.refresh(), client.refresh(), client.refresh()]);
console.log("refreshed, once for three who asked");
assert.equal((await client.me()).username, username);

const token = await client.accessToken();
await client.logOut();
const answer = await fetch(new URL("/v1/me", process.argv[2] ?? "http://127.0.0.1:4455"), {
  headers: { authorization: `Bearer ${token}` },
});
assert.equal(answer.status, 401);
console.log("logged out, and the access token with it");
