import { descendants, hasMark, type Member, processes, processTable } from './processes.ts';

/** The variable in which all that a command starts, and what that starts, carries the command's mark: one for each orch that is above it. */
export const MARKS = 'ORCH_PROCESS_MARKS';

/** How often it is looked for processes that were started while others were ended. */
const MOST_LOOKS = 10;

/**
 * What a command started, itself included: the session that it leads. A program may give its children groups of their
 * own (GNU `timeout`, a shell with `set -m`); their session stays the same. Only one that makes a session of its own
 * (`setsid`, a daemon) escapes, and is known by the command's mark in its environment.
 *
 * Linux names each process's session in /proc. Elsewhere the tree of parents stands in for it, as far as it goes: a
 * child in another group whose parent is dead is not found any more.
 */
export class Session {
  readonly #leader: number;
  readonly #mark: string;
  #leaderEnded = false;
  #empty = false;
  #known: Member[] = [];

  /** @param mark what nobody else has in `MARKS`. */
  constructor(leader: number, mark: string) {
    this.#leader = leader;
    this.#mark = mark;
  }

  /** The leader is no more. Its id goes to somebody else as soon as nobody is left in its group and session. */
  leaderEnded(): void {
    this.#leaderEnded = true;
  }

  /** Signals all that are there. Once nobody was there it signals nobody, since the id may be another's. */
  signal(signal: NodeJS.Signals): void {
    if (this.#empty) return;
    const others = this.#membersOutside();
    const given = this.#leaderEnded && send(this.#leader, 0);
    this.#empty = given || (!send(-this.#leader, 0) && others.length === 0);
    if (this.#empty) return;
    send(-this.#leader, signal);
    for (const { pid } of others) send(pid, signal);
  }

  /**
   * Asks those that made a session of their own to end (SIGTERM), on Linux: elsewhere nobody knows them. What an orch among them has started
   * is its own to ask, or it would take that for a failure.
   */
  askEscaped(): void {
    for (const pid of this.#escaped(`${this.#mark}\0`)) send(pid, 'SIGTERM');
  }

  /** Ends them all with SIGKILL, and what they start meanwhile. */
  endEscaped(): void {
    const known = new Set<number>();
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const found = this.#escaped(this.#mark).filter((pid) => !known.has(pid));
      if (found.length === 0) return;
      for (const pid of found) {
        send(pid, 'SIGKILL');
        known.add(pid);
      }
    }
  }

  /** @param mark as it stands in the environment: where it is the last one, a NUL follows it. */
  #escaped(mark: string): number[] {
    const outside = processes().filter(({ session }) => session !== this.#leader);
    return outside.map(({ pid }) => pid).filter((pid) => hasMark(pid, mark));
  }

  /** Those in the session that are not in the leader's group. */
  #membersOutside(): Member[] {
    const leader = this.#leader;
    if (process.platform === 'linux')
      return processes().filter(({ session, group }) => session === leader && group !== leader);
    if (this.#leaderEnded && this.#known.length === 0) return [];
    this.#known = descendants(processTable(), leader, this.#known).filter(({ group }) => group !== leader);
    return this.#known;
  }
}

/** Signal 0 only asks. @returns whether anybody is there, though it may be one that we must not signal. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
