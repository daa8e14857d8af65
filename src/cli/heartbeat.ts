import { fstatSync } from 'node:fs';
import { systemTime, type Time } from '../claude/governor/time.ts';
import type { Context } from './context.ts';
import { lastWrittenAt, note } from './output.ts';
import { isWatched } from './terminal.ts';

/** Milliseconds of silence after which a job is shown to be alive. */
const DEFAULT_MS = 60_000;

/** Milliseconds of silence after which a command says something; undefined: it does not, since somebody watches, or nobody wants it. */
export function heartbeatMs(
  asked: number | undefined,
  { quiet, isWatched }: { quiet: boolean; isWatched: boolean },
): number | undefined {
  if (isWatched || asked === 0) return undefined;
  return asked ?? (quiet ? undefined : DEFAULT_MS);
}

/** Whether standard output is seen by whoever waits for a sign of life: JSON is for a program, a file for later, and /dev/null for nobody. */
export function isSeen(
  out: { isTTY: boolean; isFIFO(): boolean; isSocket(): boolean },
  json: boolean,
): boolean {
  return !json && (out.isTTY || out.isFIFO() || out.isSocket());
}

export interface HeartbeatOptions {
  /** Milliseconds of silence after which it says something. */
  everyMs: number;
  /** When something was last printed, by anybody here; milliseconds since the epoch. */
  lastSaidAt(): number;
  say(line: string): void;
  time: Time;
}

/** How a command here shows that it is alive; undefined: it does not. @param asked milliseconds, 0 for off; undefined: nothing was said. */
export function heartbeatHere(
  { json, quiet, env }: Context,
  asked: number | undefined,
): HeartbeatOptions | undefined {
  const everyMs = heartbeatMs(asked, { quiet, isWatched: isWatched(process.stderr, env) });
  if (everyMs === undefined) return undefined;
  const out = Object.assign(fstatSync(1), { isTTY: process.stdout.isTTY });
  const seen = isSeen(out, json) ? [process.stderr, process.stdout] : [process.stderr];
  return { everyMs, lastSaidAt: () => Math.max(...seen.map(lastWrittenAt)), say: note, time: systemTime };
}

/**
 * From now on, where nobody watches: a line now and then, so that whoever looks at a job's silence, and ends it, sees that it works.
 * @param text what to say, with how long it has worked in milliseconds. @returns what ends it.
 */
export function beat(
  { everyMs, lastSaidAt, say, time }: HeartbeatOptions,
  text: (ms: number) => string,
): () => void {
  const startedAt = time.now();
  let callOff: () => void;
  const wait = (ms: number): void => {
    callOff = time.after(ms, look);
  };
  const look = (): void => {
    const silent = time.now() - Math.max(lastSaidAt(), startedAt);
    const isSilent = silent >= everyMs;
    if (isSilent) say(text(time.now() - startedAt));
    wait(isSilent ? everyMs : everyMs - silent);
  };
  wait(everyMs);
  return () => callOff();
}
