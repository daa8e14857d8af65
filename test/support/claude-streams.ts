import type { ServerResponse } from 'node:http';
import { type MessageParts, messageBody, type Reply } from './claude-replies.ts';

/** An event of a stream, by its type, as the Messages API sends it. */
export type StreamEvent = { type: string } & Record<string, unknown>;

interface Body {
  content: Record<string, unknown>[] | null;
  usage?: Record<string, unknown>;
  stop_reason: unknown;
  stop_details: unknown;
}

/**
 * A whole answer as the events of a stream. What it will have cost is told in two parts: the input at its beginning
 * (with the first token of output), the output at its end.
 */
export function eventsOf(whole: unknown): StreamEvent[] {
  const { content, usage, stop_reason, stop_details, ...message } = whole as Body;
  const begun = usage && { ...usage, output_tokens: 1 };
  return [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage: begun } },
    { type: 'ping' },
    ...(content ?? []).flatMap(blockEvents),
    {
      type: 'message_delta',
      delta: { stop_reason, stop_details, stop_sequence: null },
      usage: usage && { input_tokens: null, ...usage },
    },
    { type: 'message_stop' },
  ];
}

function blockEvents(block: Record<string, unknown>, index: number): StreamEvent[] {
  const isText = block.type === 'text';
  const key = isText ? 'text' : 'thinking';
  const text = String(block[key]);
  const half = Math.ceil(text.length / 2);
  const parts = [text.slice(0, half), text.slice(half)];
  return [
    { type: 'content_block_start', index, content_block: { ...block, [key]: '' } },
    ...parts.map((part) => ({
      type: 'content_block_delta',
      index,
      delta: { type: isText ? 'text_delta' : 'thinking_delta', [key]: part },
    })),
    ...(isText
      ? []
      : [{ type: 'content_block_delta', index, delta: { type: 'signature_delta', signature: 'c2ln' } }]),
    { type: 'content_block_stop', index },
  ];
}

export function sendEvents(response: ServerResponse, events: StreamEvent[]): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
}

/** Sends these events, whatever was asked, and ends. */
export const streamed =
  (...events: StreamEvent[]): Reply =>
  (response) => {
    sendEvents(response, events);
    response.end();
  };

/** The beginning of an answer: all up to the middle of its text. */
const begun = (parts: MessageParts, request: Parameters<Reply>[1]): StreamEvent[] => {
  const events = eventsOf(messageBody(parts, request));
  return events.slice(
    0,
    1 + events.findIndex(({ delta }) => (delta as { type?: string })?.type === 'text_delta'),
  );
};

/** Begins well, and then an error arrives where the rest should be: the status was 200 long ago. */
export const streamError =
  (type: string, text: string, parts: MessageParts = {}): Reply =>
  (response, request) => {
    const error = { type, message: `${text} (you sent Authorization: ${request.headers.authorization})` };
    sendEvents(response, [...begun(parts, request), { type: 'error', error }]);
    response.end();
  };

/** The connection breaks in the middle of the text. */
export const cutStream =
  (parts: MessageParts = {}): Reply =>
  (response, request) => {
    sendEvents(response, begun(parts, request));
    setImmediate(() => response.destroy());
  };

/** The stream ends in good order in the middle of the text. */
export const endedStream =
  (parts: MessageParts = {}): Reply =>
  (response, request) => {
    sendEvents(response, begun(parts, request));
    response.end();
  };

/** Sends the beginning, and then nothing; `ping()` sends a sign of life, `finish()` the rest. */
export function stalledStream(parts: MessageParts = {}): Reply & { ping(): void; finish(): void } {
  let onGoing: ServerResponse | undefined;
  let rest: StreamEvent[] = [];
  const reply: Reply = (response, request) => {
    const first = begun(parts, request);
    rest = eventsOf(messageBody(parts, request)).slice(first.length);
    onGoing = response;
    sendEvents(response, first);
  };
  return Object.assign(reply, {
    ping: () => onGoing && sendEvents(onGoing, [{ type: 'ping' }]),
    finish: () => {
      if (!onGoing) return;
      sendEvents(onGoing, rest);
      onGoing.end();
    },
  });
}

/** Whatever it is. */
export const rawStream =
  (text: string): Reply =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(text);
  };

/** An event that is no JSON. */
export const badEvent = (): Reply => (response, request) => {
  sendEvents(response, begun({}, request));
  response.end('event: content_block_delta\ndata: {"type": "content_bl\n\n');
};
