import type { IncomingHttpHeaders } from 'node:http';
import { modelViolations } from './claude-model-rules.ts';

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
const MOST_TOKENS = 128_000;
/** The SDK's own limit, without a time-out. */
const MOST_TOKENS_IN_ONE_PIECE = 21_333;
const MOST_CACHE_MARKS = 4;
/** Bounds that structured output does not know. */
const UNSUPPORTED = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];
const UNSUPPORTED_TEXT = ['minLength', 'maxLength', 'maxItems', 'uniqueItems', 'pattern'];

type Json = Record<string, unknown>;

/** What the documentation refuses in this request, a sentence each; empty when it is valid. */
export function requestViolations(path: string, headers: IncomingHttpHeaders, body: unknown): string[] {
  if (path !== '/v1/messages') return [`no such path: ${path}`];
  if (!isObject(body)) return ['the body is not a JSON object'];
  const found: string[] = [];
  const refuse = (when: boolean, sentence: string) => when && found.push(sentence);
  refuse(headers['anthropic-version'] !== '2026-10-21', 'anthropic-version must be 2026-10-21');
  refuse(!/^Bearer \S+$/.test(headers.authorization ?? ''), 'Authorization must be a bearer token');
  refuse(
    !/^application\/json\b/.test(headers['content-type'] ?? ''),
    'content-type must be application/json',
  );
  for (const key of Object.keys(body)) {
    refuse(!TOP_LEVEL.includes(key), `${key}: not permitted${GONE[key] ? ` (${GONE[key]})` : ''}`);
  }
  refuse(typeof body.model !== 'string' || body.model === '', 'model must be a string');
  refuse(!positive(body.max_tokens), 'max_tokens must be a positive integer');
  refuse(Number(body.max_tokens) > MOST_TOKENS, `max_tokens: ${body.max_tokens} > ${MOST_TOKENS}`);
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

function formatViolations(format: unknown): string[] {
  if (!isObject(format) || format.type !== 'json_schema' || !isObject(format.schema)) {
    return ['output_config.format must be { type: json_schema, schema }'];
  }
  const extra = Object.keys(format).filter((key) => key !== 'type' && key !== 'schema');
  return [
    ...extra.map((key) => `format.${key}: not permitted`),
    ...schemaViolations(format.schema, 'schema'),
  ];
}

function schemaViolations(schema: Json, at: string): string[] {
  const found = [...UNSUPPORTED, ...UNSUPPORTED_TEXT]
    .filter((key) => key in schema)
    .map((key) => `${at}: ${key} is not supported`);
  if (schema.type === 'object' && schema.additionalProperties !== false) {
    found.push(`${at}: additionalProperties must be false`);
  }
  const children = { ...(isObject(schema.properties) ? schema.properties : {}), items: schema.items };
  for (const [name, child] of Object.entries(children)) {
    if (isObject(child)) found.push(...schemaViolations(child, `${at}.${name}`));
  }
  return found;
}

function isContent(value: unknown): boolean {
  if (typeof value === 'string') return value.trim() !== '';
  return (
    Array.isArray(value) && value.length > 0 && value.every((block) => isObject(block) && 'type' in block)
  );
}

function positive(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value > 0;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
