// One connection for as long as the function is warm, as the tutorial has it.
const mongoose = require('mongoose');

let isConnected = false;

module.exports = async function connect() {
  if (isConnected) {
    console.log('=> using existing database connection');
    return;
  }
  console.log('=> using new database connection');
  const { connections } = await mongoose.connect(process.env.DB);
  isConnected = connections[0].readyState === 1;
};
