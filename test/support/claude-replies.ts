import type { ServerResponse } from 'node:http';
import { eventsOf, sendEvents } from './claude-streams.ts';
import type { ReceivedRequest } from './fault-server.ts';

/** What the server does with one request. */
export type Reply = (response: ServerResponse, request: ReceivedRequest) => void;

export interface MessageParts {
  text?: string;
  /** Comes before the text, as current models do it. */
  thinking?: string;
  stopReason?: string | null;
  stopDetails?: { category: string | null; explanation: string | null };
  /** Default: the model that was asked. */
  model?: unknown;
  /** Default 10 in, 5 out; `null` leaves it out. */
  usage?: Record<string, unknown> | null;
  /** Instead of thinking and text. */
  content?: unknown;
}

const USAGE = { input_tokens: 10, output_tokens: 5 };

/** A whole answer with status 200; as a stream where one was asked for. */
export function message(parts: MessageParts = {}): Reply {
  return (response, request) => {
    const body = messageBody(parts, request);
    if (request.body.stream !== true) return sendJson(response, 200, body);
    sendEvents(response, eventsOf(body));
    response.end();
  };
}

export function verdict(parts: {
  passed: boolean;
  confidence?: number;
  feedback?: string;
  issues?: string[];
}): Reply {
  return message({
    text: JSON.stringify({ confidence: 0.9, feedback: 'as it should be', issues: [], ...parts }),
  });
}

/** Cut at the limit of tokens. */
export const cutShort = (text = 'It was a dark and') => message({ text, stopReason: 'max_tokens' });

export const refusal = (explanation = 'This asks for harm.') =>
  message({ text: '', stopReason: 'refusal', stopDetails: { category: 'cyber', explanation } });

/** A turn that ends well and says nothing. */
export const emptyText = () => message({ thinking: 'Nothing to say.', text: '' });

export interface ErrorParts {
  code?: string;
  headers?: Record<string, string>;
}

/** An error of the API. Its text repeats the Authorization header, to show that orch keeps none of it. */
export function apiError(
  status: number,
  type: string,
  text: string,
  { code, headers }: ErrorParts = {},
): Reply {
  return (response, request) => {
    const details = code === undefined ? {} : { details: { error_code: code } };
    const echoed = `${text} (you sent Authorization: ${request.headers.authorization})`;
    sendJson(response, status, { type: 'error', error: { type, message: echoed, ...details } }, headers);
  };
}

export const rateLimited = (retryAfterSeconds = 1) =>
  apiError(429, 'rate_limit_error', 'Too many requests.', {
    headers: { 'retry-after': String(retryAfterSeconds) },
  });

export const overloaded = () => apiError(529, 'overloaded_error', 'Overloaded');

export const internalError = () => apiError(500, 'api_error', 'Internal server error');

/** The tier's monthly spend limit: a 429 without retry-after. */
export const spendCap = () =>
  apiError(429, 'rate_limit_error', 'Monthly limit reached.', { code: 'enforced_spend_limit_reached' });

export const unauthorized = () => apiError(401, 'authentication_error', 'invalid bearer token');

export const unknownModel = () => apiError(404, 'not_found_error', 'model: no-such-model');

export const badRequest = (text = 'prompt is too long') => apiError(400, 'invalid_request_error', text);

/** Status 200, and a body that is not JSON although its type says so. */
export const badJson = () => raw(200, 'application/json', '{"id": "msg_1", "content": [');

/** Some proxy's page. */
export const htmlPage = (status = 200) => raw(status, 'text/html', '<html><body>Sign in</body></html>');

/** Breaks the connection in the middle of the answer. */
export const cutBody = (): Reply => (response, request) => {
  startBody(response, request, () => response.destroy());
};

/** Breaks the connection before anything of an answer. */
export const hangUp = (): Reply => (response) => {
  response.destroy();
};

/** The same, and the other side must not even hear the end of it. */
export const reset = (): Reply => (response) => {
  response.socket?.resetAndDestroy();
};

/** Promises an answer, and then sends none of it. */
export const headersAlone = (): Reply => (response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 }).flushHeaders();
};

/** Never answers. */
export const silence = (): Reply => () => {};

/** Sends half of an answer and then waits; `finish()` sends the rest. */
export function stalledBody(parts: MessageParts = {}): Reply & { finish(): void } {
  let rest: (() => void) | undefined;
  const reply: Reply = (response, request) => {
    const second = startBody(response, request, undefined, parts);
    rest = () => response.end(second);
  };
  return Object.assign(reply, { finish: () => rest?.() });
}

function startBody(
  response: ServerResponse,
  request: ReceivedRequest,
  then?: () => void,
  parts: MessageParts = {},
): string {
  const body = JSON.stringify(messageBody(parts, request));
  const half = Math.floor(body.length / 2);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.write(body.slice(0, half), then);
  return body.slice(half);
}

export function messageBody(parts: MessageParts, request: ReceivedRequest): unknown {
  const { text = 'done', thinking, stopReason = 'end_turn', stopDetails = null, usage = USAGE } = parts;
  const blocks = [
    ...(thinking === undefined ? [] : [{ type: 'thinking', thinking, signature: 'c2lnbmVk' }]),
    ...(text === '' ? [] : [{ type: 'text', text }]),
  ];
  return {
    id: `msg_${request.number}`,
    type: 'message',
    role: 'assistant',
    model: parts.model ?? request.body.model,
    content: parts.content === undefined ? blocks : parts.content,
    stop_reason: stopReason,
    stop_details: stopDetails,
    stop_sequence: null,
    ...(usage && { usage }),
  };
}

/** What the API knows of a model. */
export const modelInfo = (id: string, parts: Record<string, unknown> = {}): Reply => {
  const capabilities = { structured_outputs: { supported: true } };
  const known = {
    type: 'model',
    id,
    display_name: id,
    lifecycle: 'active',
    retires_at: null,
    max_tokens: 128_000,
  };
  return raw(200, 'application/json', JSON.stringify({ ...known, capabilities, ...parts }));
};

/** Of a prompt. */
export const tokenCount = (tokens: unknown): Reply =>
  raw(200, 'application/json', JSON.stringify({ input_tokens: tokens }));

/** The API's answer for a model that it does not know. */
export const noSuchModel = (id: string) => apiError(404, 'not_found_error', `model: ${id}`);

/** An access token, as the token endpoint gives it. */
export const accessToken = (token: string): Reply => {
  const body = { access_token: token, token_type: 'Bearer', expires_in: 3600 };
  return raw(200, 'application/json', JSON.stringify(body));
};

/** The token endpoint's own kind of error. */
export const noToken = (status: number, description = 'Not now.'): Reply =>
  raw(status, 'application/json', JSON.stringify({ error: 'refused', error_description: description }));

/** Well-formed, and without one. */
export const tokenless = (): Reply => raw(200, 'application/json', '{"ok":true}');

/** As of a network that wants somebody to sign in first. */
export const redirect = (): Reply => (response) => {
  response.writeHead(302, { location: '/sign-in' }).end();
};

/** A body in whatever shape. */
export const json = (status: number, body: unknown): Reply =>
  raw(status, 'application/json', JSON.stringify(body));

function raw(status: number, type: string, body: string): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': type }).end(body);
  };
}

function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_test', ...headers });
  response.end(JSON.stringify(body));
}
