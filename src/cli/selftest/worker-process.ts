import { type ChildProcess, spawn } from 'node:child_process';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { JOB, type Job } from './job.ts';
import type { ToldBy } from './told.ts';

// Built, it is a .js file; from the sources, a .ts file.
const SCRIPT = fileURLToPath(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));

const TOLD_FD = 3;

/** So much of what a worker wrote to standard error is kept. */
const COMPLAINT_LENGTH = 1_000;

export interface WorkerListener {
  /** What it told, in its order. */
  onTold(told: ToldBy[]): void;
  /** It has ended, and all that it told has been heard. */
  onEnd(): void;
}

/** A worker as the self-test sees it. */
export class WorkerProcess {
  readonly number: number;
  readonly #child: ChildProcess;
  readonly #mayDie: boolean;
  #wasKilled = false;
  #complaint = '';
  #end: { code: number | null; signal: NodeJS.Signals | null } | undefined;

  constructor(job: Job, listener: WorkerListener) {
    this.number = job.worker;
    this.#mayDie = job.die !== undefined;
    const child = spawn(process.execPath, [SCRIPT], {
      env: { ...process.env, [JOB]: JSON.stringify(job) },
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    // It may have died already.
    child.stdin?.on('error', () => undefined);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT_LENGTH);
    });
    readLines(child.stdio[TOLD_FD] as Readable, (lines) => {
      listener.onTold(lines.map((line): ToldBy => JSON.parse(line)));
    });
    child.on('error', (error) => {
      this.#complaint = error.message;
    });
    child.on('close', (code, signal) => {
      this.#end = { code, signal };
      listener.onEnd();
    });
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** Whether SIGKILL ended it, its own or ours. */
  get wasKilled(): boolean {
    return this.#end?.signal === 'SIGKILL';
  }

  /** How it ended, where it should not have ended so. */
  get defect(): string | undefined {
    if (!this.#end || this.#end.code === 0) return undefined;
    if (this.wasKilled && (this.#wasKilled || this.#mayDie)) return undefined;
    return `it ended with ${this.#end.signal ?? this.#end.code} ${this.#complaint}`.trim();
  }

  kill(): void {
    this.#wasKilled = true;
    this.#child.kill('SIGKILL');
  }

  /** After it has stopped itself. */
  goOn(): void {
    this.#child.kill('SIGCONT');
  }

  /** It finishes what it has in hand. */
  dismiss(): void {
    this.#child.stdin?.end();
  }
}

/** What a killed writer left unfinished at the end is dropped. */
function readLines(stream: Readable, take: (lines: string[]) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    take(lines);
  });
}
