// Loaded before the tests, and before every orch that they start: no request leaves this machine.
import { Socket } from 'node:net';

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;

const connect = Socket.prototype.connect;

function guarded(this: Socket, ...args: unknown[]): Socket {
  const host = hostOf(args);
  if (host !== undefined && !LOOPBACK.test(host)) throw new Error(`A test reached for ${host}`);
  return connect.apply(this, args as unknown as Parameters<typeof connect>);
}

Socket.prototype.connect = guarded as typeof connect;

/** Of `(options)`, `(port, host)`, and the list of both that Node hands on inside. */
function hostOf(args: unknown[]): string | undefined {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  if (typeof first === 'object' && first !== null) {
    const { host, path } = first as { host?: string; path?: string };
    return path === undefined ? host : undefined;
  }
  return typeof second === 'string' ? second : undefined;
}
