import { count } from '../format.ts';

const DAY_MS = 86_400_000;

const DAY_NAMES: Record<string, string> = { '-1': 'yesterday', 0: 'today', 1: 'tomorrow' };

const UNITS: [ms: number, noun: string][] = [
  [DAY_MS, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
];

/** A point in time as a person says it: `today at 07:45 UTC`, `on 3 May at 07:45 UTC`; the year where it is another. */
export function spokenTime(iso: string, now: number): string {
  const time = Date.parse(iso);
  const days = Math.floor(time / DAY_MS) - Math.floor(now / DAY_MS);
  return `${DAY_NAMES[days] ?? `on ${spokenDate(time, now)}`} at ${iso.slice(11, 16)} UTC`;
}

function spokenDate(time: number, now: number): string {
  const date = new Date(time);
  const day = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
  return date.getUTCFullYear() === new Date(now).getUTCFullYear() ? day : `${day} ${date.getUTCFullYear()}`;
}

/** A length of time in milliseconds, in its two largest units: `1 minute 5 seconds`. */
export function spokenDuration(ms: number): string {
  if (ms < 1_000) return 'less than a second';
  const first = UNITS.findIndex(([unit]) => ms >= unit);
  const parts = UNITS.slice(first, first + 2).map(([unit, noun], i) => {
    const above = i === 0 ? Infinity : UNITS[first]![0];
    return [Math.floor((ms % above) / unit), noun] as const;
  });
  return parts.flatMap(([n, noun]) => (n > 0 ? [count(n, noun)] : [])).join(' ');
}

/** `a`, `a and b`, `a, b and c` */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

export function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
