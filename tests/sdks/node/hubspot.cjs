'use strict';
// @hubspot/api-client lists, pages, searches, gets, writes and fails as its documentation says.

const assert = require('node:assert');
const test = require('node:test');
const { Client } = require('@hubspot/api-client');
const { ROWS, SANDBOX, fault, raised } = require('./sandbox.js');

const BASE = `${SANDBOX}/hubspot`;
const TOKEN = process.env.HUBSPOT_ACCESS_TOKEN;

const client = (options = {}) => new Client({ accessToken: TOKEN, basePath: BASE, ...options });

test('authenticates', async () => {
  const page = await client().crm.owners.ownersApi.getPage(undefined, undefined, 1);
  assert.strictEqual(page.results.length, 1);
  assert.match(page.results[0].email, /@/);
});

test('reads the account by any path', async () => {
  const answer = await client().apiRequest({ path: '/account-info/v3/details' });
  assert.ok((await answer.json()).portalId > 0);
});

test('pages to the end', async () => {
  const sizes = [];
  const ids = new Set();
  let after;
  do {
    const page = await client().crm.contacts.basicApi.getPage(3, after);
    sizes.push(page.results.length);
    page.results.forEach((contact) => ids.add(contact.id));
    after = page.paging?.next?.after;
  } while (after);
  assert.deepStrictEqual(sizes, [3, 3, ROWS - 6]);
  assert.strictEqual(ids.size, ROWS);
});

test('reads all by the loop of the SDK', async () => {
  for (const kind of ['contacts', 'companies', 'deals', 'tickets']) {
    const rows = await client().crm[kind].getAll(5);
    assert.strictEqual(new Set(rows.map((row) => row.id)).size, ROWS);
  }
});

test('gets by id, with properties and associations', async () => {
  const { crm } = client();
  const [deal] = (await crm.deals.basicApi.getPage(1)).results;
  const found = await crm.deals.basicApi.getById(deal.id, ['dealname'], undefined, ['companies']);
  assert.strictEqual(found.id, deal.id);
  assert.ok(found.createdAt instanceof Date);
  assert.strictEqual(typeof found.properties.dealname, 'string');
  const company = await crm.companies.basicApi.getById(found.associations.companies.results[0].id);
  assert.ok(company.properties.name);
});

test('searches by POST', async () => {
  const { crm } = client();
  const [company] = (await crm.companies.basicApi.getPage(1)).results;
  const filter = { propertyName: 'domain', operator: 'EQ', value: company.properties.domain };
  const found = await crm.companies.searchApi.doSearch({ filterGroups: [{ filters: [filter] }] });
  assert.deepStrictEqual([found.total, found.results[0].id], [1, company.id]);
});

test('reads a batch in which one is not there', async () => {
  const { crm } = client();
  const [one] = (await crm.contacts.basicApi.getPage(1)).results;
  const inputs = [{ id: one.id }, { id: '1' }];
  const found = await crm.contacts.batchApi.read({ inputs, properties: ['email'], propertiesWithHistory: [] });
  assert.deepStrictEqual(found.results.map((contact) => contact.id), [one.id]);
  assert.strictEqual(found.numErrors, 1);
});

test('knows properties and pipelines', async () => {
  const { crm } = client();
  const names = (await crm.properties.coreApi.getAll('deals')).results.map((each) => each.name);
  assert.ok(names.includes('dealname'));
  const [pipeline] = (await crm.pipelines.pipelinesApi.getAll('deals')).results;
  assert.ok(pipeline.stages.length > 1);
});

test('writes what is read again', async () => {
  const api = client().crm.contacts.basicApi;
  const values = { email: 'noa.petit@paper-mill.example', firstname: 'Noa' };
  const made = await api.create({ properties: values, associations: [] });
  const changed = await api.update(made.id, { properties: { lastname: 'Petit' } });
  assert.strictEqual(changed.properties.lastname, 'Petit');
  assert.strictEqual((await api.getById(made.id)).properties.firstname, 'Noa');
  const twice = await raised(api.create({ properties: values, associations: [] }));
  assert.strictEqual(twice.code, 409);
  await api.archive(made.id);
  assert.strictEqual((await raised(api.getById(made.id))).code, 404);
});

test('meets a refused token', async () => {
  const error = await raised(client({ accessToken: 'wrong' }).crm.contacts.basicApi.getPage());
  assert.strictEqual(error.code, 401);
  assert.strictEqual(error.body.category, 'INVALID_AUTHENTICATION');
});

test('meets what is not there', async () => {
  const error = await raised(client().crm.contacts.basicApi.getById('1'));
  assert.strictEqual(error.code, 404);
  assert.strictEqual(error.body.category, 'OBJECT_NOT_FOUND');
  assert.strictEqual(error.headers['x-hubspot-correlation-id'], error.body.correlationId);
});

test('meets a rate limit', async () => {
  await fault('hubspot', 'rate-limit');
  const error = await raised(client().crm.contacts.basicApi.getPage());
  assert.strictEqual(error.code, 429);
  assert.strictEqual(error.body.policyName, 'TEN_SECONDLY_ROLLING');
});

test('comes back after a rate limit', { timeout: 30000 }, async () => {
  await fault('hubspot', 'rate-limit');
  const page = await client({ numberOfApiCallRetries: 2 }).crm.contacts.basicApi.getPage(1);
  assert.strictEqual(page.results.length, 1);
});

test('comes back after the limit of searches a second', async () => {
  const api = client({ numberOfApiCallRetries: 4 }).crm.deals.searchApi;
  const pages = await Promise.all(Array.from({ length: 7 }, () => api.doSearch({ limit: 1 })));
  assert.strictEqual(pages.length, 7);
});
