import { execFileSync, spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { type Cli, ORCH, preload } from './cli.ts';
import { Emulator, type EmulatorOptions } from './emulator.ts';

/** Where a command shows itself: a terminal that can be looked at, and made wider or narrower. */
export interface Screen {
  /** Resolves with all rows, those that have scrolled off included, when they are as is asked for; the limit of the test ends the wait. */
  until(isShown: (screen: string) => boolean): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  press(key: 'C-c'): Promise<void>;
}

/** One whose process can be sent any signal. */
export interface EmulatedScreen extends Screen {
  signal(name: NodeJS.Signals): void;
  /** All that was written to it. */
  readonly written: string;
}

export interface ScreenOptions {
  columns: number;
  rows: number;
  /** Makes a terminal of one stream alone; the other is a file. Default: both are the terminal. */
  only?: 'out' | 'err';
  /** How an emulated one measures characters. */
  widths?: EmulatorOptions['widths'];
  /** Modules that it loads first, for NODE_OPTIONS. */
  imports?: string[];
  /** What the terminal says that its size is. Default: what it is. */
  fake?: { columns: number; rows: number };
}

/** `orch` with these arguments on a screen. When it has ended, its exit code is shown. Its time of day is `clock`'s. */
export type Starter<S extends Screen = Screen> = (
  cli: Cli,
  args: string[],
  options: ScreenOptions,
) => Promise<S>;

export const HAS_TMUX = spawnSync('tmux', ['-V']).status === 0;

/** The time of day of commands that were started; it stands still between two calls. */
export class ClockFile {
  readonly #cli: Cli;
  #now = Date.parse('2030-01-01T00:00:00Z');

  constructor(cli: Cli) {
    this.#cli = cli;
    this.forward(0);
  }

  forward(seconds: number): void {
    this.#now += seconds * 1000;
    writeFileSync(this.#cli.path('clock.new'), String(this.#now));
    renameSync(this.#cli.path('clock.new'), this.#cli.path('clock'));
  }
}

/** A real terminal, of tmux. */
export const inTmux: Starter = async (cli, args, { columns, rows, only, imports = [] }) => {
  const loaded = clockEnvironment(cli);
  for (const module of imports) loaded.NODE_OPTIONS += ` --import=${module}`;
  const more = { LC_ALL: 'C.UTF-8', TMUX: '', REST_FILE: cli.path('rest') };
  const env = { ...cli.environment(loaded), ...more };
  const tmux = (...words: string[]): string =>
    execFileSync('tmux', ['-u', '-S', cli.path('tmux'), '-f', '/dev/null', ...words], {
      encoding: 'utf8',
      env,
    });
  onTestFinished(() => void spawnSync('tmux', ['-S', cli.path('tmux'), 'kill-server']));
  const size = ['-x', String(columns), '-y', String(rows)];
  const command = `${commandLine(args)} ${REDIRECTIONS[only ?? '']}; echo "code $?"; exec cat`;
  tmux('new-session', '-d', ...size, '-c', cli.dir, command, ';', 'set', '-g', 'status', 'off');
  return {
    until: async (isShown) => {
      for (;;) {
        const screen = tmux('capture-pane', '-p', '-S', '-').trimEnd();
        if (isShown(screen)) return screen;
        await nextTurn();
      }
    },
    resize: async (columns, rows) => void tmux('resize-window', '-x', String(columns), '-y', String(rows)),
    press: async (key) => void tmux('send-keys', key),
  };
};

/** An emulated one, which needs nothing of the machine: what is written to it comes through a pipe. */
export const inEmulator: Starter<EmulatedScreen> = async (
  cli,
  args,
  { columns, rows, only, widths = '11', imports = [], fake = { columns, rows } },
) => {
  const emulator = new Emulator({ columns, rows, widths });
  const measure = (columns: number, rows: number) => cli.write('size', `${columns}x${rows} ${only ?? ''}`);
  measure(fake.columns, fake.rows);
  const env = clockEnvironment(cli);
  for (const module of [preload('fake-terminal.ts'), ...imports]) env.NODE_OPTIONS += ` --import=${module}`;
  const streams = only === 'err' ? '2>&1 > file' : `2>&1 ${REDIRECTIONS[only ?? '']}`;
  const script = `${commandLine(args)} ${streams} & echo $! > pid; wait $!; echo "code $?"`;
  const child = cli.startShell(script, { env: { ...env, FAKE_TERMINAL: cli.path('size'), TERM: 'xterm' } });
  const chunks = child.stdout?.[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const decoder = new StringDecoder();
  let written = '';
  const signal = (name: NodeJS.Signals): void => void process.kill(Number(cli.read('pid')), name);
  return {
    until: async (isShown) => {
      while (!isShown(emulator.rows.join('\n'))) {
        const { value, done } = await chunks.next();
        if (done) throw new Error(`it ended, and showed\n${emulator.rows.join('\n')}`);
        const text = decoder.write(value);
        written += text;
        await emulator.write(text);
      }
      return emulator.rows.join('\n');
    },
    resize: async (columns, rows) => {
      emulator.resize(columns, rows);
      measure(columns, rows);
      signal('SIGUSR2');
    },
    press: async () => signal('SIGINT'),
    signal,
    get written() {
      return written;
    },
  };
};

/** What becomes of the other stream where one alone is the terminal. */
const REDIRECTIONS = { '': '', out: '2> file', err: '> file' };

function commandLine(args: string[]): string {
  return [process.execPath, ORCH, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

/** The environment of a command whose time of day is that of the `ClockFile`. */
export function clockEnvironment(cli: Cli): { NODE_OPTIONS: string; CLOCK_FILE: string } {
  const preloads = ['no-network.ts', 'clock-file.ts'].map((name) => `--import=${preload(name)}`);
  return { NODE_OPTIONS: preloads.join(' '), CLOCK_FILE: cli.path('clock') };
}
