import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ORCH } from './cli.ts';
import type { FoundShell, ShellName } from './shells.ts';

/** Prints what a command was given, so that a test sees what the shell made of a line. */
const ARGS: Record<ShellName, string> = {
  bash: "args() { printf '<<'; printf '[%s]' \"$@\"; printf '>>\\n'; }",
  zsh: "args() { printf '<<'; printf '[%s]' \"$@\"; printf '>>\\n'; }",
  fish: "function args; printf '<<'; printf '[%s]' $argv; printf '>>\\n'; end",
};

const RC: Record<ShellName, { file: string; start: string; prompt: string; load: string; before?: string }> =
  {
    bash: {
      file: 'bashrc',
      start: '--noprofile --rcfile rc/bashrc -i',
      prompt: "PS1='ready> '\nunset HISTFILE",
      load: 'eval "$(orch completion bash)"',
    },
    zsh: {
      file: '.zshrc',
      start: '-d -i',
      prompt: "PS1='ready> '",
      before: 'autoload -Uz compinit\ncompinit -u -D',
      load: 'eval "$(orch completion zsh)"',
    },
    fish: {
      file: 'fish/config.fish',
      start: '--private -i',
      prompt: "function fish_prompt; echo 'ready> '; end; set -g fish_greeting",
      load: 'orch completion fish | source',
    },
  };

/** A shell on a terminal, at whose keyboard a test sits. */
export class ShellTerminal {
  readonly #child: ChildProcess;
  #seen = '';
  #news: () => void = () => undefined;

  /** @param dir where it starts; it also gets its start-up file and an `orch` there. */
  static async start(
    name: ShellName,
    { command, env, setup }: FoundShell,
    dir: string,
  ): Promise<ShellTerminal> {
    const { file, start, prompt, load, before = '' } = RC[name];
    const rc = join(dir, 'rc');
    mkdirSync(join(rc, 'fish'), { recursive: true });
    writeFileSync(join(rc, file), [setup, before, ARGS[name], prompt, load, ''].join('\n'));
    writeFileSync(join(rc, 'orch'), `#!/bin/sh\nexec "${process.execPath}" "${ORCH}" "$@"\n`);
    chmodSync(join(rc, 'orch'), 0o755);
    const terminal = new ShellTerminal(`stty cols 100 rows 40; exec '${command}' ${start}`, dir, {
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
