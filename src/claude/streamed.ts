import { isObject } from '../model/is-object.ts';
import type { AnswerMessage } from './answer.ts';

/** What has arrived of a streamed answer, in the shape of a whole one. */
export interface Arrived extends AnswerMessage {
  model?: unknown;
  usage?: Record<string, unknown>;
}

/** The stream ended, and the answer did not. */
class CutStream extends Error {
  override readonly name = 'CutStream';
}

/**
 * Reads a stream of the Messages API to its end.
 * @param tell is given what has arrived, as soon as anything has: it grows from then on, so that whoever keeps it still
 * has it, and what it cost, when the stream breaks.
 * @returns the whole answer; undefined where nothing of one came, since that was no stream of the API.
 * @throws `CutStream`, and what the stream itself throws.
 */
export async function readStream(
  events: AsyncIterable<unknown>,
  tell: (arrived: Arrived) => void,
): Promise<Arrived | undefined> {
  let arrived: Arrived | undefined;
  let whole = false;
  for await (const event of events) {
    if (!isObject(event)) continue;
    if (event.type === 'message_start' && isObject(event.message)) {
      arrived = { ...event.message, content: [] };
      tell(arrived);
    } else if (arrived) {
      add(arrived, event);
    }
    whole ||= event.type === 'message_stop';
  }
  if (arrived && !whole) throw new CutStream('the stream ended before the answer did');
  return arrived;
}

/** Text is put together; of thinking, whose text is none of the answer's, the block alone is kept. */
function add(arrived: Arrived, event: Record<string, unknown>): void {
  const { type, index, content_block: block, delta, usage } = event;
  if (type === 'content_block_start' && isObject(block)) {
    // Blocks come one after the other; an index of any other kind is no answer's.
    if (index === arrived.content.length) {
      arrived.content.push({ type: String(block.type), text: textIn(block) });
    }
  } else if (type === 'content_block_delta' && isObject(delta) && delta.type === 'text_delta') {
    const into = arrived.content[Number(index)];
    if (into) into.text = (into.text ?? '') + (textIn(delta) ?? '');
  } else if (type === 'message_delta') {
    if (isObject(delta)) {
      if ('stop_reason' in delta) arrived.stop_reason = delta.stop_reason;
      if ('stop_details' in delta) arrived.stop_details = delta.stop_details as Arrived['stop_details'];
    }
    if (isObject(usage)) arrived.usage = { ...arrived.usage, ...told(usage) };
  }
}

function textIn({ text }: Record<string, unknown>): string | undefined {
  return typeof text === 'string' ? text : undefined;
}

/** Counts in a later event are sums so far; one that is `null` there was told before. */
function told(usage: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== null));
}
