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
  /** Of a client, for the user `holder`. */
  client: KeyPair;
  /** The same, by the other authority. */
  otherClient: KeyPair;
}

export interface KeyPair {
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
  const signed = (name: string, subject: string, by: string, ...more: string[]): KeyPair => {
    openssl('req', ...newKey(name), '-subj', `/CN=${subject}`, '-out', path(`${name}.csr`));
    const signer = ['-CA', path(`${by}.crt`), '-CAkey', path(`${by}.key`), '-CAcreateserial'];
    const pair = { cert: path(`${name}.crt`), key: path(`${name}.key`) };
    openssl('x509', '-req', '-in', path(`${name}.csr`), ...signer, ...ofDay, ...more, '-out', pair.cert);
    return pair;
  };
  writeFileSync(path('names'), 'subjectAltName=DNS:localhost\n');
  return {
    ca: path('ca.crt'),
    otherCa: path('other-ca.crt'),
    ...signed('server', 'server', 'ca', '-extfile', path('names')),
    client: signed('client', 'holder', 'ca'),
    otherClient: signed('other-client', 'holder', 'other-ca'),
  };
}
