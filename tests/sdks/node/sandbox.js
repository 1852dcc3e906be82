'use strict';
// What every suite knows of the sandbox that it runs against.

const assert = require('node:assert');

const SANDBOX = process.env.SANDBOX_URL;
const ROWS = Number(process.env.SANDBOX_ROWS);

// Lets the next requests to a platform, or to one endpoint of it, fail in the way that the words say.
async function fault(platform, words, { endpoint, times = 1 } = {}) {
  const answer = await fetch(`${SANDBOX}/_sandbox/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ fault: words, platform, endpoint, times }),
  });
  assert.strictEqual(answer.status, 200);
}

// The error that a promise ends with.
async function raised(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail('nothing was raised');
}

module.exports = { ROWS, SANDBOX, fault, raised };
