import { redact } from '../claude/redact.ts';
import { Secrets } from '../claude/secrets.ts';
import { isOrchError, messageOf } from '../model/errors.ts';
import { EXIT, EXIT_OF_ERROR } from './exit-codes.ts';
import { noteFitted } from './fitted-lines.ts';
import { jsonDocument, note } from './output.ts';
import { safeText } from './safe-text.ts';

/** Says in one sentence what went wrong. @returns the exit code. */
export function reportError(thrown: unknown, json: boolean): number {
  const { code, exitCode, ...said } = describe(thrown);
  // It may repeat an argument, which must not steer the terminal, and may be a credential in the wrong place.
  const secrets = new Secrets(process.env).all();
  const message = safeText(redact(said.message, secrets));
  if (json) note(jsonDocument({ error: { code, message } }));
  else noteFitted(message);
  if (process.env.ORCH_DEBUG === '1' && thrown instanceof Error)
    note(safeText(redact(thrown.stack ?? '', secrets)));
  return exitCode;
}

function describe(thrown: unknown): { code: string; exitCode: number; message: string } {
  if (isOrchError(thrown)) {
    return { code: thrown.code, exitCode: EXIT_OF_ERROR[thrown.code], message: thrown.message };
  }
  const message = `orch met an error that it did not expect: ${messageOf(thrown)} (ORCH_DEBUG=1 shows where)`;
  return { code: 'defect', exitCode: EXIT.defect, message };
}
