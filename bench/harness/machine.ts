import { cpus, loadavg, release, totalmem, type } from 'node:os';

/** What the figures were seen on; `load`: how busy it was a minute before. */
export function machine(): Record<string, string | number> {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    load: loadavg()[0]?.toFixed(1) ?? 'unknown',
    date: new Date().toISOString().slice(0, 10),
  };
}
