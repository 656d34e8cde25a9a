const { ThreadWorker } = require('poolifier');

module.exports = new ThreadWorker({ ...require('./faults.cjs') });
