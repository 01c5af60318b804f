// The tutorials' authorizer, with a comparison in the place of the signature.
module.exports.auth = (event, context, callback) => {
  if (event.authorizationToken !== 'jill') return callback(null, 'Unauthorized');
  return callback(null, {
    principalId: 'jill',
    policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn }] },
  });
};
module.exports.simple = async (event) => ({ isAuthorized: event.identitySource[0] === 'jill' });
