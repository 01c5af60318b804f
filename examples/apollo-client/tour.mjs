// node tour.mjs [BASE_URL]: signs up, asks for `me`, lets three queries find their token bad at once,
// logs out.
import assert from "node:assert/strict";
import { gql, makeClient } from "./client.mjs";

const uri = new URL("/graphql", process.argv[2] ?? "http://127.0.0.1:4455").href;
const username = `jill${Date.now().toString(36)}`;

const visitor = makeClient({ uri, tokens: null }).client;
const { data } = await visitor.mutate({
  mutation: gql`
    mutation SignUp($input: SignupInput!) {
      signup(input: $input) {
        ... on SignupSuccess {
          accessToken
          refreshToken
        }
      }
    }
  `,
  variables: { input: { username, password: "correct horse battery staple" } },
});
console.log("signed up as", username);

const spoilt = { ...data.signup, accessToken: `${data.signup.accessToken.slice(0, -8)}AAAAAAAA` };
const { client, session } = makeClient({ uri, tokens: spoilt });
const answers = await Promise.all([
  client.query({ query: gql`query Me { me { id username } }` }),
  client.query({ query: gql`query Sessions { sessions { id device } }` }),
  client.query({ query: gql`query May { me { id effectiveScopes } }` }),
]);
assert.equal(answers[0].data.me.username, username);
console.log("three queries found their token bad, and were answered after one refresh");

const sessionToken = session.accessToken;
await client.mutate({ mutation: gql`mutation LogOut { logout { __typename } }` });
assert.equal(await session.renew(sessionToken), null);
console.log("logged out: there is nothing to refresh any more");
