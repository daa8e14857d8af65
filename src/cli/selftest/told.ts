import { writeSync } from 'node:fs';

/** What a worker of the self-test tells, at the moment at which it is so for the worker. Times are ISO 8601 in UTC. */
export type Told =
  /** So many bytes of a file are on the disk. `isNew`: it was just made, whatever bore this inode number before. */
  | { kind: 'synced'; ino: number; size: number; isNew: boolean }
  /** The store acknowledged these. */
  | { kind: 'added'; tasks: Array<{ id: string; description: string }> }
  | { kind: 'claimed'; id: string; token: string; since: string }
  /** Its runner died, or slept past its lease, and it was the third: it failed. */
  | { kind: 'setAside'; id: string }
  | { kind: 'checkpointed'; id: string; token: string; since: string; output: string }
  | { kind: 'completed'; id: string; token: string; since: string; result: string }
  | { kind: 'reset'; id: string }
  /** The store refused a write under this lease. */
  | { kind: 'refused'; id: string; token: string }
  /** The run said that it lost the task. */
  | { kind: 'lost'; id: string }
  /** An execution began, under a lease of that time. */
  | { kind: 'begun'; id: string; token: string; since: string }
  /** The worker kills itself. */
  | { kind: 'dying' }
  /** The worker stops itself (SIGSTOP) while it holds this task. */
  | { kind: 'stopping'; id: string; token: string }
  /** Said by the self-test: another worker has taken over what a stopped one held. */
  | { kind: 'overtaken'; id: string; token: string }
  /** Something failed that should not have. */
  | { kind: 'trouble'; message: string };

export type ToldBy<K extends Told['kind'] = Told['kind']> = Extract<Told, { kind: K }> & {
  /** Milliseconds since the epoch, with fractions, by the clock that all workers share. */
  at: number;
  /** Number of the worker. */
  worker: number;
};

export type Tell = (told: Told) => void;

/** @param epochMs of the machine's monotonic clock, in milliseconds since the epoch. */
export function sharedNow(epochMs: number): number {
  return epochMs + monotonicMs();
}

/** When the monotonic clock, which is the same for all processes, stood at 0: milliseconds since the epoch. */
export function epochOfClock(): number {
  return Date.now() - monotonicMs();
}

/** Writes each as a line to a pipe, at once: what was told before a SIGKILL arrives. */
export function teller(fd: number, worker: number, epochMs: number): Tell {
  return (told) => {
    const line = Buffer.from(`${JSON.stringify({ ...told, at: sharedNow(epochMs), worker })}\n`);
    for (let done = 0; done < line.length; ) done += writeSync(fd, line, done);
  };
}

function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
