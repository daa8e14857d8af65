/** What a run has learned of one limit of a service. */
export interface LearnedLimit {
  perMinute: number;
  /** Most that was ever seen to be left of it. */
  most: number;
}

/** By the names of the limits. */
export type ModelLimits = Readonly<Record<string, LearnedLimit>>;

/** By the names of the models. */
export type LearnedLimits = Readonly<Record<string, ModelLimits>>;

/** Until when a service has asked for no more calls, by the names of the models. ISO 8601. */
export type Holds = Readonly<Record<string, string>>;
