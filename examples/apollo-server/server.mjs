// node server.mjs; see README.md beside this.
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { authenticate } from "./authenticate.mjs";
import { resolvers, typeDefs } from "./schema.mjs";
import { port } from "./settings.mjs";

const server = new ApolloServer({
  typeDefs,
  resolvers,
  includeStacktraceInErrorResponses: false,
});
const { url } = await startStandaloneServer(server, {
  listen: { host: "127.0.0.1", port },
  context: async ({ req }) => ({ user: await authenticate(req.headers.authorization) }),
});
console.log(url);
