import { z } from 'zod';
import { redactedLine } from '../../claude/redact.ts';
import type { Verdict } from '../../model/verdict.ts';

/**
 * The judge's reply as it comes over the wire. It has no bounds on the confidence: the API's schemas know none, so that
 * is checked afterwards.
 */
const WireVerdict = z.strictObject({
  passed: z.boolean(),
  confidence: z.number(),
  feedback: z.string(),
  issues: z.array(z.string()),
});

const { $schema: _, ...schema } = z.toJSONSchema(WireVerdict);

/** The schema that the API holds the judge's reply to. */
export const VERDICT_SCHEMA: Record<string, unknown> = schema;

/** The issue of a rejection that says nothing at all. */
const NO_REASON = 'the judge gave no reason';

type ReadVerdict = { verdict: Verdict } | { reason: string };

/**
 * Reads a reply. What is not exactly a verdict says nothing, neither for nor against the result. A rejection that names no issue is one all
 * the same, with its feedback as the issue: that says what is wrong, and asking again would be paid again.
 */
export function readVerdict(text: string): ReadVerdict {
  let reply: unknown;
  try {
    reply = JSON.parse(text);
  } catch {
    return { reason: "the judge's reply is not JSON" };
  }
  const parsed = WireVerdict.safeParse(reply);
  if (!parsed.success) {
    const at = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '));
    return { reason: redactedLine(`the judge's reply is not a verdict: ${at.join('; ')}`, []) };
  }
  const { passed, confidence, feedback, issues } = parsed.data;
  if (passed && issues.length > 0) {
    return { reason: "the judge's reply contradicts itself: it passed the result and names issues" };
  }
  if (confidence < 0 || confidence > 1) {
    return { reason: `the judge's confidence is ${confidence}, and not between 0 and 1` };
  }
  if (passed || !issues.every(isBlank)) return { verdict: parsed.data };
  return { verdict: { ...parsed.data, issues: [isBlank(feedback) ? NO_REASON : feedback] } };
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}
