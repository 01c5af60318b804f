// The GraphiQL page: the editor, pointed at /graphql, with a tour to begin with.

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import 'graphiql/graphiql.css';
import './page.css';

const TOUR = `# Countersign: a tour.
#
# 1. Run "SignUp" (the arrow asks which operation to run).
mutation SignUp {
  signup(
    input: {
      username: "jill"
      email: "jill@example.com"
      password: "correct horse battery staple"
    }
  ) {
    __typename
    ... on TokenGrant { accessToken refreshToken expiresIn scope user { id username } }
    ... on UserError { code message }
  }
}

# 2. Next time, log in. "identifier" is the e-mail address or the username.
mutation LogIn {
  login(input: { identifier: "jill", password: "correct horse battery staple" }) {
    __typename
    ... on TokenGrant { accessToken refreshToken expiresIn scope }
    ... on UserError { code message }
  }
}

# 3. Copy the access token of the answer into the Headers tab below:
#      { "Authorization": "Bearer eyJ..." }
#    and run "Me".
query Me {
  me {
    id
    username
    email
    effectiveScopes
    sessions { device current lastSeenAt expiresAt }
  }
}

# 4. Leave.
mutation LogOut {
  logout { __typename }
}
`;

createRoot(document.getElementById('graphiql')).render(
  <GraphiQL
    fetcher={createGraphiQLFetcher({ url: '/graphql' })}
    defaultQuery={TOUR}
    defaultEditorToolsVisibility="headers"
    shouldPersistHeaders={false}
    isHeadersEditorEnabled
  />,
);
