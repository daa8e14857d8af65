import { redact, withoutKeys } from '../claude/redact.ts';
import { Secrets } from '../claude/secrets.ts';
import { names, type Parser, someText, usage } from './values.ts';

/** A model's name. A credential that was given in its place is neither sent nor shown. */
export const modelName: Parser<string> = (text, name) => {
  if (redact(withoutKeys(text, new Secrets(process.env).keys()), []) !== text)
    throw usage(
      `Expected ${name} to be the name of a model, got a credential; name a model, such as claude-sonnet-5-5`,
    );
  return someText(text, name);
};

/** Several, separated by commas. */
export const modelNames: Parser<string[]> = (text, name) => {
  modelName(text, name);
  return names(text, name);
};
