import type { Explanation, Link, Obstacle } from './explanation.ts';
import {
  count,
  errorText,
  LEFT,
  leaseText,
  MOST_TYPED,
  nameSome,
  STATUS_WORDS,
  SYMBOLS,
  when,
} from './format.ts';
import { firstLine, oneLine } from './safe-text.ts';

export interface ExplanationOptions {
  /** A command of ours as it has to be typed here. */
  hint(command: string): string;
  /** Milliseconds since the epoch. */
  now: number;
}

/** An explanation as a person reads it: the task, and below it all that stands before it. */
export function explanationLines(
  { id, status, obstacles }: Explanation,
  options: ExplanationOptions,
): string[] {
  const [first] = obstacles;
  const head = `${SYMBOLS[status]} ${id} is ${STATUS_WORDS[status]}`;
  if (!first) return [`${head}: nothing stands before it, the next free slot takes it`];
  if (status !== 'pending')
    return [...headOf(head, first, id, options), ...obstacles.slice(1).flatMap(linesOf(options))];
  return [head, ...obstacles.flatMap(linesOf(options))];
}

function headOf(head: string, obstacle: Obstacle, id: string, { hint, now }: ExplanationOptions): string[] {
  switch (obstacle.reason) {
    case 'completed':
      return [`${head}${sinceText(obstacle.since, now)}`];
    case 'failed': {
      const { error } = obstacle;
      const why = error ? `: ${oneLine(errorText({ error }))}` : '';
      return [
        `${head}${sinceText(obstacle.since, now)}${why}`,
        `  ${hint(`retry ${id}`)} gives it one more round`,
      ];
    }
    case 'running': {
      return [`${head}: ${obstacle.run} holds it ${leaseText(obstacle, now)}`];
    }
    default:
      return [`${SYMBOLS.in_progress} ${id} was ${LEFT}`];
  }
}

function linesOf(options: ExplanationOptions): (obstacle: Obstacle) => string[] {
  return (obstacle) => sayingsOf(obstacle, options).map((line) => `  ${line}`);
}

function sayingsOf(obstacle: Obstacle, options: ExplanationOptions): string[] {
  const { hint, now } = options;
  switch (obstacle.reason) {
    case 'blocked':
      return blockedLines(obstacle, options);
    case 'not-due':
      return [`It is not due before ${when(obstacle.notBefore, now)}`];
    case 'behind': {
      const { higher, older } = obstacle;
      const parts = [
        higher > 0 ? `${count(higher, 'task')} of higher priority` : '',
        older > 0 ? `${count(older, 'older task')} of the same priority` : '',
      ];
      const come = higher + older === 1 ? 'comes' : 'come';
      return [`${parts.filter(Boolean).join(' and ')} ${come} first`];
    }
    case 'paused':
      return [`No run starts anything: ${nameSome(obstacle.runs)} paused; ${hint('resume')} lets them go on`];
    case 'stopping':
      return [`No run starts anything: ${nameSome(obstacle.runs)} stopping; ${hint('run')} starts another`];
    case 'selective':
      return [
        `${nameSome(obstacle.runs)} may leave it: told which tasks to start, or how many; ${hint('run')} starts another run`,
      ];
    case 'no-run': {
      const { lastStop } = obstacle;
      const last = lastStop
        ? [`The last one ended early (${lastStop.kind}): ${firstLine(lastStop.message)}`]
        : [];
      return [`No run works on the store; ${hint('run')} starts one`, ...last];
    }
    default:
      return [];
  }
}

function blockedLines(
  { chain, circle, forGood }: Extract<Obstacle, { reason: 'blocked' }>,
  { hint, now }: ExplanationOptions,
): string[] {
  return [
    'It waits for others:',
    ...chain.map((link) => `  ${linkText(link, now)}`),
    ...(circle ? [`They wait for each other in a circle: ${nameSome(circle)}`] : []),
    ...(forGood ? [`As things are it never starts${wayOut(chain, hint)}`] : []),
  ];
}

function wayOut(chain: Link[], hint: ExplanationOptions['hint']): string {
  const failed = chain.filter(({ status }) => status === 'failed').map(({ id }) => id);
  if (failed.length === 0) return '';
  const which = failed.length > MOST_TYPED ? '--status failed' : failed.join(' ');
  return `; ${hint(`retry ${which}`)} gives what failed one more round`;
}

/** `task-001 failed: exited with 3` */
function linkText({ id, status, waitsFor, error, run, notBefore }: Link, now: number): string {
  if (status === undefined) return `${id} is gone`;
  const parts = [
    waitsFor && `waits for ${nameSome(waitsFor)}`,
    run && `by ${run}`,
    notBefore && `not before ${when(notBefore, now)}`,
    error && oneLine(errorText({ error })),
  ];
  const said = parts.filter(Boolean).join(', ');
  return `${id} is ${STATUS_WORDS[status]}${said && `: ${said}`}`;
}

function sinceText(since: string | undefined, now: number): string {
  return since === undefined ? '' : `, since ${when(since, now)}`;
}
