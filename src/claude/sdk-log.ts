import { format } from 'node:util';
import type { Logger } from '@anthropic-ai/sdk/client';
import { redact, redactedLine } from './redact.ts';
import type { Secrets } from './secrets.ts';

/**
 * What the SDK has to say. It goes to standard error, since standard output is JSON or a result; without a credential; a problem in one
 * line, because the SDK repeats there what it could not read.
 */
export function sdkLogger(secrets: Secrets): Logger {
  const write = (text: string): void => void process.stderr.write(`${text}\n`);
  const problem = (...said: unknown[]): void => write(redactedLine(format(...said), secrets.all()));
  const detail = (...said: unknown[]): void => write(redact(format(...said), secrets.all()));
  return { error: problem, warn: problem, info: detail, debug: detail };
}

/** The SDK prints on the console that a model is old, at each call. Before the first task it is said once, in our words. */
export function withoutWarnings<T>(begin: () => T): T {
  const { warn } = console;
  console.warn = () => undefined;
  try {
    return begin();
  } finally {
    console.warn = warn;
  }
}
