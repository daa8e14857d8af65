import { isObject } from '../model/is-object.ts';
import type { Usage } from '../model/usage.ts';
import { isMessage, readAnswer } from './answer.ts';
import type { Answer, NotAnswered } from './ask.ts';
import { classify } from './classify.ts';
import { LIST, type PriceTable } from './prices.ts';
import type { Arrived } from './streamed.ts';
import { toUsage } from './usage.ts';

/** Reads what arrived with a status of 200: a message, an error after all, or something of a proxy's. */
export function readBody(body: unknown, asked: string, prices: PriceTable = LIST): Answer {
  // What it cost is taken down before anything in it can go wrong.
  const facts = paid(body, asked, prices);
  if (isMessage(body)) {
    const answer = readAnswer(body);
    return 'failure' in answer ? { ok: false, ...answer, ...facts } : { ok: true, ...answer, ...facts };
  }
  const error = errorIn(body);
  if (error) return { ok: false, failure: classify(error, Date.now(), asked), ...facts };
  const message = 'the answer is not a message of the API (check ANTHROPIC_BASE_URL)';
  // Whoever sent it may have asked the API first.
  return { ok: false, failure: { kind: 'transient', message }, ...facts, isLost: true };
}

/** The error that such a body is, in the form in which the SDK throws one. */
export function errorIn(body: unknown): Record<string, unknown> | undefined {
  const error = isObject(body) && !isMessage(body) && isObject(body.error) && body.error;
  if (!error || typeof error.type !== 'string') return undefined;
  const details = isObject(error.details) ? error.details : {};
  return { ...error, errorCode: details.error_code };
}

/** What there is of an answer that did not come to its end: it is paid for all the same. */
export function readPart(
  arrived: Arrived | undefined,
  asked: string,
  prices: PriceTable = LIST,
): Partial<NotAnswered> {
  if (!arrived || !isMessage(arrived)) return {};
  const { text } = readAnswer(arrived);
  return { ...(text !== undefined && { text }), ...paid(arrived, asked, prices) };
}

function paid(body: unknown, asked: string, prices: PriceTable): { model: string; usage?: Usage } {
  if (!isObject(body)) return { model: asked };
  const model = typeof body.model === 'string' && body.model !== '' ? body.model : asked;
  if (!isObject(body.usage) || !isTold(body.usage)) return { model };
  return { model, usage: toUsage(model, body.usage, prices) };
}

/** More than any answer can have. */
const MOST_TOKENS = 1e9;

/** A usage without its two counts tells nothing: it is not one of nothing. */
function isTold({ input_tokens, output_tokens }: Record<string, unknown>): boolean {
  return [input_tokens, output_tokens].every(
    (count) => typeof count === 'number' && count >= 0 && count <= MOST_TOKENS,
  );
}
