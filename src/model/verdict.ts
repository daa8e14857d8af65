/** What a verifier returned about one result. */
export interface Verdict {
  passed: boolean;
  /** 0 to 1: how sure the verifier is. */
  confidence: number;
  /** What is right or wrong, for whoever does the next attempt. */
  feedback: string;
  /** Each thing that is wrong, one a line; empty when it passed. */
  issues: string[];
  /** It passed, but with less confidence than the run asks for, and so counts as rejected. */
  unsure?: true;
  /** What has changed of its check since the task was added, as `tests.sh has changed`: a rejection, whatever the check would say. */
  tampered?: string[];
}

/** The verdict of one verifier, where several may have judged. */
export interface Evidence extends Verdict {
  /** Who gave it: `expect`, `schema`, `check`, `judge`, or the name of a module. */
  verifier: string;
  /** What the verifier says of itself: model, hash of its prompt. */
  metadata?: Record<string, unknown>;
}
