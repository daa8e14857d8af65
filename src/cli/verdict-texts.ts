import type { Verdict } from '../model/verdict.ts';

/**
 * What was said of a result, once each: the reason for what came of it, the verifier's feedback, and the issues as items of a list. Feedback
 * that ends the reason is not said again, nor is an issue whose lines stand in either, as lines or as items.
 * @param reason default: none was given.
 */
export function verdictTexts(verdict: Verdict | undefined, reason = ''): string[] {
  const { feedback = '', issues = [], tampered } = verdict ?? {};
  const texts = (reason.endsWith(feedback) ? [reason] : [reason, feedback]).filter(
    (text) => text.trim() !== '',
  );
  // The feedback says of each what and when.
  if (tampered) return texts;
  const said = new Set([reason, feedback].flatMap(bareLines));
  const others = issues.filter((issue) => !bareLines(issue).every((line) => said.has(line)));
  return [...texts, ...others.map((issue) => `- ${issue.replaceAll('\n', '\n  ')}`)];
}

function bareLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/^- /, '').trim())
    .filter((line) => line !== '');
}
