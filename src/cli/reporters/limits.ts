import { LIMIT_NAMES, LIMIT_WORDS, type LimitName } from '../../claude/governor/limit-names.ts';
import type { LimitState, ModelState } from '../../claude/governor/state.ts';
import { isoTime } from '../../model/clock.ts';
import { wholeSeconds } from '../format.ts';

/**
 * For a person, of each model: what calls wait for, `12 waiting for requests (598 of 600/min)`, and how the limit that is used most
 * is used, `requests 120 of 600/min`, where that does not say it already.
 */
export function limitsText(states: ModelState[], now: number): string[] {
  return states.flatMap((state) => {
    const { waiting, limits, waitsFor } = state;
    const awaited = LIMIT_NAMES.find((name) => LIMIT_WORDS[name] === waitsFor);
    if (awaited)
      return [`${waiting} waiting for ${LIMIT_WORDS[awaited]}${inBrackets(useText(limits[awaited]))}`];
    const most = mostUsed(state);
    const use = most ? [`${LIMIT_WORDS[most]} ${useText(limits[most])}`] : [];
    const why = reasonText(state, now);
    return why === undefined ? use : [...use, `${waiting} waiting ${why}`];
  });
}

function reasonText({ waitsFor, until }: ModelState, now: number): string | undefined {
  switch (waitsFor) {
    case 'retry-after':
      return `for retry-after (${wholeSeconds(Math.max(0, (until ?? now) - now))})`;
    case 'overload':
      return 'because the API is overloaded';
    case 'first answer':
      return 'for the first answer';
    default:
      return undefined;
  }
}

/** Of the limits that are known. */
function mostUsed({ limits }: ModelState): LimitName | undefined {
  const share = (name: LimitName): number => (limits[name]?.used ?? 0) / (limits[name]?.perMinute ?? 1);
  const known = LIMIT_NAMES.filter((name) => limits[name]);
  return known.toSorted((a, b) => share(b) - share(a))[0];
}

function useText(limit: LimitState | undefined): string | undefined {
  return limit && `${grouped(limit.used)} of ${grouped(limit.perMinute)}/min`;
}

function inBrackets(text: string | undefined): string {
  return text === undefined ? '' : ` (${text})`;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** What `--json` says of it, after the event's name, time and run. */
export function limitFields({ until, ...state }: ModelState): object {
  return until === undefined ? state : { ...state, until: isoTime(Math.ceil(until)) };
}

/** What is worth a new line: other limits, or another reason to wait. How much is left changes all the time. */
export function limitKey({ limits, waitsFor, waiting }: Omit<ModelState, 'model' | 'inFlight'>): string {
  const rates = Object.entries(limits).map(([name, { perMinute }]) => `${name} ${perMinute}`);
  return [...rates, waitsFor, waiting > 0].join();
}
