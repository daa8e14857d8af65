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

const NETWORKS = 256;

/** A network of its own, as another machine has one; its one cable ends here. */
export class Namespace {
  readonly name: string;
  /** This machine, as it is called there. */
  readonly here: string;
  readonly #end: string;

  /** @param from where it begins to look for a network that nobody has, so that each test begins elsewhere */
  constructor(from: number) {
    const number = takeNetwork(from);
    this.name = nameOf(number);
    const net = `10.213.${number}`;
    this.here = `${net}.1`;
    // No longer than 15 characters.
    this.#end = `orch-here-${number}`;
    const there = `orch-there-${number}`;
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

function nameOf(number: number): string {
  return `orch-${number}`;
}

/** Other test runs on this machine take networks, too: who makes the namespace has it. */
function takeNetwork(from: number): number {
  for (let i = 0; i < NETWORKS; i++) {
    const number = (from + i) % NETWORKS;
    if (spawnSync('ip', ['netns', 'add', nameOf(number)]).status === 0) return number;
  }
  throw new Error('no network is free; `ip netns` shows those that tests have left');
}

function ip(...args: string[]): void {
  execFileSync('ip', args);
}
