import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  /** Of the authority that signed the server's. */
  ca: string;
  /** Of another one. */
  otherCa: string;
  /** For the name `localhost` alone. */
  cert: string;
  key: string;
}

/** Made in the folder by openssl, good for a day. */
export function makeCertificates(folder: string): Certificates {
  const path = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  const newKey = (name: string): string[] => [
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    path(`${name}.key`),
  ];
  const ofDay = ['-days', '1'];
  for (const name of ['ca', 'other-ca']) {
    openssl('req', '-x509', ...newKey(name), ...ofDay, '-subj', `/CN=${name}`, '-out', path(`${name}.crt`));
  }
  openssl('req', ...newKey('server'), '-subj', '/CN=server', '-out', path('server.csr'));
  writeFileSync(path('names'), 'subjectAltName=DNS:localhost\n');
  const signer = ['-CA', path('ca.crt'), '-CAkey', path('ca.key'), '-CAcreateserial'];
  openssl(
    'x509',
    '-req',
    '-in',
    path('server.csr'),
    ...signer,
    ...ofDay,
    '-extfile',
    path('names'),
    '-out',
    path('server.crt'),
  );
  return {
    ca: path('ca.crt'),
    otherCa: path('other-ca.crt'),
    cert: path('server.crt'),
    key: path('server.key'),
  };
}
