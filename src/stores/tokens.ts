let prefix: string | undefined;
let count = 0;

/** A token for a lease: none is given twice, in whatever process. To draw a random one each time would cost more than a claim. */
export function newToken(): string {
  prefix ??= globalThis.crypto.randomUUID().slice(-12);
  return `${prefix}-${(count++).toString(36)}`;
}
