import * as z from 'zod';

const Bound = z.number();

const Pram = z
  .union([
    z.number().gt(0).lt(1),
    z.strictObject({
      keep: z.number().gt(0).lt(1).describe('Share of each code that stays in the first step'),
      alpha: z.number().gt(0).max(1).default(1).describe('How much of the method is applied'),
    }),
  ])
  .describe('Post-randomisation of a categorical variable that keeps the shares of its codes in expectation; needs a key file');

const Changes = z.strictObject({
  microaggregate: z.int().min(2).exactOptional().describe('Values become means of groups of at least so many records'),
  noise: z.number().gt(0).max(1000).exactOptional().describe('Normal noise, per cent of the standard deviation; needs a key file'),
  rank_swap: z
    .number()
    .gt(0)
    .max(100)
    .exactOptional()
    .describe('Values change places within so many per cent of the ranks; needs a key file'),
  shuffle: z
    .array(z.string().min(1).max(200))
    .min(1)
    .exactOptional()
    .describe('Values change places; only what these numeric columns tell of them stays; needs a key file'),
  top: Bound.exactOptional().describe('Larger values become this one'),
  bottom: Bound.exactOptional().describe('Smaller values become this one'),
  pram: Pram.exactOptional(),
});
type Changes = z.output<typeof Changes>;

/** What is done to a variable that is not recoded. */
export const VariableAction = z
  .union([z.enum(['remove', 'number', 'pseudonym']), Changes])
  .describe(
    'remove, number (at random, of this file alone) or pseudonym (inside; numbers in what is published) for a direct identifier; pram for a categorical variable; the others for a numeric one',
  );
export type VariableAction = z.output<typeof VariableAction>;

/** What is done to the values of a numeric variable: bounds, and at most one method. */
export type NumericAction = Omit<Changes, 'pram'>;

/** The post-randomisation of a categorical variable. */
export interface PramAction {
  readonly keep: number;
  readonly alpha: number;
}

interface ActedOn {
  readonly role: string;
  readonly action?: VariableAction;
}

/** What is wrong with the action of a variable in its role, if anything. */
export function actionProblem({ role, action }: ActedOn): string | undefined {
  if (role === 'direct_identifier')
    return typeof action === 'string' ? undefined : 'a direct_identifier needs `action: remove`, `action: number` or `action: pseudonym`';
  if (action === undefined) return undefined;
  if (typeof action === 'string') return `only a direct_identifier has \`action: ${action}\``;
  if (role === 'numeric') return numericProblem(action);
  if (role === 'sensitive' || role === 'other')
    return action.pram !== undefined && Object.keys(action).length === 1
      ? undefined
      : `a variable of role ${role} has no other action than pram; a variable of numbers is numeric`;
  return 'a key_variable has no action: it is recoded';
}

function numericProblem({ pram, top, bottom, ...methods }: Changes): string | undefined {
  if (pram !== undefined) return 'pram is for categorical variables: of role sensitive or other';
  if (Object.keys(methods).length > 1) return 'a numeric variable has one of microaggregate, noise, rank_swap and shuffle, and bounds';
  if (top === undefined && bottom === undefined && Object.keys(methods).length === 0) return 'the action says nothing';
  return top !== undefined && bottom !== undefined && bottom >= top ? 'bottom must be below top' : undefined;
}

/** The action of a numeric variable, if it has one. */
export function numericAction({ role, action }: ActedOn): NumericAction | undefined {
  return role === 'numeric' && typeof action === 'object' ? action : undefined;
}

/** The post-randomisation of a variable, if it has one. */
export function pramAction({ action }: ActedOn): PramAction | undefined {
  if (typeof action !== 'object' || action.pram === undefined) return undefined;
  return typeof action.pram === 'number' ? { keep: action.pram, alpha: 1 } : action.pram;
}

/** Whether draws or pseudonyms, and so a key file, are needed. */
export function needsKey({ action }: ActedOn): boolean {
  if (action === undefined || typeof action === 'string') return action === 'pseudonym';
  return [action.noise, action.rank_swap, action.shuffle, action.pram].some((method) => method !== undefined);
}
