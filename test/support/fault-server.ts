import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { apiError, message, modelInfo, type Reply, tokenCount, verdict } from './claude-replies.ts';
import { headerViolations, requestViolations } from './claude-request-check.ts';

/** A Messages request as it arrived. */
export interface ReceivedRequest {
  /** 1 for the first. */
  number: number;
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
  /** The text of the last message. */
  prompt: string;
  /** Whether it asks for structured output, as the judge does. */
  isJudge: boolean;
}

/** Decides the reply to a request. One that it returns late is sent late: the test decides when a call ends. */
export type Handler = (request: ReceivedRequest) => Reply | Promise<Reply>;

export interface FaultServer {
  /** For ANTHROPIC_BASE_URL; a child process may use it too. */
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** The models that were looked up (`GET /v1/models/{id}`), in order; such requests are not among `requests`. */
  readonly lookUps: string[];
  /** Those whose tokens were counted (`POST /v1/messages/count_tokens`); such requests are not among `requests`. */
  readonly counted: ReceivedRequest[];
  /** What the documentation refuses in the requests so far. Each such request was answered with 400. */
  readonly violations: string[];
  /** Requests that have arrived and are not answered yet. */
  readonly inFlight: number;
  /** Most requests in flight at once. */
  readonly peak: number;
  /** Replies to the next requests, in order; after them the handler decides again. */
  next(...replies: Reply[]): void;
  /** What the token endpoint replies from now on. Default: status 404. Its requests are among `requests`. */
  handleToken(reply: Reply): void;
  /** What a look-up of a model is replied from now on. Default: an active model that can do everything. */
  handleModels(handler: (model: string) => Reply): void;
  /** What a count of tokens is replied from now on. Default: 100. */
  handleCounts(handler: (request: ReceivedRequest) => Reply): void;
  /** From now on this decides. */
  handle(handler: Handler): void;
  /** Resolves when so many requests have arrived altogether. */
  received(count: number): Promise<void>;
  close(): Promise<void>;
}

/** Does each task with "done" and passes it. */
const agreeable: Handler = ({ isJudge }) => (isJudge ? verdict({ passed: true }) : message());

/**
 * A stand-in for the Claude API on 127.0.0.1 that fails in whatever way a test wants, and that refuses each request the
 * documentation would refuse.
 */
export async function startFaultServer(handler: Handler = agreeable): Promise<FaultServer> {
  const requests: ReceivedRequest[] = [];
  const violations: string[] = [];
  const queue: Reply[] = [];
  const waiting: { count: number; arrived: () => void }[] = [];
  let decide = handler;
  let token: Reply = apiError(404, 'not_found_error', 'no such path');
  const lookUps: string[] = [];
  const counted: ReceivedRequest[] = [];
  let countReply = (_: ReceivedRequest): Reply => tokenCount(100);
  let modelReply = (model: string): Reply => modelInfo(model);
  let inFlight = 0;
  let peak = 0;

  const refusalOf = (refused: string[]): Reply | undefined => {
    violations.push(...refused);
    return refused.length > 0 ? apiError(400, 'invalid_request_error', refused.join('; ')) : undefined;
  };

  const server = createServer((incoming, response) => {
    void readJson(incoming).then(async (body) => {
      if (!incoming.complete) return;
      const request = describe(requests.length + 1, incoming, body);
      const lookedUp = modelIn(incoming);
      if (lookedUp !== undefined) {
        lookUps.push(lookedUp);
        return (refusalOf(headerViolations(incoming.headers)) ?? modelReply(lookedUp))(response, request);
      }
      if (request.path === '/v1/messages/count_tokens') {
        counted.push(request);
        return (refusalOf(violationsOf(request)) ?? countReply(request))(response, request);
      }
      requests.push(request);
      inFlight += 1;
      peak = Math.max(peak, inFlight);
      response.on('close', () => {
        inFlight -= 1;
      });
      for (const { count, arrived } of waiting) if (requests.length >= count) arrived();
      if (request.path === '/v1/oauth/token') return token(response, request);
      const reply = refusalOf(violationsOf(request)) ?? queue.shift() ?? (await decide(request));
      if (!response.destroyed) reply(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    lookUps,
    counted,
    violations,
    get inFlight() {
      return inFlight;
    },
    get peak() {
      return peak;
    },
    next: (...replies) => {
      queue.push(...replies);
    },
    handleToken: (reply) => {
      token = reply;
    },
    handleModels: (handler) => {
      modelReply = handler;
    },
    handleCounts: (handler) => {
      countReply = handler;
    },
    handle: (handler) => {
      decide = handler;
    },
    received: (count) =>
      new Promise<void>((arrived) => {
        if (requests.length >= count) arrived();
        else waiting.push({ count, arrived });
      }),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function violationsOf({ path, headers, body }: ReceivedRequest): string[] {
  return requestViolations(path, headers, body);
}

function modelIn({ method, url }: IncomingMessage): string | undefined {
  const [, model] = /^\/v1\/models\/([^/?]+)/.exec(url ?? '') ?? [];
  return method === 'GET' && model !== undefined ? decodeURIComponent(model) : undefined;
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  try {
    const chunks = await incoming.toArray();
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

function describe(number: number, incoming: IncomingMessage, json: unknown): ReceivedRequest {
  const body = (typeof json === 'object' && json !== null ? json : {}) as Record<string, unknown>;
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const output = body.output_config as { format?: unknown } | undefined;
  return {
    number,
    path: incoming.url ?? '',
    headers: incoming.headers,
    body,
    prompt: textOf(messages.at(-1)?.content),
    isJudge: output?.format !== undefined,
  };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((block: { text?: string }) => block.text ?? '').join('');
}
