import { redact, withoutKeys } from './redact.ts';
import { Secrets } from './secrets.ts';

/** Takes the credentials of an environment out of messages, and what only looks like one too. They are looked up each time. */
export function redacting(env: NodeJS.ProcessEnv = process.env): (text: string) => string {
  const secrets = new Secrets(env);
  return (text) => redact(text, secrets.all());
}

/** Takes them out of what somebody works with, and leaves the rest as it is: what only looks like one stays. */
export function hidingKeys(env: NodeJS.ProcessEnv = process.env): (text: string) => string {
  const secrets = new Secrets(env);
  return (text) => withoutKeys(text, secrets.keys());
}
