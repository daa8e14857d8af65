import { execFileSync, spawnSync } from 'node:child_process';

/** Why there can be no network namespaces here; undefined: there can. */
export function noNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (spawnSync('ip', ['-V']).status !== 0) return 'there is no `ip` (package iproute2)';
  const name = `orch-probe-${process.pid}`;
  const { status, stderr } = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (status !== 0) return `this machine lets nobody make network namespaces: ${stderr.trim()}`;
  ip('netns', 'del', name);
  return undefined;
}

/** A network of its own, as another machine has one; its one cable ends here. */
export class Namespace {
  readonly name: string;
  /** This machine, as it is called there. */
  readonly here: string;
  readonly #end: string;

  /** @param number 0 to 63, another one for each */
  constructor(number: number) {
    this.name = `orch-${process.pid}-${number}`;
    const net = `10.213.${number}`;
    this.here = `${net}.1`;
    // No longer than 15 characters.
    this.#end = `oh${process.pid % 1_000_000}n${number}`;
    const there = `ot${process.pid % 1_000_000}n${number}`;
    ip('netns', 'add', this.name);
    ip('link', 'add', this.#end, 'type', 'veth', 'peer', 'name', there, 'netns', this.name);
    ip('addr', 'add', `${this.here}/30`, 'dev', this.#end);
    ip('link', 'set', this.#end, 'up');
    ip('-n', this.name, 'addr', 'add', `${net}.2/30`, 'dev', there);
    ip('-n', this.name, 'link', 'set', there, 'up');
    ip('-n', this.name, 'link', 'set', 'lo', 'up');
  }

  /** What runs a command there. Its process is the command's. */
  command(file: string, args: readonly string[]): [string, string[]] {
    return ['ip', ['netns', 'exec', this.name, file, ...args]];
  }

  /** Pulls the cable out: nobody is told. */
  cut(): void {
    ip('link', 'set', this.#end, 'down');
  }

  mend(): void {
    ip('link', 'set', this.#end, 'up');
  }

  remove(): void {
    ip('netns', 'del', this.name);
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args);
}
