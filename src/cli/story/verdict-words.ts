import type { Attempt } from '../../model/task.ts';
import type { Verdict } from '../../model/verdict.ts';
import { oneLine } from '../safe-text.ts';
import { capital, listed } from './spoken.ts';

const NAMES: Record<string, string> = {
  expect: 'the pattern',
  schema: 'the schema',
  check: 'the check',
  judge: 'the judge',
  simulated: 'the simulated judge',
};

/** Who said what of a result, in a sentence. What was wrong with it follows. */
export function verdictSentence({ verdict, evidence = [], judge }: Attempt): string | undefined {
  if (!verdict) return undefined;
  const model = typeof judge?.model === 'string' ? ` (${oneLine(judge.model)})` : '';
  const name = (verifier: string) => verifierName(verifier) + (verifier === 'judge' ? model : '');
  const passed = evidence.filter((each) => each.passed).map(({ verifier }) => name(verifier));
  const last = evidence.at(-1);
  const who = last ? name(last.verifier) : model === '' ? 'the verifier' : name('judge');
  if (verdict.passed) {
    const colon = verdict.feedback.trim() === '' ? '.' : ':';
    return `${capital(listed(passed.length > 0 ? passed : [who]))} passed it${sureness(verdict)}${colon}`;
  }
  // One that passed it too unsurely stands among those that passed.
  const before = listed(verdict.unsure ? passed.slice(0, -1) : passed);
  return `${capital(before === '' ? '' : `${before} passed it, `)}${before === '' ? capital(who) : who} ${rejection(verdict)}`;
}

/** `run-check` is the check that was given with the run. */
function verifierName(verifier: string): string {
  const ofRun = verifier.startsWith('run-') ? NAMES[verifier.slice(4)] : undefined;
  if (ofRun) return ofRun.replace('the ', "the run's ");
  return NAMES[verifier] ?? `the verifier ${oneLine(verifier)}`;
}

function rejection(verdict: Verdict): string {
  if (verdict.tampered) {
    return 'rejected it, whatever it is like, because what it decides by was changed:';
  }
  if (verdict.unsure) {
    return `passed it${sureness(verdict)}, which is less than the run asked for, so that it counts as rejected:`;
  }
  return `rejected it${sureness(verdict)}:`;
}

function sureness({ confidence }: Verdict): string {
  return confidence === 1 ? '' : `, ${Math.round(confidence * 100)} % sure`;
}
