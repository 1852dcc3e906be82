'use strict';
// @looker/sdk-node logs in, lists, pages, gets, runs queries and fails as its documentation says.

const assert = require('node:assert');
const test = require('node:test');
const { LookerNodeSDK, NodeSettings } = require('@looker/sdk-node');
const { pageAll } = require('@looker/sdk-rtl');
const { ROWS, SANDBOX, fault, raised } = require('./sandbox.js');

console.debug = () => {}; // The client tells its timeouts there.

class Settings extends NodeSettings {
  constructor(known = {}) {
    super('LOOKER', { base_url: `${SANDBOX}/looker`, timeout: '10', ...known });
    this.known = known;
  }

  readConfig() {
    return {
      client_id: process.env.LOOKER_CLIENT_ID,
      client_secret: process.env.LOOKER_CLIENT_SECRET,
      ...this.known,
    };
  }
}

const client = (known) => LookerNodeSDK.init40(new Settings(known));

const query = (others = {}) => ({
  model: 'sales_model',
  view: 'deals_explore',
  fields: ['deal_no', 'deals.name', 'deals.amount'],
  ...others,
});

test('logs in, out, and in again', async () => {
  const sdk = client();
  const me = await sdk.ok(sdk.me());
  assert.ok(me.id);
  assert.ok(sdk.authSession.isAuthenticated());
  await sdk.authSession.logout();
  assert.ok(!sdk.authSession.isAuthenticated());
  assert.strictEqual((await sdk.ok(sdk.me())).id, me.id);
});

test('tells its versions', async () => {
  const sdk = client();
  assert.strictEqual((await sdk.ok(sdk.versions())).current_version.version, '4.0');
});

test('pages to the end', async () => {
  const sdk = client();
  const found = [];
  const sizes = [];
  await pageAll(sdk, () => sdk.all_users({ limit: 3, offset: 0, fields: 'id,email' }), (page) => {
    sizes.push(page.length);
    found.push(...page);
    return page;
  });
  assert.deepStrictEqual(sizes, [3, 3, ROWS - 6]);
  assert.strictEqual(new Set(found.map((user) => user.id)).size, ROWS);
  assert.deepStrictEqual(Object.keys(found[0]).sort(), ['email', 'id']);
});

test('pages by limit and offset', async () => {
  const sdk = client();
  const pages = [];
  for (let offset = 0; offset < ROWS; offset += 5) {
    pages.push(await sdk.ok(sdk.search_looks({ limit: 5, offset, sorts: 'title desc' })));
  }
  const titles = pages.flat().map((look) => look.title);
  assert.deepStrictEqual(pages.map((page) => page.length), [5, ROWS - 5]);
  assert.deepStrictEqual(titles, [...titles].sort().reverse());
});

test('gets by id', async () => {
  const sdk = client();
  const [listed] = await sdk.ok(sdk.all_looks());
  const look = await sdk.ok(sdk.look(listed.id));
  assert.strictEqual(look.title, listed.title);
  assert.strictEqual(look.query.id, listed.query_id);
  const [dashboard] = await sdk.ok(sdk.all_dashboards());
  assert.strictEqual((await sdk.ok(sdk.dashboard(dashboard.id))).title, dashboard.title);
});

test('runs a look as JSON and as CSV', async () => {
  const sdk = client();
  const [{ id }] = await sdk.ok(sdk.all_looks('id'));
  const rows = await sdk.ok(sdk.run_look({ look_id: id, result_format: 'json' }));
  assert.strictEqual(rows.length, ROWS);
  const table = await sdk.ok(sdk.run_look({ look_id: id, result_format: 'csv' }));
  assert.match(table.split('\n')[0], /^Deal no\.,Deals Name/);
  assert.strictEqual(table.trim().split('\n').length, ROWS + 1);
});

test('creates and runs a query', async () => {
  const sdk = client();
  const made = await sdk.ok(sdk.create_query(query({ sorts: ['deals.amount desc'], limit: '4' })));
  const rows = await sdk.ok(sdk.run_query({ query_id: made.id, result_format: 'json' }));
  const amounts = rows.map((row) => row['deals.amount']);
  assert.strictEqual(amounts.length, 4);
  assert.deepStrictEqual(amounts, [...amounts].sort((one, other) => other - one));
});

test('runs an inline query and a query task', async () => {
  const sdk = client();
  const body = query({ fields: ['deals.stage', 'deals.count'] });
  const stages = await sdk.ok(sdk.run_inline_query({ result_format: 'json', body }));
  assert.strictEqual(stages.reduce((sum, row) => sum + row['deals.count'], 0), ROWS);
  const { id } = await sdk.ok(sdk.create_query(query()));
  const task = await sdk.ok(sdk.create_query_task({ body: { query_id: id, result_format: 'json' } }));
  assert.strictEqual((await sdk.ok(sdk.query_task(task.id))).status, 'complete');
  assert.strictEqual((await sdk.ok(sdk.query_task_results(task.id))).length, ROWS);
});

test('sees what it wrote', async () => {
  const sdk = client();
  const [{ id }] = await sdk.ok(sdk.all_looks('id'));
  const changed = await sdk.ok(sdk.update_look(id, { title: 'Read by the board' }));
  assert.strictEqual(changed.title, 'Read by the board');
  assert.strictEqual((await sdk.ok(sdk.look(id))).title, 'Read by the board');
});

test('meets a failed login', async () => {
  for (const wrong of [{ client_id: 'wrong' }, { client_secret: 'wrong' }]) {
    const sdk = client(wrong);
    assert.match((await raised(sdk.ok(sdk.me()))).message, /Not found/);
  }
});

test('meets what is not there', async () => {
  const sdk = client();
  const error = await raised(sdk.ok(sdk.look('999999999')));
  assert.strictEqual(error.name, 'LookerSDKError');
  assert.strictEqual(error.message, 'Not found');
  assert.ok(error.documentation_url);
});

test('meets a validation error', async () => {
  const sdk = client();
  const error = await raised(sdk.ok(sdk.create_query(query({ model: '' }))));
  assert.strictEqual(error.message, 'Validation Failed');
  assert.deepStrictEqual(error.errors.map(({ field, code }) => [field, code]), [['model', 'missing_field']]);
});

test('meets a rate limit', async () => {
  const sdk = client();
  await fault('looker', 'rate-limit; retry-after=1', { endpoint: 'users' });
  assert.match((await raised(sdk.ok(sdk.all_users({})))).message, /Too many requests/);
});

test('comes back after a rate limit', async () => {
  const sdk = client();
  await fault('looker', 'rate-limit; retry-after=1', { endpoint: 'users' });
  const users = await sdk.ok(sdk.all_users({}, { maxTries: 3 }));
  assert.strictEqual(users.length, ROWS);
});
