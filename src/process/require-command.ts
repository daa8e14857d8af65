import { OrchError } from '../model/errors.ts';

/** @throws `usage`: nothing to run. An empty command would succeed, and prove nothing. */
export function requireCommand(command: string): string {
  if (command.trim() === '') throw new OrchError('usage', 'Expected command to say what to run, got nothing');
  return command;
}
