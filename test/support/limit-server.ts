import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { requestViolations } from './claude-request-check.ts';
import { dice, normal, SimulatedApi, type SimulatedLimit } from './simulated-api.ts';

export interface LimitServerOptions {
  requests?: SimulatedLimit;
  inputTokens?: SimulatedLimit;
  outputTokens?: SimulatedLimit;
  /** Milliseconds: the median time to an answer. */
  latencyMs: number;
  /** Part of the accepted calls that are answered with 529. */
  overloaded?: number;
  /** Mean tokens of an answer. Default 50. */
  meanOutput?: number;
  seed?: number;
  /** Milliseconds from the first request on in which calls are counted. Default: no end. */
  windowMs?: number;
  /** Default: one that is free. */
  port?: number;
  /** Told of each call as it arrives: what it asks for, and whether it was refused. */
  onCall?(body: string, isRefused: boolean): void;
}

/** What was seen within the window. */
export interface LimitServerFigures {
  requests: number;
  /** Whole answers. */
  answered: number;
  refused: number;
  overloaded: number;
  /** Most calls under way at once. */
  peak: number;
  inputTokens: number;
  outputTokens: number;
}

export interface LimitServer {
  /** For ANTHROPIC_BASE_URL. `GET /figures` answers with the figures as they are, `GET /end` with those of the window, at its end. */
  readonly url: string;
  readonly figures: LimitServerFigures;
  /** What the documentation refuses in the requests so far. They were answered all the same: not all that is measured keeps to it. */
  readonly violations: string[];
  close(): Promise<void>;
}

/** The Messages API on 127.0.0.1 as `SimulatedApi` limits it, in real time. */
export async function startLimitServer(options: LimitServerOptions): Promise<LimitServer> {
  const random = dice(options.seed ?? 1);
  const api = new SimulatedApi({ ...options, now: () => performance.now(), random });
  const figures: LimitServerFigures = {
    requests: 0,
    answered: 0,
    refused: 0,
    overloaded: 0,
    peak: 0,
    inputTokens: 0,
    outputTokens: 0,
  };
  const ended = Promise.withResolvers<void>();
  const violations: string[] = [];
  let isOpen = true;
  let inFlight = 0;

  const begin = (): void => {
    if (options.windowMs === undefined) return;
    setTimeout(() => {
      isOpen = false;
      ended.resolve();
    }, options.windowMs).unref();
  };
  const count = (name: keyof LimitServerFigures, by = 1): void => {
    if (isOpen) figures[name] += by;
  };

  const messages = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = Buffer.concat(await request.toArray()).toString('utf8');
    violations.push(...requestViolations(request.url ?? '', request.headers, JSON.parse(body)));
    if (figures.requests === 0) begin();
    count('requests');
    const inputTokens = Math.ceil(body.length / 4);
    const outputTokens = Math.ceil((options.meanOutput ?? 50) * Math.exp(0.3 * normal(random) - 0.045));
    const answer = api.handle({ inputTokens, outputTokens });
    options.onCall?.(body, answer.status === 429);
    inFlight += 1;
    if (isOpen) figures.peak = Math.max(figures.peak, inFlight);
    await sleep(answer.afterMs);
    inFlight -= 1;
    answer.ended();
    response.setHeaders(answer.headers);
    response.setHeader('content-type', 'application/json');
    response.statusCode = answer.status;
    if (answer.status === 200) {
      count('answered');
      count('inputTokens', inputTokens);
      count('outputTokens', outputTokens);
      response.end(JSON.stringify(messageOf(JSON.parse(body).model, inputTokens, outputTokens)));
    } else {
      count(answer.status === 429 ? 'refused' : 'overloaded');
      const type = answer.status === 429 ? 'rate_limit_error' : 'overloaded_error';
      response.end(JSON.stringify({ type: 'error', error: { type, message: 'Not now.' } }));
    }
  };

  const server = createServer((request, response) => {
    const tell = (): void => void response.end(JSON.stringify(figures));
    if (request.url === '/figures') tell();
    else if (request.url === '/end') void ended.promise.then(tell);
    // It knows nothing of models.
    else if (request.method !== 'POST') response.writeHead(404).end();
    // Counting is free, has limits of its own, and comes before a run's first call.
    else if (request.url?.startsWith('/v1/messages/count_tokens')) response.end('{"input_tokens":10}');
    else void messages(request, response);
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', 1024, resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, figures, violations, close };
}

function messageOf(model: string, inputTokens: number, outputTokens: number): object {
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: 'done' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: inputTokens, output_tokens: outputTokens },
  };
}
