import type { IncomingHttpHeaders } from 'node:http';
import { modelViolations } from './claude-model-rules.ts';
import { formatViolations } from './claude-schema-check.ts';

/** All that a Messages request may hold on API version 2026-10-21, as far as orch has a use for it. */
const TOP_LEVEL = [
  ...['model', 'max_tokens', 'messages', 'system', 'output_config', 'metadata', 'cache_control'],
  ...['stream', 'thinking'],
];
/** Why some of the others are refused. */
const GONE: Record<string, string> = {
  temperature: 'sampling parameters are refused, at their defaults too',
  top_p: 'sampling parameters are refused, at their defaults too',
  top_k: 'sampling parameters are refused, at their defaults too',
  tool_choice: 'current models refuse a forced tool',
};
/** The SDK's own limit, without a time-out. */
const MOST_TOKENS_IN_ONE_PIECE = 21_333;
const MOST_CACHE_MARKS = 4;
/** Of a body. */
const MOST_BYTES = 32 * 2 ** 20;

type Json = Record<string, unknown>;

/** What is there only where an answer is asked for. */
const OF_AN_ANSWER = ['max_tokens', 'stream', 'metadata'];

/** What the documentation refuses in this request, a sentence each; empty when it is valid. */
export function requestViolations(path: string, headers: IncomingHttpHeaders, body: unknown): string[] {
  const isCount = path === '/v1/messages/count_tokens';
  if (path !== '/v1/messages' && !isCount) return [`no such path: ${path}`];
  if (!isObject(body)) return ['the body is not a JSON object'];
  const found = headerViolations(headers);
  const refuse = (when: boolean, sentence: string) => when && found.push(sentence);
  refuse(
    !/^application\/json\b/.test(headers['content-type'] ?? ''),
    'content-type must be application/json',
  );
  const text = JSON.stringify(body);
  refuse(Buffer.byteLength(text) > MOST_BYTES, 'the body is larger than 32 MB');
  refuse(!isWellFormed(body), 'half of a surrogate pair');
  for (const key of Object.keys(body)) {
    refuse(isCount && OF_AN_ANSWER.includes(key), `${key}: not permitted`);
    refuse(!TOP_LEVEL.includes(key), `${key}: not permitted${GONE[key] ? ` (${GONE[key]})` : ''}`);
  }
  refuse(typeof body.model !== 'string' || body.model === '', 'model must be a string');
  refuse(!isCount && !positive(body.max_tokens), 'max_tokens must be a positive integer');
  refuse(
    Number(body.max_tokens) > MOST_TOKENS_IN_ONE_PIECE && body.stream !== true,
    `max_tokens above ${MOST_TOKENS_IN_ONE_PIECE} must be streamed`,
  );
  refuse(body.stream !== undefined && typeof body.stream !== 'boolean', 'stream must be true or false');
  refuse(body.system !== undefined && !isContent(body.system), 'system must be text');
  return [
    ...found,
    ...modelViolations(body),
    ...messageViolations(body.messages),
    ...cacheViolations(body),
    ...outputViolations(body),
  ];
}

/** Of a request that has no body, too. */
export function headerViolations(headers: IncomingHttpHeaders): string[] {
  const isVersion = headers['anthropic-version'] === '2026-10-21';
  const isBearer = /^Bearer \S+$/.test(headers.authorization ?? '');
  return [
    ...(isVersion ? [] : ['anthropic-version must be 2026-10-21']),
    ...(isBearer ? [] : ['Authorization must be a bearer token']),
  ];
}

/** Marks may stand at the top, and on any block of text that is not empty. */
function cacheViolations({ system, messages, cache_control: top }: Json): string[] {
  const contents = Array.isArray(messages) ? messages.map((message) => message?.content) : [];
  const blocks: unknown[] = [system, ...contents].flat();
  const marked = blocks.filter(
    (block): block is Json => isObject(block) && block.cache_control !== undefined,
  );
  const marks = [top, ...marked.map((block) => block.cache_control)].filter((mark) => mark !== undefined);
  return [
    ...(marks.length > MOST_CACHE_MARKS ? [`${marks.length} cache marks, at most ${MOST_CACHE_MARKS}`] : []),
    ...marks
      .filter((mark) => !isMark(mark))
      .map(() => 'cache_control must be { type: ephemeral, ttl?: 5m or 1h }'),
    ...marked.filter(({ text }) => text === '').map(() => 'cache_control on an empty text'),
  ];
}

function isMark(mark: unknown): boolean {
  if (!isObject(mark) || mark.type !== 'ephemeral') return false;
  return Object.keys(mark).every(
    (key) => key === 'type' || (key === 'ttl' && /^(?:5m|1h)$/.test(String(mark.ttl))),
  );
}

function messageViolations(messages: unknown): string[] {
  if (!Array.isArray(messages) || messages.length === 0) return ['messages must not be empty'];
  const odd = messages.filter(
    (message) =>
      !isObject(message) ||
      !['user', 'assistant'].includes(String(message.role)) ||
      !isContent(message.content),
  );
  const last: unknown = messages.at(-1);
  return [
    ...odd.map(() => 'a message needs a role and text that is not empty'),
    ...(isObject(last) && last.role !== 'user' ? ['the last message must be from the user: no prefill'] : []),
  ];
}

function outputViolations({ output_config: config }: Json): string[] {
  if (config === undefined) return [];
  if (!isObject(config)) return ['output_config must be an object'];
  const extra = Object.keys(config).filter((key) => key !== 'format' && key !== 'effort');
  const { format } = config;
  return [
    ...extra.map((key) => `output_config.${key}: not permitted`),
    ...(format !== undefined ? formatViolations(format) : []),
  ];
}

/** The API takes such a body for broken JSON. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  return !(isObject(value) || Array.isArray(value)) || Object.values(value).every(isWellFormed);
}

function isContent(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== '';
  return Array.isArray(value) && value.length > 0 && value.every(isBlock);
}

/** Of the kinds of blocks, text is the only one that orch has a use for. */
function isBlock(block: unknown): boolean {
  return isObject(block) && block.type === 'text' && typeof block.text === 'string';
}

function positive(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
