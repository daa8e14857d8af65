import { fatal, type Row, transient } from './rows.ts';
import { rootCause, type ThrownFacts } from './thrown.ts';

const CONNECTION_CODES =
  /^(?:UND_ERR_\w+|E(?:CONN\w+|PIPE|TIMEDOUT|NETUNREACH|HOSTUNREACH|HOSTDOWN|AI_AGAIN|NOTFOUND))$/;
const CREDENTIAL_TEXTS =
  /Could not resolve authentication method|ANTHROPIC_PROFILE|profile name|(?:config|credentials|identity token) file|active_config|authentication\.type/i;
/** Of Node, for files: nothing but the SDK's credentials is read from, and written to, one. */
const FILE_CODES =
  /^E(?:ACCES|PERM|ROFS|NOSPC|DQUOT|FBIG|IO|ISDIR|NOTDIR|NOENT|LOOP|NAMETOOLONG|MFILE|NFILE)$/;
const HEADER_TEXTS = /ByteString|invalid header (?:name|value)/i;
const ADDRESS_TEXTS =
  /unknown scheme|bad port|URL that includes credentials|token endpoint base URL|non-https/i;
/** Of Node's TLS, and of OpenSSL's check of a certificate. */
const TLS_CODES =
  /^(?:EPROTO|ERR_SSL_.+|ERR_TLS_\w+|CERT_\w+|UNABLE_TO_\w+|\w*SELF_SIGNED\w*|HOSTNAME_MISMATCH)$/;

/** Of the same, where the line or the other side is to blame, and not what both are. */
const PASSING_TLS_CODES = /BAD_RECORD_MAC|INTERNAL_ERROR|UNEXPECTED_EOF|CLOSE_NOTIFY/;

/** What follows from an error that is no answer of the API: of the network, the SDK, our own signals. */
export function withoutStatus({ name, text, causeCode, causeText, tokenStatus = 0 }: ThrownFacts): Row {
  if (name === 'TimeoutError') return ({ text }) => ({ kind: 'failed', message: text });
  if (name === 'AbortError' || name === 'APIUserAbortError') {
    return () => ({ kind: 'transient', message: 'the call was aborted' });
  }
  if (causeCode === 'UND_ERR_BODY_TIMEOUT') return stalled;
  if (name === 'CutStream') return transient('the answer broke off');
  if (HEADER_TEXTS.test(text)) return unsendable;
  if (causeCode === 'ERR_INVALID_URL' || ADDRESS_TEXTS.test(`${text} ${causeText}`)) return badAddress;
  if (causeCode && TLS_CODES.test(causeCode) && !PASSING_TLS_CODES.test(causeCode)) return badAddress;
  if (name === 'APIConnectionError' || name === 'APIConnectionTimeoutError') return unreachable;
  if (causeCode && CONNECTION_CODES.test(causeCode)) return unreachable;
  if (name === 'TypeError' && text === 'terminated') return transient('the answer broke off');
  if (name === 'SyntaxError') return notJson;
  if (passes(tokenStatus) || /reach token endpoint/.test(text)) return tokenless;
  const isOfFile = causeCode !== undefined && FILE_CODES.test(causeCode);
  if (name === 'WorkloadIdentityError' || isOfFile || CREDENTIAL_TEXTS.test(text)) return unusable;
  return unknown;
}

/** A good status of the token endpoint is told where no token came with it: what answered was something else. */
function passes(tokenStatus: number): boolean {
  const isRefusal = tokenStatus < 200 || (tokenStatus >= 400 && tokenStatus < 500);
  return !isRefusal || tokenStatus === 408 || tokenStatus === 429;
}

const unusable = fatal('there are no usable Claude credentials (set ANTHROPIC_API_KEY, or log in)');

const stalled: Row = () => ({
  kind: 'transient',
  message: 'the answer stalled: it began, and then nothing more of it came',
});

/** The engine's own text repeats the answer, which may hold anything. */
const notJson: Row = () => ({
  kind: 'transient',
  message: 'the answer is not JSON (check ANTHROPIC_BASE_URL)',
});

const tokenless = transient('the endpoint that gives access tokens is not available for now');

const unsendable = fatal(
  'a key or a header cannot be sent (check ANTHROPIC_API_KEY and ANTHROPIC_CUSTOM_HEADERS)',
);

const badAddress: Row = (facts) => ({
  kind: 'fatal',
  message: `the address of the API cannot be used (check ANTHROPIC_BASE_URL): ${rootCause(facts)}`,
});

const unreachable: Row = (facts) => ({
  kind: 'transient',
  message: `cannot reach the API: ${rootCause(facts)}`,
});

export const unknown: Row = ({ text }) => ({ kind: 'failed', message: `the call failed: ${text}` });
