import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { NewTask } from '../../src/model/task.ts';
import { JsonTaskStore } from '../../src/stores/json/json-task-store.ts';
import { orchHere } from './here.ts';
import { listed } from './store-parts.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What runs: the built command line, so `npm run build` comes before the tests. */
export const ORCH = join(ROOT, 'bin', 'orch.js');

/** Whether there is the `script` of util-linux, which gives a command a terminal. */
export const HAS_SCRIPT = spawnSync('script', ['--version']).status === 0;

const FUNCTION = `orch() { "${process.execPath}" "${ORCH}" "$@"; }\n`;

export interface Result {
  stdout: string;
  stderr: string;
  /** The exit status; 128 and more after a signal, as a shell has it. */
  code: number;
}

export interface Options {
  /** Written to standard input, which is then closed. Default: nothing. */
  input?: string | Buffer;
  env?: Record<string, string>;
}

/** The command line as a child process without a terminal, in a folder of its own that goes with the test. */
export class Cli {
  readonly dir: string;

  constructor() {
    this.dir = realpathSync(mkdtempSync(join(tmpdir(), 'orch-cli-')));
    mkdirSync(this.path('home'));
    onTestFinished(() => rmSync(this.dir, { recursive: true, force: true }));
  }

  path(name: string): string {
    return join(this.dir, name);
  }

  write(name: string, text: string | Buffer): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** Runs `orch` to its end. */
  run(args: string[], options: Options = {}): Promise<Result> {
    return resultOf(this.start(args, options));
  }

  /** The same in the test's own process, which takes a tenth of the time: for what sets up a test, or looks at what it left. */
  here(args: string[], { input = '', env = {} }: Options = {}): Promise<Result> {
    return orchHere(args, this.dir, this.environment(env), input);
  }

  /** Runs a shell script in which `orch` is a function. */
  sh(script: string, options: Options = {}): Promise<Result> {
    return resultOf(this.startShell(script, options));
  }

  startShell(script: string, options: Options = {}): ChildProcess {
    return this.#spawn('/bin/sh', ['-c', FUNCTION + script], options);
  }

  /** The environment of what is started: nothing of the machine's own settings is in it. */
  environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
    const clean = Object.entries(process.env).filter(
      ([name]) => !/^(CI|GITHUB_|GITLAB_|npm_|ORCH_|ANTHROPIC_|NO_COLOR|FORCE_COLOR|XDG_)/.test(name),
    );
    const home = this.path('home');
    return {
      ...Object.fromEntries(clean),
      HOME: home,
      ANTHROPIC_CONFIG_DIR: home,
      NODE_OPTIONS: `--import=${preload('no-network.ts')}`,
      ...more,
    };
  }

  /** The same on a terminal of 80 columns; what it shows is on stdout, and its keyboard stays open. */
  terminal(script: string): ChildProcess {
    const command = `stty cols 80 rows 24\n${FUNCTION}${script}`;
    const env = { SHELL: '/bin/sh', TERM: 'xterm' };
    return this.#spawn('script', ['-qec', command, '/dev/null'], { env }, true);
  }

  /** Puts tasks into the store as `orch add` does, without a process of its own. */
  add(...tasks: Array<string | NewTask>): Promise<unknown> {
    const all = tasks.map((task) => (typeof task === 'string' ? { description: task } : task));
    return this.#withStore((store) => store.add(all), true);
  }

  /** The tasks as they are kept, and `list --json` prints them, without a process of its own. */
  async tasks(): Promise<Array<Record<string, unknown>>> {
    const tasks = await this.#withStore((store) => listed(store));
    return JSON.parse(JSON.stringify(tasks));
  }

  /** As a command does: the store is open for as long as it is used. */
  async #withStore<T>(use: (store: JsonTaskStore) => Promise<T>, create = false): Promise<T> {
    const store = await JsonTaskStore.open(this.path('tasks.json'), { create });
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }

  start(args: string[], options: Options = {}): ChildProcess {
    return this.#spawn(process.execPath, [ORCH, ...args], options);
  }

  /** Resolves when the file is there; commands under test make one to say how far they are. */
  async appears(name: string): Promise<void> {
    const path = this.path(name);
    const seen = new AbortController();
    const changes = watch(dirname(path), { signal: seen.signal });
    try {
      while (!existsSync(path)) await once(changes, 'change');
    } finally {
      seen.abort();
    }
  }

  #spawn(
    command: string,
    args: string[],
    { input = '', env = {} }: Options,
    keepsOpen = false,
  ): ChildProcess {
    const child = spawn(command, args, {
      cwd: this.dir,
      env: this.environment(env),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    child.stdin?.on('error', () => undefined);
    if (!keepsOpen) child.stdin?.end(input);
    onTestFinished(() => {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    });
    return child;
  }
}

export async function resultOf(child: ChildProcess): Promise<Result> {
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { stdout: await stdout, stderr: await stderr, code: code ?? SIGNALS[signal ?? ''] ?? 128 };
}

/** Resolves when the child has written this. */
export function says(
  child: ChildProcess,
  text: string,
  stream: 'stdout' | 'stderr' = 'stderr',
): Promise<void> {
  let heard = '';
  return new Promise((resolve) => {
    child[stream]?.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes(text)) resolve();
    });
  });
}

const SIGNALS: Record<string, number> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGPIPE: 141,
  SIGKILL: 137,
  SIGTERM: 143,
};

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export function jsonLines(text: string): Array<Record<string, unknown>> {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** For NODE_OPTIONS: a module of test/support as an orch that is started can load it first. */
export function preload(name: string): string {
  return new URL(name, import.meta.url).href;
}
