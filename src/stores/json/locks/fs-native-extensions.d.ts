/** The package brings no types; these are the parts of it that orch uses. */
declare module 'fs-native-extensions' {
  /** @returns false when another open file holds it. */
  export function tryLock(fd: number, options?: { shared?: boolean }): boolean;
  export function unlock(fd: number): void;
}
