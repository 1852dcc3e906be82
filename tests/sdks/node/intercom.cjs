'use strict';
// intercom-client lists, pages, searches, gets, writes and fails as its documentation says.

const assert = require('node:assert');
const test = require('node:test');
const { Intercom, IntercomClient, IntercomError } = require('intercom-client');
const { ROWS, SANDBOX, fault, raised } = require('./sandbox.js');

const BASE = `${SANDBOX}/intercom`;
const TOKEN = process.env.INTERCOM_ACCESS_TOKEN;

const client = (options = {}) => new IntercomClient({ token: TOKEN, baseUrl: BASE, ...options });

async function all(page) {
  const items = [];
  for await (const item of page) items.push(item);
  return items;
}

const distinct = (items) => new Set(items.map((item) => item.id)).size;
const where = (field, operator, value) => ({ field, operator, value });

test('authenticates', async () => {
  const me = await client().admins.identify();
  assert.strictEqual(me.type, 'admin');
  assert.strictEqual(me.app.type, 'app');
});

test('pages to the end', async () => {
  assert.strictEqual(distinct(await all(await client().contacts.list({ per_page: 3 }))), ROWS);
  assert.strictEqual(distinct(await all(await client().conversations.list({ per_page: 3 }))), ROWS);
});

test('lists by page number', async () => {
  assert.strictEqual(distinct(await all(await client().companies.list({ per_page: 3 }))), ROWS);
  assert.strictEqual(distinct(await all(await client().articles.list({ per_page: 3 }))), ROWS);
});

test('scrolls to the end', async () => {
  // By hand: the loop of the SDK (7.0.3) goes on after the empty page, when the scroll is gone.
  const page = await client().companies.scroll();
  const ids = new Set();
  while (page.data.length) {
    page.data.forEach((company) => ids.add(company.id));
    await page.getNextPage();
  }
  assert.strictEqual(ids.size, ROWS);
});

test('has one scroll at a time', async () => {
  const intercom = client();
  const page = await intercom.companies.scroll();
  const error = await raised(intercom.companies.scroll());
  assert.strictEqual(error.statusCode, 400);
  assert.strictEqual(error.body.errors[0].code, 'scroll_exists');
  await page.getNextPage();
  assert.deepStrictEqual(page.data, []);
});

test('searches what was updated since, the oldest first', async () => {
  const intercom = client();
  const query = { operator: 'AND', value: [where('updated_at', '>', 0)] };
  const sort = { field: 'updated_at', order: 'ascending' };
  const found = await all(await intercom.conversations.search({ query, sort, pagination: { per_page: 3 } }));
  assert.strictEqual(distinct(found), ROWS);
  const times = found.map((conversation) => conversation.updated_at);
  assert.deepStrictEqual(times, [...times].sort((one, other) => one - other));
  const later = { operator: 'AND', value: [where('updated_at', '>', times[3])] };
  const rest = await all(await intercom.conversations.search({ query: later, sort, pagination: { per_page: 2 } }));
  assert.deepStrictEqual(
    rest.map((one) => one.id),
    found.filter((one) => one.updated_at > times[3]).map((one) => one.id),
  );
});

test('searches with groups and operators', async () => {
  const intercom = client();
  const [contact] = (await intercom.contacts.list({ per_page: 1 })).data;
  const either = { operator: 'OR', value: [where('email', '=', contact.email), where('email', '^', contact.email.slice(0, 9))] };
  const query = { operator: 'AND', value: [where('role', 'IN', ['user', 'lead']), either] };
  const found = await all(await intercom.contacts.search({ query, pagination: { per_page: 1 } }));
  assert.ok(found.some((one) => one.id === contact.id));
  const tickets = await all(await intercom.tickets.search({ query: where('open', '=', true), pagination: { per_page: 2 } }));
  assert.ok(tickets.length > 0 && tickets.every((ticket) => ticket.open));
});

test('gets by id', async () => {
  const intercom = client();
  const [contact] = (await intercom.contacts.list({ per_page: 1 })).data;
  assert.strictEqual((await intercom.contacts.find({ contact_id: contact.id })).id, contact.id);
  const [conversation] = (await intercom.conversations.list({ per_page: 1 })).data;
  const whole = await intercom.conversations.find({ conversation_id: conversation.id, display_as: 'plaintext' });
  assert.ok(whole.conversation_parts.total_count > 0);
  assert.doesNotMatch(whole.source.body, /</);
  const [type] = (await intercom.ticketTypes.list()).data;
  assert.strictEqual((await intercom.ticketTypes.get({ ticket_type_id: type.id })).id, type.id);
});

test('lists what comes whole', async () => {
  const intercom = client();
  assert.strictEqual(distinct((await intercom.admins.list()).admins), ROWS);
  assert.ok(distinct((await intercom.tags.list()).data) >= ROWS);
  assert.strictEqual(distinct((await intercom.teams.list()).teams), ROWS);
  assert.strictEqual(distinct((await intercom.segments.list()).segments), ROWS);
  const attributes = (await intercom.dataAttributes.list({ model: 'company' })).data;
  assert.ok(attributes.length > 0 && attributes.every((attribute) => attribute.model === 'company'));
});

test('writes contacts', async () => {
  const intercom = client();
  const email = `zed.${Date.now()}@example.com`;
  const made = await intercom.contacts.create({ email, name: 'Zed' });
  await intercom.contacts.update({ contact_id: made.id, name: 'Zed II' });
  const found = await intercom.contacts.search({ query: where('email', '=', email) });
  assert.deepStrictEqual(found.data.map((contact) => contact.name), ['Zed II']);
  const error = await raised(intercom.contacts.create({ email }));
  assert.strictEqual(error.statusCode, 409);
  assert.strictEqual(error.body.errors[0].code, 'conflict');
});

test('tags a conversation and replies', async () => {
  const intercom = client();
  const [conversation] = (await intercom.conversations.list({ per_page: 1 })).data;
  const [admin] = (await intercom.admins.list()).admins;
  const tag = await intercom.tags.create({ name: `vip-${Date.now()}` });
  const ids = { conversation_id: conversation.id, id: tag.id, admin_id: admin.id };
  assert.strictEqual((await intercom.tags.tagConversation(ids)).id, tag.id);
  const found = await intercom.conversations.search({ query: where('tag_ids', '=', tag.id) });
  assert.deepStrictEqual(found.data.map((one) => one.id), [conversation.id]);
  const body = { message_type: 'comment', type: 'admin', admin_id: admin.id, body: 'Looking.' };
  const answer = await intercom.conversations.reply({ conversation_id: conversation.id, body });
  assert.strictEqual(answer.conversation_parts.conversation_parts.at(-1).body, '<p>Looking.</p>');
});

test('meets a refused token', async () => {
  const error = await raised(client({ token: 'wrong' }).contacts.list());
  assert.ok(error instanceof IntercomError);
  assert.strictEqual(error.statusCode, 401);
  assert.strictEqual(error.body.errors[0].code, 'unauthorized');
  assert.strictEqual(error.rawResponse.headers.get('x-ratelimit-limit'), null);
});

test('meets what is not there', async () => {
  const error = await raised(client().companies.find({ company_id: 'nobody' }));
  assert.ok(error instanceof Intercom.NotFoundError);
  assert.strictEqual(error.statusCode, 404);
  assert.strictEqual(error.body.errors[0].code, 'company_not_found');
});

test('meets what is invalid', async () => {
  const error = await raised(client().contacts.search({ query: where('nonsense', '=', 'x') }));
  assert.strictEqual(error.statusCode, 400);
  assert.strictEqual(error.body.errors[0].code, 'parameter_invalid');
  const version = await raised(client({ version: '9.9' }).contacts.list());
  assert.strictEqual(version.body.errors[0].code, 'intercom_version_invalid');
});

test('meets a rate limit', async () => {
  await fault('intercom', 'rate-limit');
  const error = await raised(client({ maxRetries: 0 }).contacts.list());
  assert.strictEqual(error.statusCode, 429);
  assert.strictEqual(error.body.errors[0].code, 'rate_limit_exceeded');
});

test('comes back after a rate limit by itself', async () => {
  await fault('intercom', 'rate-limit; retry-after=1');
  const before = Date.now();
  assert.strictEqual((await client().contacts.list({ per_page: 1 })).data.length, 1);
  assert.ok(Date.now() - before >= 500);
});
