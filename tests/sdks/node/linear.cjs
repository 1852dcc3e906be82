'use strict';
// @linear/sdk lists, pages, follows relations, filters, writes and fails as its documentation says. It has no retry of
// its own: a rate limit is an error that says when to come back.

const assert = require('node:assert');
const test = require('node:test');
const sdk = require('@linear/sdk');
const { ROWS, SANDBOX, fault, raised } = require('./sandbox.js');

const TOKEN = process.env.LINEAR_API_KEY;
const UNKNOWN = '00000000-0000-4000-8000-000000000000';

const client = (options = {}) => new sdk.LinearClient({ apiKey: TOKEN, apiUrl: `${SANDBOX}/linear/graphql`, ...options });

const first = async (connection) => (await connection).nodes[0];

// Issues that the world made up, and none that another test created.
async function someIssue(filter = {}) {
  return first(client().issues({ first: 1, filter: { ...filter, creator: { null: false } } }));
}

test('authenticates', async () => {
  const viewer = await client().viewer;
  assert.ok(viewer.isMe);
  assert.match(viewer.email, /@example\.com$/);
  assert.ok(viewer.createdAt instanceof Date);
});

test('reads the organization', async () => {
  const organization = await client().organization;
  assert.ok(organization.urlKey);
  assert.strictEqual((await organization.users()).nodes.length, ROWS);
});

test('pages to the end', async () => {
  const page = await client().projects({ first: 3 });
  const sizes = [page.nodes.length];
  while (page.pageInfo.hasNextPage) {
    const before = page.nodes.length;
    await page.fetchNext();
    sizes.push(page.nodes.length - before);
  }
  assert.deepStrictEqual(sizes, [3, 3, ROWS - 6]);
  assert.strictEqual(new Set(page.nodes.map((project) => project.id)).size, ROWS);
});

test('pages backwards', async () => {
  const all = await client().teams({ first: ROWS });
  const page = await client().teams({ last: 2 });
  assert.deepStrictEqual(
    page.nodes.map((team) => team.id),
    all.nodes.slice(-2).map((team) => team.id),
  );
  assert.ok(page.pageInfo.hasPreviousPage);
});

test('reads every list that it has a method for', async () => {
  const lists = ['teams', 'users', 'projects', 'issues', 'cycles', 'workflowStates', 'issueLabels', 'comments'];
  lists.push('initiatives', 'customers', 'attachments', 'projectMilestones');
  for (const name of lists) {
    const page = await client()[name]({ first: 2 });
    assert.strictEqual(page.nodes.length, 2, name);
    assert.ok(page.nodes[0].createdAt instanceof Date, name);
  }
});

test('gets by id and by identifier', async () => {
  const listed = await someIssue();
  assert.strictEqual((await client().issue(listed.id)).title, listed.title);
  assert.strictEqual((await client().issue(listed.identifier)).id, listed.id);
});

test('follows relations', async () => {
  const issue = await someIssue({ assignee: { null: false } });
  const team = await issue.team;
  const assignee = await issue.assignee;
  assert.ok(issue.identifier.startsWith(`${team.key}-`));
  assert.ok((await issue.state).type);
  assert.ok((await assignee.assignedIssues({ first: 250 })).nodes.some((one) => one.id === issue.id));
  assert.ok((await team.issues({ first: 250 })).nodes.some((one) => one.id === issue.id));
  assert.deepStrictEqual(
    (await issue.labels()).nodes.map((label) => label.id),
    issue.labelIds,
  );
});

test('filters', async () => {
  const issue = await someIssue();
  const team = await issue.team;
  const filter = { team: { key: { eq: team.key } }, number: { lte: issue.number }, title: { contains: issue.title } };
  const found = (await client().issues({ filter })).nodes;
  assert.ok(found.some((one) => one.id === issue.id));
  const none = await client().issues({ filter: { team: { key: { eq: 'NOSUCH' } } } });
  assert.deepStrictEqual(none.nodes, []);
});

test('searches', async () => {
  const issue = await someIssue();
  const found = await client().searchIssues(issue.title);
  assert.ok(found.nodes.some((one) => one.id === issue.id));
});

test('writes what later reads show', async () => {
  const team = await first(client().teams({ first: 1 }));
  const label = await first(client().issueLabels({ first: 1 }));
  const made = await client().createIssue({ teamId: team.id, title: 'Ask for the sheet', priority: 2 });
  assert.ok(made.success);
  const issue = await made.issue;
  assert.strictEqual(issue.priorityLabel, 'High');
  assert.ok(issue.identifier.startsWith(`${team.key}-`));
  const said = await client().createComment({ issueId: issue.id, body: 'On its way.' });
  assert.ok(said.success);
  await client().updateIssue(issue.id, { title: 'Ask for both sheets', labelIds: [label.id] });
  const read = await client().issue(issue.identifier);
  assert.strictEqual(read.title, 'Ask for both sheets');
  assert.deepStrictEqual(read.labelIds, [label.id]);
  assert.deepStrictEqual(
    (await read.comments()).nodes.map((comment) => comment.body),
    ['On its way.'],
  );
  await client().archiveIssue(issue.id);
  const listed = async (includeArchived) => (await client().issues({ first: 250, includeArchived })).nodes;
  assert.ok(!(await listed(false)).some((one) => one.id === issue.id));
  assert.ok((await listed(true)).some((one) => one.id === issue.id));
});

test('asks for anything in its own words', async () => {
  const query = 'query($n: Int!) { issues(first: $n) { nodes { ...I } } } fragment I on Issue { id team { key } }';
  const answer = await client().client.rawRequest(query, { n: 2 });
  assert.strictEqual(answer.data.issues.nodes.length, 2);
  assert.ok(Number(answer.headers.get('x-complexity')) > 0);
  assert.ok(Number(answer.headers.get('x-ratelimit-complexity-remaining')) > 0);
});

test('is told its budgets', async () => {
  const status = await client().rateLimitStatus;
  assert.ok(status.limits.every((limit) => limit.allowedAmount >= limit.remainingAmount));
});

test('meets what is not there', async () => {
  const error = await raised(client().issue(UNKNOWN));
  assert.ok(error instanceof sdk.InvalidInputLinearError);
  assert.match(error.message, /Entity not found: Issue/);
  assert.deepStrictEqual(error.errors[0].path, ['issue']);
});

test('meets a refused key', async () => {
  const error = await raised(client({ apiKey: 'lin_api_wrong' }).viewer);
  assert.ok(error instanceof sdk.AuthenticationLinearError);
  assert.strictEqual(error.status, 401);
});

test('meets a field that is not there', async () => {
  const error = await raised(client().client.rawRequest('{ viewer { nosuch } }'));
  assert.ok(error instanceof sdk.GraphqlLinearError);
  assert.strictEqual(error.status, 400);
  assert.match(error.message, /Cannot query field "nosuch" on type "User"/);
});

test('meets a query that costs too much', async () => {
  const query = '{ issues(first: 250) { nodes { comments(first: 250) { nodes { body } } } } }';
  const error = await raised(client().client.rawRequest(query));
  assert.ok(error instanceof sdk.InvalidInputLinearError);
  assert.match(error.message, /too complex/);
});

test('meets a rate limit, and comes back', async () => {
  await fault('linear', 'rate-limit; retry-after=1');
  const error = await raised(client().viewer);
  assert.ok(error instanceof sdk.RatelimitedLinearError);
  assert.strictEqual(error.status, 400);
  assert.strictEqual(error.requestsRemaining, 0);
  assert.strictEqual(error.complexityLimit, 2000000);
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, error.requestsResetAt - Date.now())));
  assert.ok((await client().viewer).id);
});

test('meets a server that fails', async () => {
  await fault('linear', 'status=503');
  const error = await raised(client().viewer);
  assert.ok(error instanceof sdk.LinearError);
  assert.strictEqual(error.status, 503);
});
