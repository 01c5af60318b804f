// The tutorials' authorizers: one allows the one method that was asked for, one the whole API, one
// answers in the simple form.
let asked = 0;
const policy = (effect, resource, context) => ({
  principalId: 'jill',
  policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resource }] },
  context,
});
const judge = (token, resource, context) => {
  if (token === 'Bearer nobody') throw new Error('Unauthorized');
  if (token === 'Bearer broken') return { principalId: 'jill' };
  if (token === 'Bearer fails') throw new Error('the database is away');
  return policy(token === 'Bearer jill' ? 'Allow' : 'Deny', resource, context);
};
exports.oneMethod = (event, context, callback) => {
  asked += 1;
  try {
    callback(null, judge(event.authorizationToken, event.methodArn, { asked, admin: true }));
  } catch (error) {
    callback(error.message);
  }
};
exports.wholeApi = async (event) => {
  asked += 1;
  const headers = Object.fromEntries(Object.entries(event.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const whole = event.methodArn.split('/').slice(0, 2).join('/') + '/*';
  return judge(headers.authorization ?? 'Bearer jill', whole, { asked, type: event.type });
};
exports.simple = async (event) => {
  asked += 1;
  if (event.identitySource[0] === 'Bearer nobody') throw new Error('Unauthorized');
  return { isAuthorized: event.identitySource[0] === 'Bearer jill', context: { asked, roles: ['admin'], arn: event.routeArn } };
};
