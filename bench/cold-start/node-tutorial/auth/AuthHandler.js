// Register and me as the tutorial's handlers do them: eight rounds of bcrypt, a token for a day, HS256.
const bcrypt = require('bcryptjs');
const jwt = require('jsonwebtoken');
const connect = require('../db');
const User = require('./User');

const answer = (statusCode, body) => ({
  statusCode,
  headers: { 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
});

module.exports.register = async (event) => {
  await connect();
  const { name, email, password } = JSON.parse(event.body);
  const hash = await bcrypt.hash(password, 8);
  const user = await User.create({ name, email, password: hash });
  const token = jwt.sign({ id: user._id }, process.env.JWT_SECRET, { expiresIn: 86400 });
  return answer(200, { auth: true, token });
};

module.exports.me = async (event) => {
  await connect();
  const user = await User.findById(event.requestContext.authorizer.principalId, { password: 0 });
  return user ? answer(200, user) : answer(404, { message: 'No user found.' });
};
