/** How an identifier of a delivery met the identity spine: identified by it; identified although it was wrong or missing; or not, and why. */
export const LINK_OUTCOMES = ['linked', 'repaired', 'out_of_register', 'ambiguous', 'failed'] as const;
export type LinkOutcome = (typeof LINK_OUTCOMES)[number];

/** What identified a person: the identifier as it is, with one digit or transposition put right, or names and date of birth. */
export const LINK_METHODS = ['id', 'repair', 'name'] as const;
export type LinkMethod = (typeof LINK_METHODS)[number];
