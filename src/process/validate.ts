import { OrchError } from '../model/errors.ts';

/** @throws `usage`: nothing to run. An empty command would succeed, and prove nothing. */
export function requireCommand(command: string): string {
  if (command.trim() === '') throw new OrchError('usage', 'Expected command to say what to run, got nothing');
  return command;
}

/** @throws `usage`: not a length of time. `Infinity` is one. */
export function requireTimeout(timeoutMs: number): number {
  if (timeoutMs > 0) return timeoutMs;
  throw new OrchError('usage', `Expected timeoutMs to be more than 0 milliseconds, got ${timeoutMs}`);
}
