// The tutorial's authorizer: a policy for the one method that was called.
const jwt = require('jsonwebtoken');

const policy = (principalId, Effect, Resource) => ({
  principalId,
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }],
  },
});

module.exports.auth = (event, context, callback) => {
  const token = event.authorizationToken;
  if (!token) return callback('Unauthorized');
  jwt.verify(token, process.env.JWT_SECRET, (error, decoded) => {
    if (error) return callback('Unauthorized');
    return callback(null, policy(decoded.id, 'Allow', event.methodArn));
  });
};
