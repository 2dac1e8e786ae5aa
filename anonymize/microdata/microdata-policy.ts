import * as z from 'zod';
import { MONDRIAN_MODES } from '../recode/mondrian.ts';
import { METRICS } from '../recode/node-measures.ts';
import { CLOSENESS_KINDS } from '../recode/requirement.ts';
import { actionProblem, VariableAction } from './variable-actions.ts';

const Column = z.string().min(1).max(200);
/** Sets of key variables that combinations are counted for. */
const MOST_SETS = 5000;
const Level = z.int().min(0);

const Hierarchy = z
  .union([
    z.string().min(1),
    z.strictObject({
      intervals: z.array(z.number()).min(1).describe('Bounds in rising order: below the first, between two, from the last'),
    }),
    z.strictObject({
      prefix: z.union([z.int().min(1), z.array(z.int().min(1)).min(1)]).describe('Characters of a code that are kept, longest first'),
    }),
  ])
  .describe('File with leaf;level1;…;* on every line, or how it is built');

const Variable = z.strictObject({
  role: z
    .enum(['key_variable', 'sensitive', 'direct_identifier', 'numeric', 'other'])
    .describe('What the variable is for disclosure control'),
  hierarchy: Hierarchy.exactOptional(),
  action: VariableAction.exactOptional(),
});

/** policy.yaml of `twinstat anonymize`: what every variable is, what must hold, and how it is reached. */
export const MicrodataPolicy = z
  .strictObject({
    variables: z.record(Column, Variable).describe('By column of the file; a column that is not named leaves as it is'),
    household: Column.exactOptional().describe('Column with the id of the household; the file gets other ids, at random'),
    require: z
      .strictObject({
        k: z.int().min(2).describe('Records that share the key variables of every record, at least'),
        household: z
          .strictObject({ k: z.int().min(2).describe('Households that share size and key variables of all members, at least') })
          .exactOptional()
          .describe('Of whole households; needs `household`'),
        l_diversity: z
          .array(
            z.strictObject({
              variable: Column.describe('Sensitive variable'),
              kind: z
                .enum(['distinct', 'entropy', 'recursive'])
                .default('distinct')
                .describe('Number of values, exp of their entropy, or (c, l)-diversity'),
              l: z.number().min(1).describe('At least so much in every class'),
              c: z
                .number()
                .gt(0)
                .describe('Of kind recursive: the most frequent value is less than c times those from the l-th on')
                .exactOptional(),
            }),
          )
          .default([])
          .describe('Different values of a sensitive variable in every class'),
        t_closeness: z
          .array(
            z.strictObject({
              variable: Column.describe('Sensitive variable'),
              kind: z
                .enum(CLOSENESS_KINDS)
                .default('equal')
                .describe('All values are equally far from each other, or as their order or their hierarchy says'),
              t: z.number().min(0).max(1).describe('Largest distance of a class to the file'),
            }),
          )
          .default([])
          .describe('How near the shares of a sensitive variable in every class are to those of the file'),
        combinations: z
          .array(
            z.strictObject({
              size: z.int().min(1).max(6).describe('Key variables, at most'),
              k: z.int().min(2).describe('Records that share any values of so many that a record shows, at least'),
            }),
          )
          .default([])
          .describe('What a few key variables alone may show; with suppress: { what: cells }'),
      })
      .describe('What must hold of every record that leaves'),
    method: z
      .strictObject({
        recode: z
          .union([
            z.strictObject({
              search: z.literal('optimal').describe('The least cost of all combinations of levels'),
              suppression_limit: z.number().min(0).max(1).default(0).describe('Share of the records that may be taken out'),
              metric: z.enum(METRICS).default('loss').describe('What is made least'),
            }),
            z.strictObject({
              search: z.literal('mondrian').describe('Ranges and sets of values that differ from record to record; nobody is taken out'),
              mode: z
                .enum(MONDRIAN_MODES)
                .default('strict')
                .describe('Whether the records of the middle value of a cut stay together or may be divided'),
            }),
            z.strictObject({
              levels: z.record(Column, Level).describe('Level of every key variable; 0 leaves the values'),
              suppression_limit: z.number().min(0).max(1).default(0).describe('Share of the records that may be taken out'),
            }),
          ])
          .describe('How key variables become coarser'),
        suppress: z
          .strictObject({
            what: z.enum(['records', 'cells']).describe('Take whole records out, or only the values of key variables that make them rare'),
            importance: z.array(Column).default([]).describe('Key variables whose values are kept longest, the most important first'),
          })
          .default({ what: 'records', importance: [] })
          .describe('What happens to records that are still too rare'),
        swap: z
          .strictObject({
            rate: z.number().gt(0).max(1).describe('Share of the households that change places, those at risk first'),
            similar: z.array(Column).min(1).describe('What both households of a pair have in common, member by member'),
            geography: z.array(Column).min(1).describe('What they exchange, the widest area first'),
          })
          .describe('Before all else pairs of households of different areas change places; needs a key file')
          .exactOptional(),
      })
      .describe('How it is reached'),
    domain: Column.default('released-microdata').describe(
      'Project and purpose: pseudonyms of a person agree within a domain, and in no two of them',
    ),
    judge: z
      .enum(['strict', 'capacity', 'wildcard'])
      .default('capacity')
      .describe(
        'Whether a record with missing keys counts for no other, for one combination that it could be, or for all of them (with suppress: cells)',
      ),
  })
  .refine(({ variables }) => Object.values(variables).some(({ role }) => role === 'key_variable'), {
    error: 'no variable is a key_variable: name what an intruder could know',
    path: ['variables'],
  })
  .superRefine(({ variables }, context) => {
    for (const [name, variable] of Object.entries(variables)) {
      const problem = actionProblem(variable);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem, path: ['variables', name], input: variable });
    }
  })
  .refine(
    ({ variables }) =>
      Object.values(variables).every(({ role, hierarchy }) => hierarchy === undefined || role === 'key_variable' || role === 'sensitive'),
    { error: 'only a key_variable or a sensitive variable has a hierarchy', path: ['variables'] },
  )
  .refine(
    ({ require }) =>
      require.l_diversity.every(({ kind, l, c }) =>
        kind === 'recursive' ? c !== undefined && Number.isInteger(l) && l > 1 : c === undefined,
      ),
    {
      error: 'kind: recursive needs c, and a whole l from 2; other kinds have no c',
      path: ['require', 'l_diversity'],
    },
  )
  .refine(
    ({ require, variables }) =>
      require.t_closeness.every(({ kind, variable }) => kind !== 'hierarchical' || variables[variable]?.hierarchy !== undefined),
    {
      error: 'kind: hierarchical needs the hierarchy of the variable: the file of its levels, or how they are built',
      path: ['require', 't_closeness'],
    },
  )
  .refine(
    ({ require, variables }) =>
      [...require.l_diversity, ...require.t_closeness].every(({ variable }) => variables[variable]?.role === 'sensitive'),
    {
      error: 'l_diversity and t_closeness need variables with role: sensitive',
      path: ['require'],
    },
  )
  .refine(
    ({ variables, require }) =>
      [...require.l_diversity, ...require.t_closeness].every(({ variable }) => variables[variable]?.action === undefined),
    {
      error: 'a variable that l_diversity or t_closeness protects has no action: post-randomisation would undo what classes were made for',
      path: ['variables'],
    },
  )
  .refine(({ require, method }) => method.suppress.what === 'records' || require.l_diversity.length + require.t_closeness.length === 0, {
    error: 'l_diversity and t_closeness are reached by taking records out: suppress: { what: records }',
    path: ['method', 'suppress'],
  })
  .refine(({ require, method }) => method.suppress.what === 'cells' || require.combinations.length === 0, {
    error: 'combinations are reached by suppressing values: suppress: { what: cells }',
    path: ['require', 'combinations'],
  })
  .refine(
    ({ require, variables }) =>
      setsUpTo(
        Object.values(variables).filter(({ role }) => role === 'key_variable').length,
        Math.max(0, ...require.combinations.map(({ size }) => size)),
      ) <= MOST_SETS,
    { error: `there are more than ${MOST_SETS} sets of so many key variables: give a smaller size`, path: ['require', 'combinations'] },
  )
  .refine(({ require, method }) => !isMondrian(method.recode) || (method.suppress.what === 'records' && require.household === undefined), {
    error: 'mondrian takes nothing out: it goes neither with suppress: { what: cells } nor with require.household',
    path: ['method', 'recode', 'search'],
  })
  .refine(
    ({ require, method }) =>
      !(isMondrian(method.recode) && method.recode.mode === 'relaxed') || require.l_diversity.length + require.t_closeness.length === 0,
    {
      error: 'l_diversity and t_closeness need mode: strict: in relaxed mode it is not known which of equal records go to which side',
      path: ['method', 'recode', 'mode'],
    },
  )
  .refine(({ household, require }) => household !== undefined || require.household === undefined, {
    error: 'require.household needs `household`: the column with its id',
    path: ['require', 'household'],
  })
  .refine(({ household, method }) => household !== undefined || method.swap === undefined, {
    error: 'method.swap needs `household`: the column with its id',
    path: ['method', 'swap'],
  })
  .refine(
    ({ household, variables, method: { swap } }) =>
      swap === undefined ||
      (new Set([...swap.similar, ...swap.geography, household]).size === swap.similar.length + swap.geography.length + 1 &&
        swap.geography.every((name) => variables[name]?.role !== 'direct_identifier')),
    {
      error: 'no column stands twice in similar and geography, neither names the household, and no direct_identifier is exchanged',
      path: ['method', 'swap'],
    },
  )
  .refine(
    ({ household, variables }) =>
      household === undefined || !['key_variable', 'direct_identifier'].includes(variables[household]?.role ?? 'other'),
    {
      error: 'the id of the household is neither a key_variable nor a direct_identifier: it stays, with other numbers',
      path: ['household'],
    },
  )
  .refine(
    ({ require, method }) =>
      require.household === undefined ||
      (method.suppress.what === 'records' && require.l_diversity.length + require.t_closeness.length === 0),
    {
      error: 'households are protected by taking them out: suppress: { what: records }, without l_diversity and t_closeness',
      path: ['require', 'household'],
    },
  );
export type MicrodataPolicy = z.output<typeof MicrodataPolicy>;

/** Whether the keys are recoded record by record into ranges and sets. */
export function isMondrian<Recode extends object>(recode: Recode): recode is Extract<Recode, { search: 'mondrian' }> {
  return 'search' in recode && recode.search === 'mondrian';
}

/** Sets of 1 to `size` of `keys`. */
function setsUpTo(keys: number, size: number): number {
  let [sets, ofSize] = [0, 1];
  for (let width = 1; width <= Math.min(size, keys); width++) {
    ofSize = (ofSize * (keys - width + 1)) / width;
    sets += ofSize;
  }
  return sets;
}

/** Names of the variables of a role, in the order of the policy. */
export function variablesOf({ variables }: MicrodataPolicy, role: MicrodataPolicy['variables'][string]['role']): string[] {
  return Object.entries(variables)
    .filter(([, variable]) => variable.role === role)
    .map(([name]) => name);
}
