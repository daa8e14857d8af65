import dns from 'node:dns';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { onTestFinished, vi } from 'vitest';
import { type Fault, fault } from './claude-faults.ts';
import { TEST_KEY } from './claude-setup.ts';
import type { FaultServer } from './fault-server.ts';

const nowhere = (name: string, kind: 'fatal' | 'transient', says: RegExp, prepare: Fault['prepare']): Fault =>
  fault(name, kind, says, undefined, { calls: 0, prepare });

/** The host's name leads to no host: `localhost`, since the tests let nobody look for another. */
const unresolved = (code: string) => (server: FaultServer) => {
  vi.stubEnv('ANTHROPIC_BASE_URL', server.url.replace('127.0.0.1', 'localhost'));
  const error = Object.assign(new Error(`getaddrinfo ${code} localhost`), { code });
  vi.spyOn(dns, 'lookup').mockImplementation(((_host: string, _options: unknown, done: (e: Error) => void) =>
    done(error)) as never);
};

const at = (address: (server: FaultServer) => string) => (server: FaultServer) => {
  vi.stubEnv('ANTHROPIC_BASE_URL', address(server));
};

/** It speaks TLS, and has no certificate to show. */
async function withoutCertificate(): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  vi.stubEnv('ANTHROPIC_BASE_URL', `https://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

const address = /address of the API cannot be used \(check ANTHROPIC_BASE_URL\)/;

/** There is no way to the API, or not at this address. Certificates that do not fit are rows in classify.test.ts. */
export const NETWORK_FAULTS: Fault[] = [
  nowhere('a refused connection', 'transient', /cannot reach.*ECONNREFUSED/, (server) => server.close()),
  nowhere('a name that no host has', 'transient', /cannot reach.*ENOTFOUND/, unresolved('ENOTFOUND')),
  nowhere('names that nobody knows for now', 'transient', /cannot reach.*EAI_AGAIN/, unresolved('EAI_AGAIN')),
  nowhere('no network', 'transient', /cannot reach.*ENETUNREACH/, unresolved('ENETUNREACH')),
  nowhere(
    'TLS where there is none',
    'fatal',
    address,
    at(({ url }) => url.replace('http:', 'https:')),
  ),
  nowhere('TLS without a certificate', 'fatal', address, withoutCertificate),
  nowhere(
    'an address that is none',
    'fatal',
    address,
    at(() => 'nowhere'),
  ),
  nowhere(
    'an address of another kind',
    'fatal',
    address,
    at(() => 'ftp://127.0.0.1'),
  ),
  nowhere(
    'a port that is not allowed',
    'fatal',
    address,
    at(() => 'http://127.0.0.1:6000'),
  ),
  nowhere(
    'credentials in the address',
    'fatal',
    address,
    at(() => `http://me:${TEST_KEY}@127.0.0.1:9`),
  ),
  nowhere('a key that cannot be sent', 'fatal', /cannot be sent/, () => {
    vi.stubEnv('ANTHROPIC_API_KEY', 'k\u2026y-0000');
  }),
  nowhere('a header that cannot be sent', 'fatal', /ANTHROPIC_CUSTOM_HEADERS/, () => {
    vi.stubEnv('ANTHROPIC_CUSTOM_HEADERS', 'bad name: x');
  }),
];
