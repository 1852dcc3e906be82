'use strict';
// @notionhq/client lists, pages, queries, gets, writes and fails as its documentation says.

const assert = require('node:assert');
const test = require('node:test');
const {
  APIErrorCode,
  Client,
  collectPaginatedAPI,
  isFullPage,
  iteratePaginatedAPI,
} = require('@notionhq/client');
const { ROWS, SANDBOX, fault, raised } = require('./sandbox.js');

const BASE = `${SANDBOX}/notion`;
const TOKEN = process.env.NOTION_TOKEN;

const client = (options = {}) => new Client({ auth: TOKEN, baseUrl: BASE, logLevel: 'error', ...options });

const kind = (value) => ({ property: 'object', value });

async function dataSource(notion) {
  return (await notion.search({ filter: kind('data_source'), page_size: 1 })).results[0];
}

test('authenticates', async () => {
  assert.strictEqual((await client().users.me({})).type, 'bot');
});

test('pages to the end', async () => {
  const users = await collectPaginatedAPI(client().users.list, { page_size: 3 });
  assert.strictEqual(new Set(users.map((user) => user.id)).size, ROWS);
});

test('searches by POST', async () => {
  const ids = new Set();
  for await (const page of iteratePaginatedAPI(client().search, { filter: kind('page'), page_size: 2 })) {
    assert.ok(isFullPage(page));
    ids.add(page.id);
  }
  assert.ok(ids.size >= ROWS);
});

test('queries a data source with a filter and a sort', async () => {
  const notion = client();
  const source = await dataSource(notion);
  const rows = await collectPaginatedAPI(notion.dataSources.query, {
    data_source_id: source.id,
    filter: { and: [{ property: 'Stage', status: { equals: 'Done' } }, { timestamp: 'created_time', created_time: { after: '2020-01-01' } }] },
    sorts: [{ property: 'Estimate', direction: 'descending' }],
    page_size: 1,
  });
  assert.ok(rows.length > 0 && rows.length < ROWS);
  const estimates = rows.map((row) => row.properties.Estimate.number);
  assert.deepStrictEqual(estimates, [...estimates].sort((one, other) => other - one));
  assert.ok(rows.every((row) => row.properties.Stage.status.name === 'Done'));
});

test('gets by id', async () => {
  const notion = client();
  const source = await dataSource(notion);
  assert.strictEqual((await notion.dataSources.retrieve({ data_source_id: source.id })).id, source.id);
  const database = await notion.databases.retrieve({ database_id: source.parent.database_id });
  assert.strictEqual(database.data_sources[0].id, source.id);
  const [row] = (await notion.dataSources.query({ data_source_id: source.id, page_size: 1 })).results;
  const page = await notion.pages.retrieve({ page_id: row.id.replaceAll('-', '') });
  assert.strictEqual(page.id, row.id);
  const blocks = await collectPaginatedAPI(notion.blocks.children.list, { block_id: page.id, page_size: 3 });
  assert.strictEqual(blocks.length, ROWS);
  const above = blocks.find((block) => block.has_children);
  const below = await notion.blocks.children.list({ block_id: above.id });
  assert.ok(below.results.length > 0);
  assert.strictEqual((await notion.blocks.retrieve({ block_id: below.results[0].id })).parent.block_id, above.id);
});

test('keeps to the properties that were chosen', async () => {
  const notion = client();
  const source = await dataSource(notion);
  const [row] = (await notion.dataSources.query({ data_source_id: source.id, filter_properties: ['title'], page_size: 1 }))
    .results;
  assert.deepStrictEqual(Object.keys(row.properties), ['Name']);
});

test('speaks the version of databases too', async () => {
  const old = client({ notionVersion: '2022-06-28' });
  const ask = (path, body) => old.request({ path, method: 'post', body });
  const [found] = (await ask('search', { filter: kind('database'), page_size: 1 })).results;
  assert.strictEqual(found.object, 'database');
  assert.ok(found.properties.Name);
  const answer = await ask(`databases/${found.id}/query`, { page_size: 1 });
  assert.strictEqual(answer.type, 'page_or_database');
  assert.deepStrictEqual(answer.results[0].parent, { type: 'database_id', database_id: found.id });
});

test('writes a page, its blocks and a comment, and finds them again', async () => {
  const notion = client();
  const source = await dataSource(notion);
  const made = await notion.pages.create({
    parent: { data_source_id: source.id },
    properties: {
      Name: { title: [{ text: { content: 'Zebra crossing' } }] },
      Stage: { status: { name: 'Doing' } },
      Estimate: { number: 77.5 },
    },
    children: [{ paragraph: { rich_text: [{ text: { content: 'First.' } }] } }],
  });
  const query = { data_source_id: source.id, filter: { property: 'Estimate', number: { equals: 77.5 } } };
  assert.deepStrictEqual((await notion.dataSources.query(query)).results.map((row) => row.id), [made.id]);
  assert.ok((await notion.search({ query: 'zebra' })).results.some((row) => row.id === made.id));
  await notion.blocks.children.append({
    block_id: made.id,
    children: [{ to_do: { rich_text: [{ text: { content: 'Second.' } }], checked: true } }],
  });
  const blocks = (await notion.blocks.children.list({ block_id: made.id })).results;
  assert.deepStrictEqual(blocks.map((block) => block.type), ['paragraph', 'to_do']);
  const comment = await notion.comments.create({ parent: { page_id: made.id }, rich_text: [{ text: { content: 'Good.' } }] });
  const comments = (await notion.comments.list({ block_id: made.id })).results;
  assert.deepStrictEqual(comments.map((one) => one.id), [comment.id]);
  const updated = await notion.pages.update({ page_id: made.id, properties: { Estimate: { number: 5 } } });
  assert.strictEqual(updated.properties.Estimate.number, 5);
  assert.strictEqual((await notion.pages.update({ page_id: made.id, in_trash: true })).in_trash, true);
  assert.deepStrictEqual((await notion.search({ query: 'zebra' })).results.filter((row) => row.id === made.id), []);
});

test('meets a refused token', async () => {
  const error = await raised(client({ auth: 'ntn_wrong' }).users.me({}));
  assert.strictEqual(error.code, APIErrorCode.Unauthorized);
  assert.strictEqual(error.status, 401);
});

test('meets what is not there', async () => {
  const id = '00000000-0000-4000-8000-000000000000';
  const error = await raised(client().pages.retrieve({ page_id: id }));
  assert.strictEqual(error.code, APIErrorCode.ObjectNotFound);
  assert.strictEqual(error.status, 404);
  assert.ok(error.message.includes(id));
});

test('meets what is invalid', async () => {
  const notion = client();
  const source = await dataSource(notion);
  const filter = { property: 'Nobody', title: { equals: 'x' } };
  const error = await raised(notion.dataSources.query({ data_source_id: source.id, filter }));
  assert.strictEqual(error.code, APIErrorCode.ValidationError);
  const cursor = await raised(notion.users.list({ start_cursor: '00000000-0000-4000-8000-000000000000' }));
  assert.strictEqual(cursor.code, APIErrorCode.ValidationError);
  const unknown = await raised(notion.request({ path: 'invalid', method: 'get' }));
  assert.strictEqual(unknown.code, APIErrorCode.InvalidRequestURL);
});

test('meets a rate limit', async () => {
  await fault('notion', 'rate-limit; retry-after=3');
  const error = await raised(client({ retry: false }).users.list({}));
  assert.strictEqual(error.code, APIErrorCode.RateLimited);
  assert.strictEqual(error.status, 429);
});

test('comes back after a rate limit by itself', async () => {
  await fault('notion', 'rate-limit; retry-after=1');
  const before = Date.now();
  assert.strictEqual((await client().users.me({})).object, 'user');
  assert.ok(Date.now() - before >= 900);
});
