/** A small checker of JSON values: zod does more, and takes longer to load than a whole `orch add` may. */

/** Where in a document: keys and indexes from its root. */
export type JsonPath = (string | number)[];

/** Throws a `Mismatch` when the value is not what it should be. */
export type Check = (value: unknown) => void;

/** A value that is not what it should be. */
export class Mismatch extends Error {
  readonly path: JsonPath;
  /** Another place that belongs to it. */
  readonly other: JsonPath | undefined;

  constructor(message: string, path: JsonPath = [], other?: JsonPath) {
    super(message);
    this.path = path;
    this.other = other;
  }
}

export const isString: Check = (value) => {
  if (typeof value !== 'string') fail('a string', value);
};

export const isBoolean: Check = (value) => {
  if (typeof value !== 'boolean') fail('true or false', value);
};

export const isNumber: Check = (value) => {
  // JSON has no way to write another one, though it can be read: as 1e999.
  if (!Number.isFinite(value)) fail('a finite number', value);
};

/** Of tokens, or of money. */
export const isAmount: Check = (value) => {
  isNumber(value);
  if (Number(value) < 0) fail('a number of at least 0', value);
};

export const isShare: Check = (value) => {
  if (!(typeof value === 'number' && value >= 0 && value <= 1)) fail('a number from 0 to 1', value);
};

export const isTime: Check = (value) => {
  if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) fail('a time in ISO 8601', value);
};

export const isObject: Check = (value) => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail('an object', value);
};

export function isCount(minimum: number, maximum = Number.MAX_SAFE_INTEGER): Check {
  const range = maximum === Number.MAX_SAFE_INTEGER ? `${minimum}` : `${minimum} to ${maximum}`;
  return (value) => {
    const whole = typeof value === 'number' && Number.isSafeInteger(value);
    if (!whole || value < minimum || value > maximum) fail(`a whole number from ${range}`, value);
  };
}

export function isOneOf(words: readonly string[]): Check {
  return (value) => {
    if (typeof value !== 'string' || !words.includes(value)) fail(`one of ${words.join(', ')}`, value);
  };
}

export function isListOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) fail('a list', value);
    for (const [index, item] of value.entries()) within(index, check, item);
  };
}

/** An object with these fields; any other is let through. */
export function isRecord(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  const checks = new Map(Object.entries({ ...required, ...optional }));
  const needed = Object.keys(required);
  return (value) => {
    isObject(value);
    const record = value as Record<string, unknown>;
    for (const key of Object.keys(record)) {
      const check = checks.get(key);
      if (check) within(key, check, record[key]);
    }
    for (const key of needed) {
      if (!Object.hasOwn(record, key)) throw new Mismatch(`${JSON.stringify(key)} is missing here`);
    }
  };
}

function within(key: string | number, check: Check, value: unknown): void {
  try {
    check(value);
  } catch (error) {
    if (error instanceof Mismatch) error.path.unshift(key);
    throw error;
  }
}

function fail(expected: string, value: unknown): never {
  const text = JSON.stringify(value) ?? String(value);
  throw new Mismatch(`this must be ${expected}, not ${text.length > 60 ? `${text.slice(0, 60)}...` : text}`);
}
