import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ORCH } from './cli.ts';
import type { FoundShell, ShellName } from './shells.ts';

/** Prints what a command was given, so that a test sees what the shell made of a line. */
const ARGS: Record<ShellName, string> = {
  bash: "args() { printf '<<'; printf '[%s]' \"$@\"; printf '>>\\n'; }",
  zsh: "args() { printf '<<'; printf '[%s]' \"$@\"; printf '>>\\n'; }",
  fish: "function args; printf '<<'; printf '[%s]' $argv; printf '>>\\n'; end",
};

interface StartUp {
  /** The start-up file, in the folder rc. */
  file: string;
  options: string;
  prompt: string;
  /** Makes the shell ready for completions. */
  before?: string;
  /** Takes the script from orch, as the script itself says. */
  evaluates: string;
  /** Where a script that was written to a file lies, in the folder rc, and what takes it from there. */
  kept: [path: string, takes: string];
}

const START_UP: Record<ShellName, StartUp> = {
  bash: {
    file: 'bashrc',
    options: '--noprofile --rcfile rc/bashrc -i',
    prompt: "PS1='ready> '\nunset HISTFILE",
    evaluates: 'eval "$(orch completion bash)"',
    kept: ['orch.bash', '. rc/orch.bash'],
  },
  zsh: {
    file: '.zshrc',
    options: '-d -i',
    prompt: "PS1='ready> '",
    before: 'fpath+=(rc/functions(/N))\nautoload -Uz compinit\ncompinit -u -D',
    evaluates: 'eval "$(orch completion zsh)"',
    kept: ['functions/_orch', ''],
  },
  fish: {
    file: 'fish/config.fish',
    options: '--private -i',
    prompt: "function fish_prompt; echo 'ready> '; end; set -g fish_greeting",
    evaluates: 'orch completion fish | source',
    kept: ['fish/completions/orch.fish', ''],
  },
};

/** A shell on a terminal, at whose keyboard a test sits. */
export class ShellTerminal {
  readonly #child: ChildProcess;
  #seen = '';
  #news: () => void = () => undefined;

  /** @param dir where it starts; it also gets its start-up file and an `orch` there. @param script to be kept in a file, where it is not taken from orch. */
  static async start(
    name: ShellName,
    { command, env, setup }: FoundShell,
    dir: string,
    script?: string,
  ): Promise<ShellTerminal> {
    const { file, options, prompt, before = '', evaluates, kept } = START_UP[name];
    const rc = join(dir, 'rc');
    const [path, takes] = kept;
    for (const each of [file, path]) mkdirSync(join(rc, dirname(each)), { recursive: true });
    if (script !== undefined) writeFileSync(join(rc, path), script);
    const load = script === undefined ? evaluates : takes;
    writeFileSync(join(rc, file), [setup, before, ARGS[name], prompt, load, ''].join('\n'));
    writeFileSync(join(rc, 'orch'), `#!/bin/sh\nexec "${process.execPath}" "${ORCH}" "$@"\n`);
    chmodSync(join(rc, 'orch'), 0o755);
    const terminal = new ShellTerminal(`stty cols 100 rows 40; exec '${command}' ${options}`, dir, {
      ...env,
      PATH: `${rc}:${process.env.PATH}`,
      ZDOTDIR: rc,
      XDG_CONFIG_HOME: rc,
      XDG_DATA_HOME: rc,
    });
    await terminal.#shows(/ready> /);
    return terminal;
  }

  private constructor(command: string, dir: string, env: Record<string, string>) {
    this.#child = spawn('script', ['-qec', command, '/dev/null'], {
      cwd: dir,
      env: { HOME: dir, TERM: 'xterm', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#seen += chunk.toString();
      this.#news();
    });
    onTestFinished(async () => {
      const closed = once(this.#child, 'close');
      this.#child.kill('SIGKILL');
      await closed;
    });
  }

  /** What the shell makes of a line that was typed so, Tabs included: its words. */
  async words(keys: string): Promise<string[]> {
    this.#seen = '';
    // To the start of the line, and another command in front.
    this.#child.stdin?.write(`${keys}\u0001args \n`);
    const [, words = ''] = await this.#shows(/<<\[(.*)\]>>/s);
    await this.#shows(/>>.*ready> /s);
    return words.split('][');
  }

  /** Resolves when the keys have brought this to the screen. The line stays as it is. */
  async shows(keys: string, text: RegExp): Promise<void> {
    this.#seen = '';
    this.#child.stdin?.write(keys);
    await this.#shows(text);
  }

  async #shows(text: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = text.exec(this.#seen);
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#news = resolve;
      });
    }
  }
}
