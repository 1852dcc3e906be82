'use strict';
// asana lists, pages, gets, writes and fails as its documentation says. It has no retry of its own.

const assert = require('node:assert');
const test = require('node:test');
const asana = require('asana');
const { ROWS, SANDBOX, fault, raised } = require('./sandbox.js');

const TOKEN = process.env.ASANA_ACCESS_TOKEN;

function client(token = TOKEN) {
  const made = new asana.ApiClient();
  made.basePath = `${SANDBOX}/asana/api/1.0`;
  made.authentications.token.accessToken = token;
  return made;
}

// The status of the error that is raised; its body is Asana's own.
async function refused(promise) {
  const error = await raised(promise);
  assert.ok(error.response.body.errors.every((one) => one.message && one.help));
  return error.status;
}

const workspaceOf = async (api) => (await new asana.WorkspacesApi(api).getWorkspaces({ limit: 1 })).data[0].gid;

async function projectOf(api) {
  const options = { workspace: await workspaceOf(api), limit: 1 };
  return (await new asana.ProjectsApi(api).getProjects(options)).data[0].gid;
}

// Every page of a collection.
async function pages(promise) {
  const found = [];
  for (let page = await promise; page.data; page = await page.nextPage()) {
    found.push(page.data);
  }
  return found;
}

test('authenticates', async () => {
  const me = await new asana.UsersApi(client()).getUser('me', { opt_fields: 'email' });
  assert.deepStrictEqual(Object.keys(me.data).sort(), ['email', 'gid']);
});

test('pages to the end', async () => {
  const found = await pages(new asana.WorkspacesApi(client()).getWorkspaces({ limit: 3 }));
  assert.deepStrictEqual(found.map((page) => page.length), [3, 3, ROWS - 6]);
  assert.strictEqual(new Set(found.flat().map((row) => row.gid)).size, ROWS);
});

test('pages through the tasks of a project', async () => {
  const api = client();
  const found = await pages(new asana.TasksApi(api).getTasks({ project: await projectOf(api), limit: 3 }));
  const tasks = found.flat();
  assert.ok(tasks.length >= ROWS);
  assert.strictEqual(new Set(tasks.map((task) => task.gid)).size, tasks.length);
  assert.deepStrictEqual(Object.keys(tasks[0]).sort(), ['gid', 'name', 'resource_subtype', 'resource_type']);
});

test('filters tasks', async () => {
  const api = client();
  const tasks = new asana.TasksApi(api);
  const options = { project: await projectOf(api), limit: 100, opt_fields: 'completed,modified_at' };
  const all = (await tasks.getTasks(options)).data;
  const open = (await tasks.getTasks({ ...options, completed_since: 'now' })).data;
  assert.deepStrictEqual(open, all.filter((task) => !task.completed));
  const since = all.map((task) => task.modified_at).sort()[2];
  const changed = (await tasks.getTasks({ ...options, modified_since: since })).data;
  assert.deepStrictEqual(changed, all.filter((task) => task.modified_at >= since));
});

test('gets by id', async () => {
  const api = client();
  const tasks = new asana.TasksApi(api);
  const [listed] = (await tasks.getTasks({ project: await projectOf(api), limit: 1 })).data;
  const whole = (await tasks.getTask(listed.gid)).data;
  assert.strictEqual(whole.gid, listed.gid);
  assert.ok(whole.memberships[0].section.gid);
  const some = (await tasks.getTask(listed.gid, { opt_fields: 'name,workspace.name' })).data;
  assert.deepStrictEqual(some, {
    gid: listed.gid,
    name: listed.name,
    workspace: { gid: whole.workspace.gid, name: whole.workspace.name },
  });
});

test('writes a task and a comment, and finds them again', async () => {
  const api = client();
  const [tasks, stories, project] = [new asana.TasksApi(api), new asana.StoriesApi(api), await projectOf(api)];
  const made = (await tasks.createTask({ data: { name: 'Check the figures', projects: [project], assignee: 'me' } })).data;
  const listed = (await tasks.getTasks({ project, limit: 100 })).data;
  assert.strictEqual(listed.at(-1).gid, made.gid);
  const changed = (await tasks.updateTask({ data: { completed: true } }, made.gid)).data;
  assert.strictEqual(changed.completed, true);
  assert.ok(changed.completed_at);
  await stories.createStoryForTask({ data: { text: 'All of them.' } }, made.gid);
  const comments = (await stories.getStoriesForTask(made.gid, { limit: 10 })).data;
  assert.deepStrictEqual(comments.map((story) => story.text), ['All of them.']);
  const [tag] = (await new asana.TagsApi(api).getTags({ workspace: await workspaceOf(api), limit: 2 })).data.slice(1);
  await tasks.addTagForTask({ data: { tag: tag.gid } }, made.gid);
  assert.deepStrictEqual((await tasks.getTask(made.gid, { opt_fields: 'tags.name' })).data.tags, [
    { gid: tag.gid, name: tag.name },
  ]);
  await tasks.deleteTask(made.gid);
  assert.strictEqual(await refused(tasks.getTask(made.gid)), 404);
});

test('asks for several things at once', async () => {
  const actions = ['/users/me', '/tasks/404'].map((path) => ({ relative_path: path, method: 'get' }));
  const answer = await new asana.BatchAPIApi(client()).createBatchRequest({ data: { actions } });
  assert.deepStrictEqual(answer.data.map((one) => one.status_code), [200, 404]);
});

test('follows events', async () => {
  const api = client();
  const [events, tasks, project] = [new asana.EventsApi(api), new asana.TasksApi(api), await projectOf(api)];
  const error = await raised(events.getEvents(project));
  assert.strictEqual(error.status, 412);
  const made = (await tasks.createTask({ data: { name: 'Follow the figures', projects: [project] } })).data;
  const answer = await events.getEvents(project, { sync: error.response.body.sync });
  await tasks.deleteTask(made.gid);
  assert.deepStrictEqual(answer.data.map((event) => [event.action, event.resource.gid]), [['added', made.gid]]);
});

test('meets a refused token', async () => {
  assert.strictEqual(await refused(new asana.UsersApi(client('wrong')).getUser('me')), 401);
});

test('meets what is not there', async () => {
  assert.strictEqual(await refused(new asana.TasksApi(client()).getTask('404')), 404);
});

test('meets what is invalid', async () => {
  const api = client();
  assert.strictEqual(await refused(new asana.TasksApi(api).getTask('no-number')), 400);
  assert.strictEqual(await refused(new asana.TasksApi(api).getTasks({ limit: 3 })), 400);
  assert.strictEqual(await refused(new asana.WorkspacesApi(api).getWorkspaces({ limit: 101 })), 400);
  assert.strictEqual(await refused(new asana.WorkspacesApi(api).getWorkspaces({ limit: 3, offset: 'foreign' })), 400);
  assert.strictEqual(await refused(new asana.TasksApi(api).createTask({ data: { name: 'Nowhere' } })), 400);
});

test('meets a rate limit, waits as it is told, and comes back', async () => {
  await fault('asana', 'rate-limit; retry-after=1');
  const users = new asana.UsersApi(client());
  const error = await raised(users.getUser('me'));
  assert.strictEqual(error.status, 429);
  const seconds = Number(error.response.headers['retry-after']);
  assert.strictEqual(seconds, 1);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  assert.ok((await users.getUser('me')).data.gid);
});
