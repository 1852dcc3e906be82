'use strict';
// jsforce lists, pages, gets, writes and fails as its documentation says. It retries a busy server and renews a
// session, and leaves the day's quota to its caller.

const assert = require('node:assert');
const test = require('node:test');
const jsforce = require('jsforce');
const { ROWS, SANDBOX, fault, raised } = require('./sandbox.js');

const BASE = `${SANDBOX}/salesforce`;
const TOKEN = process.env.SALESFORCE_ACCESS_TOKEN;
const SMALL = { headers: { 'Sforce-Query-Options': 'batchSize=3' } };

function connection(options = {}) {
  return new jsforce.Connection({ instanceUrl: BASE, accessToken: TOKEN, version: '60.0', ...options });
}

test('authenticates', async () => {
  const conn = connection();
  const found = await conn.request(`${BASE}/services/oauth2/userinfo`);
  assert.strictEqual((await conn.sobject('User').retrieve(found.user_id)).Email, found.email);
  assert.strictEqual(conn.limitInfo.apiUsage.limit, 15000);
});

test('logs in with a password', async () => {
  const oauth2 = { loginUrl: BASE, clientId: 'an-app', clientSecret: 'any' };
  const conn = new jsforce.Connection({ oauth2, version: '60.0' });
  const user = await conn.login('ava.lindqvist@example.com', TOKEN);
  assert.ok(user.id.startsWith('005'));
  assert.strictEqual(conn.instanceUrl, BASE);
  assert.strictEqual((await conn.limits()).DailyApiRequests.Max, 15000);
});

test('meets a refused login', async () => {
  const conn = new jsforce.Connection({ oauth2: { loginUrl: BASE, clientId: 'an-app', clientSecret: 'any' } });
  const error = await raised(conn.login('ava.lindqvist@example.com', 'wrong'));
  assert.strictEqual(error.name, 'invalid_grant');
});

test('pages to the end with small pages', async () => {
  const conn = connection();
  let page = await conn.query('SELECT Id, Email FROM Contact', SMALL);
  const sizes = [page.records.length];
  const ids = page.records.map((row) => row.Id);
  while (!page.done) {
    page = await conn.queryMore(page.nextRecordsUrl);
    sizes.push(page.records.length);
    ids.push(...page.records.map((row) => row.Id));
  }
  assert.deepStrictEqual(sizes, [3, 3, ROWS - 6]);
  assert.strictEqual(new Set(ids).size, ROWS);
});

test('fetches every page by itself', async () => {
  const options = { autoFetch: true, maxFetch: 1000, ...SMALL };
  const found = await connection().query('SELECT Id FROM Account', options);
  assert.strictEqual(found.records.length, ROWS);
});

test('builds queries of its own', async () => {
  const conn = connection();
  const rows = await conn
    .sobject('Opportunity')
    .find({ Amount: { $gt: 0 }, StageName: { $ne: 'Nowhere' } }, 'Id, Name, Amount')
    .sort({ Amount: -1 })
    .limit(3);
  const amounts = rows.map((row) => row.Amount);
  assert.deepStrictEqual(amounts, [...amounts].sort((one, other) => other - one));
  assert.ok(amounts.length <= 3);
  assert.strictEqual(await conn.sobject('Opportunity').count(), ROWS);
});

test('gets children with their parent', async () => {
  const rows = await connection().query('SELECT Name, (SELECT Id, Account.Name FROM Contacts) FROM Account');
  const parents = rows.records.filter((row) => row.Contacts);
  assert.ok(parents.length > 0);
  for (const parent of parents) {
    assert.ok(parent.Contacts.records.every((child) => child.Account.Name === parent.Name));
  }
});

test('gets by id', async () => {
  const conn = connection();
  const row = (await conn.query('SELECT Id, Name FROM Account LIMIT 1')).records[0];
  assert.strictEqual((await conn.sobject('Account').retrieve(row.Id)).Name, row.Name);
});

test('describes', async () => {
  const conn = connection();
  const names = (await conn.describeGlobal()).sobjects.map((one) => one.name);
  assert.ok(names.includes('Contact'));
  const described = await conn.sobject('Contact').describe();
  assert.ok(described.fields.some((field) => field.name === 'AccountId' && field.referenceTo[0] === 'Account'));
});

test('writes and reads again', async () => {
  const conn = connection();
  const made = await conn.sobject('Task').create({ Subject: 'Send the figures', Priority: 'High' });
  assert.strictEqual(made.success, true);
  assert.strictEqual((await conn.sobject('Task').update({ Id: made.id, Status: 'Completed' })).success, true);
  const task = await conn.sobject('Task').retrieve(made.id);
  assert.deepStrictEqual([task.Subject, task.Status, task.IsClosed], ['Send the figures', 'Completed', true]);
  await conn.sobject('Task').destroy(made.id);
  const error = await raised(conn.sobject('Task').retrieve(made.id));
  assert.strictEqual(error.errorCode, 'ENTITY_IS_DELETED');
});

test('tells what was updated and deleted', async () => {
  const conn = connection();
  const made = await conn.sobject('Task').create({ Subject: 'Soon gone' });
  const [start, end] = [new Date(Date.now() - 86400000), new Date(Date.now() + 86400000)];
  assert.ok((await conn.sobject('Task').updated(start, end)).ids.includes(made.id));
  await conn.sobject('Task').destroy(made.id);
  const gone = await conn.sobject('Task').deleted(start, end);
  assert.ok(gone.deletedRecords.some((one) => one.id === made.id));
});

test('searches', async () => {
  const found = await connection().search('FIND {example} IN EMAIL FIELDS RETURNING Contact(Id, Email)');
  assert.strictEqual(found.searchRecords.length, ROWS);
});

test('meets errors', async () => {
  const conn = connection();
  const codes = {
    MALFORMED_QUERY: () => conn.query('SELECT Id FRM Account'),
    INVALID_FIELD: () => conn.query('SELECT Shoesize FROM Contact'),
    INVALID_TYPE: () => conn.query('SELECT Id FROM Shoe'),
    NOT_FOUND: () => conn.sobject('Account').retrieve('001000000000000AAA'),
    INVALID_SESSION_ID: () => connection({ accessToken: '00D000000000000!nobody' }).limits(),
    REQUIRED_FIELD_MISSING: () => conn.sobject('Contact').create({ FirstName: 'Ava' }),
  };
  for (const [code, call] of Object.entries(codes)) {
    assert.strictEqual((await raised(call())).errorCode, code);
  }
});

test('leaves the quota to its caller', async () => {
  await fault('salesforce', 'rate-limit', { endpoint: 'accounts' });
  const error = await raised(connection().query('SELECT Id FROM Account'));
  assert.strictEqual(error.errorCode, 'REQUEST_LIMIT_EXCEEDED');
});

test('comes back when the server is too busy', async () => {
  await fault('salesforce', 'status=503', { endpoint: 'limits', times: 2 });
  assert.ok((await connection().limits()).DailyApiRequests);
});

test('renews a session', async () => {
  let renewed = 0;
  const refreshFn = (conn, callback) => {
    renewed += 1;
    callback(null, TOKEN);
  };
  const conn = connection({ accessToken: '00D000000000000!expired', refreshFn });
  assert.ok((await conn.limits()).DailyApiRequests);
  assert.strictEqual(renewed, 1);
});
