import type { Format } from '../input/parse-tasks.ts';

/** What the options of `orch add` say. */
export interface AddOptions {
  priority?: number;
  after?: string[];
  notBefore?: string;
  id?: string;
  maxAttempts?: number;
  criteria?: string;
  check?: string;
  checkFile?: string[];
  trust?: boolean;
  expect?: string;
  /** Path of the file. */
  schema?: string;
  tag?: string[];
  meta?: Record<string, string>;
  descriptionFile?: string;
  file?: string;
  format?: Format;
  template?: string;
  key?: string;
  run?: boolean;
}
