// Apollo Client against Countersign's own GraphQL, with a token that has really expired.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gql, makeClient } from "../../../examples/apollo-client/client.mjs";
import { until } from "./program.mjs";

const ME = gql`
  query Me {
    me {
      username
    }
  }
`;

/** A client of `user` that notes the names of the operations that it sends. */
function watched(countersign, user) {
  const sent = [];
  const fetch = (uri, init) => {
    sent.push(JSON.parse(init.body).operationName);
    return globalThis.fetch(uri, init);
  };
  const tokens = user && { accessToken: user.access_token, refreshToken: user.refresh_token };
  const made = makeClient({ uri: `${countersign.base}/graphql`, tokens, fetch });
  // Each call is sent, where the client would make one request of several that are alike.
  const context = { queryDeduplication: false };
  const me = () => made.client.query({ query: ME, fetchPolicy: "no-cache", context });
  const refreshes = () => sent.filter((name) => name === "Refresh").length;
  return { ...made, me, sent, refreshes };
}

/** The user's access token has died at the server that issued it. */
const expired = (countersign, user) =>
  until("the token expires", async () => !(await countersign.verify(user.access_token)).active);

export function refreshes(countersign, tokens) {
  describe("apollo-client", () => {
    it("does not refresh while the token is good", async () => {
      const { me, sent } = watched(countersign(), tokens().fresh);
      assert.equal((await me()).data.me.username, "fresh");
      assert.deepEqual(sent, ["Me"]);
    });

    it("refreshes once for all who find the token expired, and asks again", async () => {
      const { dozing } = tokens();
      await expired(countersign(), dozing);
      const { me, refreshes, sent } = watched(countersign(), dozing);
      const answers = await Promise.all([me(), me(), me(), me(), me()]);
      for (const { data } of answers) assert.equal(data.me.username, "dozing");
      assert.equal(refreshes(), 1);
      assert.equal(sent.length, 11, "five refused, one refresh, five answered");
      assert.equal((await me()).data.me.username, "dozing");
      assert.equal(refreshes(), 1, "and not again with the new one");
    });

    it("gives the error, once, to whose session has ended", async () => {
      const { me, sent, session } = watched(countersign(), tokens().left);
      await assert.rejects(me(), /session of the token has ended/);
      assert.deepEqual(sent, ["Me", "Refresh"]);
      assert.equal(session.tokens, null);
    });

    it("has nothing to refresh for whoever is not logged in", async () => {
      const { me, sent } = watched(countersign(), null);
      await assert.rejects(me(), /log in first/);
      assert.deepEqual(sent, ["Me"]);
    });
  });
}
