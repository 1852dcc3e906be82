'use strict';
// @slack/web-api lists, pages, gets, writes and fails as its documentation says.

const assert = require('node:assert');
const test = require('node:test');
const { ErrorCode, LogLevel, WebClient, retryPolicies } = require('@slack/web-api');
const { ROWS, SANDBOX, fault, raised } = require('./sandbox.js');

const TOKEN = process.env.SLACK_BOT_TOKEN;

const client = (options = {}, token = TOKEN) =>
  new WebClient(token, { slackApiUrl: `${SANDBOX}/slack/api/`, logLevel: LogLevel.ERROR, ...options });

// The code that Slack answers with `ok: false`, which the client raises as a platform error.
async function refused(promise) {
  const error = await raised(promise);
  assert.strictEqual(error.code, ErrorCode.PlatformError);
  assert.strictEqual(error.data.ok, false);
  return error.data.error;
}

async function firstChannel(slack) {
  return (await slack.conversations.list({ limit: 1 })).channels[0].id;
}

test('authenticates', async () => {
  const answer = await client().auth.test();
  assert.strictEqual(answer.ok, true);
  assert.match(answer.user_id, /^U/);
  assert.ok(answer.response_metadata.scopes.includes('channels:history'));
});

test('pages to the end', async () => {
  const ids = new Set();
  const sizes = [];
  for await (const page of client().paginate('users.list', { limit: 5 })) {
    sizes.push(page.members.length);
    page.members.forEach((member) => ids.add(member.id));
  }
  assert.deepStrictEqual(sizes, [5, ROWS - 5]);
  assert.strictEqual(ids.size, ROWS);
});

test('pages through messages, newest first', async () => {
  const slack = client();
  const channel = await firstChannel(slack);
  const times = [];
  for await (const page of slack.paginate('conversations.history', { channel, limit: 3 })) {
    times.push(...page.messages.map((message) => message.ts));
  }
  assert.ok(times.length >= ROWS);
  assert.deepStrictEqual(times, [...times].sort().reverse());
  const span = { channel, oldest: times[3], latest: times[1] };
  const inside = (await slack.conversations.history(span)).messages.map((message) => message.ts);
  const whole = (await slack.conversations.history({ ...span, inclusive: true })).messages.map((message) => message.ts);
  assert.deepStrictEqual([inside, whole], [times.slice(2, 3), times.slice(1, 4)]);
});

test('reads a thread', async () => {
  const slack = client();
  const channel = await firstChannel(slack);
  const { messages } = await slack.conversations.history({ channel });
  const first = messages.find((message) => message.reply_count);
  const thread = (await slack.conversations.replies({ channel, ts: first.ts })).messages;
  assert.strictEqual(thread.length, first.reply_count + 1);
  assert.strictEqual(thread.at(-1).ts, first.latest_reply);
});

test('gets by id', async () => {
  const slack = client();
  const channel = await firstChannel(slack);
  assert.strictEqual((await slack.conversations.info({ channel })).channel.id, channel);
  const { members } = await slack.conversations.members({ channel, limit: 1 });
  const { user } = await slack.users.info({ user: members[0] });
  assert.strictEqual(user.id, members[0]);
  assert.strictEqual((await slack.users.lookupByEmail({ email: user.profile.email })).user.id, user.id);
  const [file] = (await slack.files.list({ count: 1, page: 2 })).files;
  assert.strictEqual((await slack.files.info({ file: file.id })).file.id, file.id);
});

test('writes a message, and finds it again', async () => {
  const slack = client();
  const channel = await firstChannel(slack);
  const { ts } = await slack.chat.postMessage({ channel, text: 'The figures are in.' });
  const newest = async () => (await slack.conversations.history({ channel, limit: 1 })).messages[0];
  assert.strictEqual((await newest()).text, 'The figures are in.');
  await slack.chat.postMessage({ channel, thread_ts: ts, text: 'All of them?' });
  assert.strictEqual((await slack.conversations.replies({ channel, ts })).messages.at(-1).text, 'All of them?');
  await slack.chat.update({ channel, ts, text: 'The figures are nearly in.' });
  await slack.reactions.add({ channel, timestamp: ts, name: 'eyes' });
  const found = await newest();
  assert.strictEqual(found.text, 'The figures are nearly in.');
  assert.strictEqual(found.reply_count, 1);
  assert.deepStrictEqual(found.reactions.map((reaction) => reaction.name), ['eyes']);
  await slack.chat.delete({ channel, ts });
  assert.notStrictEqual((await newest()).ts, ts);
  assert.strictEqual(await refused(slack.chat.delete({ channel, ts })), 'message_not_found');
});

test('meets a refused token', async () => {
  assert.strictEqual(await refused(client({}, 'xoxb-wrong').auth.test()), 'invalid_auth');
  assert.strictEqual(await refused(client({}, '').auth.test()), 'not_authed');
});

test('meets what is not there', async () => {
  const slack = client();
  const channel = await firstChannel(slack);
  const calls = {
    user_not_found: () => slack.users.info({ user: 'U0NOBODY00' }),
    users_not_found: () => slack.users.lookupByEmail({ email: 'nobody@example.com' }),
    channel_not_found: () => slack.conversations.history({ channel: 'C0NOWHERE0' }),
    thread_not_found: () => slack.conversations.replies({ channel, ts: '1111111111.000000' }),
    file_not_found: () => slack.files.info({ file: 'F0NOTHING0' }),
    unknown_method: () => slack.apiCall('numbers.count'),
  };
  for (const [code, call] of Object.entries(calls)) {
    assert.strictEqual(await refused(call()), code);
  }
});

test('meets what is invalid', async () => {
  const slack = client();
  const channel = await firstChannel(slack);
  assert.strictEqual(await refused(slack.conversations.history({ channel, limit: 5000 })), 'invalid_limit');
  assert.strictEqual(await refused(slack.conversations.history({ channel, cursor: 'bm90IG91cnM=' })), 'invalid_cursor');
  assert.strictEqual(await refused(slack.conversations.list({ types: 'secret' })), 'invalid_types');
  assert.strictEqual(await refused(slack.apiCall('conversations.history')), 'invalid_arguments');
  const error = await raised(slack.reminders.list());
  assert.strictEqual(error.data.error, 'missing_scope');
  assert.strictEqual(error.data.needed, 'reminders:read');
});

test('meets a rate limit', async () => {
  await fault('slack', 'rate-limit; retry-after=3');
  const error = await raised(client({ rejectRateLimitedCalls: true }).users.list({ limit: 1 }));
  assert.strictEqual(error.code, ErrorCode.RateLimitedError);
  assert.strictEqual(error.retryAfter, 3);
});

test('comes back after a rate limit by itself', async () => {
  await fault('slack', 'rate-limit; retry-after=1');
  const before = Date.now();
  assert.strictEqual((await client().auth.test()).ok, true);
  assert.ok(Date.now() - before >= 900);
});

test('comes back after a server error by its retry policy', async () => {
  await fault('slack', 'status=500');
  const slack = client({ retryConfig: retryPolicies.rapidRetryPolicy });
  assert.strictEqual((await slack.auth.test()).ok, true);
});
