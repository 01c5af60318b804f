// The API itself: comments, which anybody reads, writers write and moderators remove.
import { anyone, guarded, live, role, scope, signedIn } from "./guard.mjs";

export const typeDefs = `#graphql
  type Comment {
    author: ID!
    text: String!
  }
  type Viewer {
    id: ID!
    scopes: [String!]!
  }
  type Query {
    comments: [Comment!]!
    viewer: Viewer
  }
  type Mutation {
    addComment(text: String!): Comment
    removeComments: Int
  }
`;

const comments = [];

const rules = {
  "Query.comments": anyone,
  "Query.viewer": signedIn,
  "Mutation.addComment": scope("comments:write"),
  "Mutation.removeComments": live(role("moderator")),
};

export const resolvers = guarded(
  {
    Query: {
      comments: () => comments,
      viewer: (_, args, { user }) => user,
    },
    Mutation: {
      addComment(_, { text }, { user }) {
        const comment = { author: user.id, text };
        comments.push(comment);
        return comment;
      },
      removeComments: () => comments.splice(0).length,
    },
  },
  rules,
);
