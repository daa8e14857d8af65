import type { CommandEnvironment } from './data-variables.ts';
import { type CommandOptions, type CommandResult, runCommand } from './run-command.ts';

/**
 * Runs a command that is told of its task in variables. Where they are too many for the system, it is run without what is in files too:
 * first without the feedback, then without the metadata.
 */
export async function runTaskCommand(
  options: Omit<CommandOptions, 'env'> & { env?: Record<string, string> },
  variables: CommandEnvironment,
): Promise<CommandResult> {
  const result = await runCommand({ ...options, env: { ...options.env, ...variables } });
  const tooBig = result.type === 'not-started' && result.code === 'E2BIG';
  const fewer = tooBig ? withFewer(variables) : undefined;
  return fewer ? await runTaskCommand(options, fewer) : result;
}

function withFewer(variables: CommandEnvironment): CommandEnvironment | undefined {
  if (variables.ORCH_FEEDBACK !== undefined) return { ...variables, ORCH_FEEDBACK: undefined };
  const fields = Object.keys(variables).filter(
    (name) => name.startsWith('ORCH_METADATA_') && variables[name] !== undefined,
  );
  if (fields.length === 0) return undefined;
  return { ...variables, ...Object.fromEntries(fields.map((name) => [name, undefined])) };
}
