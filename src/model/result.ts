import type { Failure } from './failure.ts';
import type { Usage } from './usage.ts';
import type { Evidence, Verdict } from './verdict.ts';

/** An executor's answer: the work, or why there is none. Usage is given either way, where money was spent. */
export type ExecutionResult = Executed | NotExecuted;

export interface Executed {
  success: true;
  /** A text; where `metadata.encoding` is `base64`, bytes that are no UTF-8. */
  output: string;
  /** 0 to 1, if the executor has an opinion. */
  confidence?: number;
  usage?: Usage;
  metadata?: Record<string, unknown>;
}

export interface NotExecuted {
  success: false;
  error: Failure;
  /** What there was before it failed: a cut answer, the output of a command that ended with 3. */
  output?: string;
  usage?: Usage;
  metadata?: Record<string, unknown>;
}

/** A verifier's answer: a verdict, "could not tell", or why it gave neither. A broken verifier has not rejected. */
export type Verification = (Judged & { usage?: Usage }) | Inconclusive | NotVerified;

/** Who judged, or tried to. */
interface ByVerifier {
  /** What the verifier says of itself: model, hash of its prompt. Kept with the attempt as `judge`. */
  metadata?: Record<string, unknown>;
  /** Each verdict that led to the answer, in the order in which they were given. Kept with the attempt. */
  evidence?: Evidence[];
  /** A command gave it, or a comparison, which says nothing about the service of a judge beside it. */
  isCheck?: true;
}

/** A verdict, and who gave it. */
export interface Judged extends Verdict, ByVerifier {}

export interface Inconclusive extends ByVerifier {
  inconclusive: true;
  reason: string;
  /** As of a `Failure`: the service may be out, and not this verification alone. */
  silentMs?: number;
  usage?: Usage;
}

export interface NotVerified extends ByVerifier {
  error: Failure;
  usage?: Usage;
}
