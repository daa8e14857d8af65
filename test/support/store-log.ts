import type * as fs from 'node:fs';

/** What the code under test does with the files of a store. */
class FileLog {
  /** Calls that change something or make it durable, such as `write journal`, in their order. */
  readonly calls: string[] = [];
  /** Bytes read, by kind of file. */
  readonly read = new Map<string, number>();
  /** Told of each of those calls, and of each `close`, before it is made; what it throws, the call throws. */
  before: (call: string) => void = () => {};
  /** Where set, what a sync in the pool is handed to; it calls the function when the sync may go on. */
  hold: ((goOn: () => void) => void) | undefined;
  readonly #names = new Map<number, string>();

  opened(fd: number, path: string): number {
    this.#names.set(fd, path);
    return fd;
  }

  did(what: string, file: number | string): void {
    const call = `${what} ${this.kind(file)}`;
    this.before(call);
    this.calls.push(call);
  }

  didRead(fd: number, bytes: number): void {
    const kind = this.kind(fd);
    this.read.set(kind, (this.read.get(kind) ?? 0) + bytes);
  }

  clear(): void {
    this.calls.length = 0;
    this.read.clear();
  }

  kind(file: number | string): string {
    const path = typeof file === 'string' ? file : (this.#names.get(file) ?? 'unknown');
    if (path.endsWith('.tmp')) return path.includes('.journal.') ? 'new journal' : 'new snapshot';
    if (path.endsWith('.lock')) return 'lock';
    if (path.endsWith('.journal')) return 'journal';
    return path.endsWith('.json') ? 'snapshot' : 'folder';
  }
}

/** Filled where a test file has `vi.mock('node:fs', ...)` with `logged`. */
export const log = new FileLog();

/** The real thing, and a log of it. */
export function logged(real: typeof fs): typeof fs {
  const openSync = (path: string, ...rest: [string, number?]) =>
    log.opened(real.openSync(path, ...rest), path);
  const readSync = (...args: Parameters<typeof real.readSync>) => {
    const read = real.readSync(...args);
    log.didRead(args[0], read);
    return read;
  };
  const writeSync = (...args: Parameters<typeof real.writeSync>) => {
    log.did('write', args[0]);
    return real.writeSync(...args);
  };
  const ftruncateSync = (fd: number, length: number) => {
    log.did('cut', fd);
    real.ftruncateSync(fd, length);
  };
  const fsyncSync = (fd: number) => {
    log.did('sync', fd);
    real.fsyncSync(fd);
  };
  const fdatasyncSync = (fd: number) => {
    log.did('sync', fd);
    real.fdatasyncSync(fd);
  };
  const fdatasync = (fd: number, told: (error: Error | null) => void) => {
    const goOn = () => real.fdatasync(fd, told);
    try {
      log.did('pooled sync', fd);
    } catch (error) {
      queueMicrotask(() => told(error as Error));
      return;
    }
    if (log.hold) log.hold(goOn);
    else goOn();
  };
  const closeSync = (fd: number) => {
    log.before(`close ${log.kind(fd)}`);
    real.closeSync(fd);
  };
  const renameSync = (from: string, to: string) => {
    log.did(`rename ${log.kind(from)} to`, to);
    real.renameSync(from, to);
  };
  const linkSync = (from: string, to: string) => {
    log.did(`link ${log.kind(from)} to`, to);
    real.linkSync(from, to);
  };
  const replaced = {
    closeSync,
    linkSync,
    openSync,
    readSync,
    writeSync,
    ftruncateSync,
    fsyncSync,
    fdatasyncSync,
    fdatasync,
    renameSync,
  };
  return { ...real, ...(replaced as unknown as Partial<typeof fs>) };
}

/** An error as the file system throws it. */
export function failWith(code: string): never {
  throw Object.assign(new Error(`${code}: as the test wants it`), { code });
}
