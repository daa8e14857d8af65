import type { Failure } from '../model/failure.ts';

/** The part of a Messages API answer that is read here. */
export interface AnswerMessage {
  content: { type: string; text?: string }[];
  stop_reason?: unknown;
  stop_details?: { category?: string | null; explanation?: string | null } | null;
}

type ReadAnswer =
  | { text: string; stopReason: string }
  | { failure: Failure; text?: string; stopReason?: string };

/** Whether what arrived with a status of 200 is a message at all. A proxy may have sent its own page. */
export function isMessage(value: unknown): value is AnswerMessage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'content' in value &&
    Array.isArray(value.content) &&
    value.content.every((block) => typeof block === 'object' && block !== null)
  );
}

/**
 * Takes the text out of an answer. Only `end_turn` with text in it is success; the rest gives what text there is, and
 * why it is not enough. Thinking, which comes first, is no text.
 */
export function readAnswer(message: AnswerMessage): ReadAnswer {
  const text = message.content
    .flatMap((block) => (block.type === 'text' && typeof block.text === 'string' ? [block.text] : []))
    .join('');
  const reason = typeof message.stop_reason === 'string' ? message.stop_reason : undefined;
  const blank = text.trim() === '';
  if (reason === 'end_turn' && !blank) return { text, stopReason: reason };
  return {
    failure: { kind: 'failed', message: whyNot(message, reason) },
    text: blank ? undefined : text,
    stopReason: reason,
  };
}

function whyNot(message: AnswerMessage, reason: string | undefined): string {
  switch (reason) {
    case 'end_turn':
      return 'the answer has no text';
    case 'max_tokens':
      return 'the answer was cut short at max_tokens (raise it with --max-tokens; thinking counts in it)';
    case 'model_context_window_exceeded':
      return 'the answer was cut short: prompt and answer do not fit into the context window of the model (shorten the task, or lower max_tokens with --max-tokens)';
    case 'refusal':
      return refusal(message);
    default:
      return `the answer is not finished: stop reason ${reason ?? 'missing'}`;
  }
}

function refusal({ stop_details: details }: AnswerMessage): string {
  const category = details?.category ? ` (${details.category})` : '';
  return `the model refused${category}${details?.explanation ? `: ${details.explanation}` : ''}`;
}
