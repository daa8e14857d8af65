import type { Command } from 'commander';
import type { AuditFlags } from '../audit/conduct.ts';
import { AUDIT_OPTIONS } from '../audit/options.ts';
import { optionOf } from '../flags.ts';
import { withHelp } from '../help.ts';

export function registerAudit(program: Command): void {
  const command = program
    .command('audit')
    .description('Has the results of completed tasks verified again, and says which no longer hold.')
    .argument(
      '[id...]',
      'these tasks: ids, or ranges such as task-010..task-020 (default: all that are completed)',
    )
    .option('--reopen', 'those that no longer hold go back to pending, with the reason as feedback')
    .option('--judge', 'let Claude judge too, which costs a call for each task')
    .option('--trust', 'commands that came with the tasks or the folder may be run; remembered');
  for (const name of AUDIT_OPTIONS) {
    const option = optionOf(name);
    if (name === 'maxCost') option.description = 'what the judge may cost';
    command.addOption(option);
  }
  withHelp(command, {
    examples: ['orch audit', 'orch audit task-010..task-020 --reopen'],
    common: ['--reopen', '--judge', '--trust', '--concurrency', '--check', '--expect', '--schema'],
  });
  command.action(async (ids: string[], flags: AuditFlags) => {
    const { conductAudit } = await import('../audit/conduct.ts');
    await conductAudit(ids, flags, command);
  });
}
