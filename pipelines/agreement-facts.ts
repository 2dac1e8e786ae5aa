import { join } from 'node:path';
import { loadDefinition, type Text } from '../engine/definitions.ts';
import { DefinitionError } from '../engine/errors.ts';
import type { Session } from '../engine/session.ts';
import { type Sql, sql } from '../engine/sql.ts';
import { type Agreement, type PublishedAgreement, publishedAgreement, type QuestionAgreement } from '../report/agreement.ts';
import { AgreementParameters } from '../transforms/agreement/agreement-parameters.ts';
import { pipelineNames } from './checked-pipeline.ts';
import { type Context, withTabulated } from './context.ts';
import { normaliseStep, Pipeline } from './definition.ts';
import { storedStep } from './stored-step.ts';

const KINDS: Readonly<Record<string, Agreement['kind']>> = { category_agreement: 'category', amount_agreement: 'amount' };

/** Steps of a pipeline that measure agreement, with what they ask. */
export function agreementSteps({ steps }: Pick<Pipeline, 'steps'>) {
  return steps.map(normaliseStep).flatMap(({ name, transform = '', with: given }) => {
    const kind = KINDS[transform];
    return kind === undefined ? [] : [{ name, kind, questions: AgreementParameters.loose().parse(given).questions }];
  });
}

/** Whether answers of a sample are what a pipeline is about. */
export function measuresAgreement(pipeline: Pick<Pipeline, 'steps'>): boolean {
  return agreementSteps(pipeline).length > 0;
}

/** Agreement on each question of a pipeline in the last month asked about, in the order of its definition. */
export async function agreementOf(
  context: Context,
  session: Session,
  pipeline: Pick<Pipeline, 'pipeline' | 'steps'>,
): Promise<QuestionAgreement[]> {
  const found: QuestionAgreement[] = [];
  for (const { name, kind, questions } of agreementSteps(pipeline)) {
    const stored = await storedStep(context, pipeline.pipeline, name);
    if (stored === undefined) continue;
    const rows = await lastRows(session, stored);
    for (const [question, { title, statistic }] of Object.entries(questions)) {
      const own = rows.filter((row) => row['question'] === question);
      const total = own.find((row) => row['code'] === '_T');
      if (total === undefined) continue;
      const groups = own.flatMap((row) =>
        row === total ? [] : [{ dimension: String(row['dimension']), code: String(row['code']), measured: measured(kind, row) }],
      );
      const statisticTitle = await titleOf(context, statistic);
      found.push({ question, title, statistic, statisticTitle, period: String(total['period']), total: measured(kind, total), groups });
    }
  }
  return found;
}

/** What a run measured of agreement, for its record: totals as they may leave; nothing of a pipeline that measures none. */
export async function agreementRecord(
  context: Context,
  pipeline: Pick<Pipeline, 'pipeline' | 'steps'>,
): Promise<{ agreement?: PublishedAgreement[] }> {
  if (!measuresAgreement(pipeline)) return {};
  const found = await withTabulated(context, [], (session) => agreementOf(context, session, pipeline));
  return { agreement: found.map(publishedAgreement) };
}

/** What any pipeline of the workspace measured of the answers that this statistic could replace. */
export async function agreementWith(context: Context, statistic: string): Promise<QuestionAgreement[]> {
  return withTabulated(context, [], async (session) => {
    const found: QuestionAgreement[] = [];
    for (const name of await pipelineNames(context.directory)) {
      const { value } = await loadDefinition(join(context.directory, 'pipelines', name, 'pipeline.yaml'), Pipeline);
      found.push(...(await agreementOf(context, session, value)).filter((each) => each.statistic === statistic));
    }
    return found;
  });
}

type Row = Readonly<Record<string, string | number | bigint | null>>;

function lastRows(session: Session, stored: Sql): Promise<Row[]> {
  return session.rows<Row>(
    sql`SELECT * FROM ${stored} QUALIFY period = max(period) OVER (PARTITION BY question) ORDER BY question, dimension, code`,
  );
}

function measured(kind: Agreement['kind'], row: Row): Agreement {
  const number = (name: string): number => Number(row[name]);
  const orNull = (name: string): number | null => (row[name] === null ? null : number(name));
  const pairs = number('pairs');
  const counts = { surveyCount: number('first_count'), statisticCount: number('second_count'), agreeing: number('agreeing') };
  return kind === 'category'
    ? { kind, pairs, ...counts, leastCell: number('least_cell'), kappa: orNull('kappa'), kappaError: orNull('kappa_error') }
    : {
        kind,
        pairs,
        medianAbsolute: number('median_absolute'),
        medianRelative: orNull('median_relative'),
        surveySum: number('first_sum'),
        statisticSum: number('second_sum'),
      };
}

/** The title of a pipeline; its name where the workspace has none of that name that can be read. */
async function titleOf(context: Context, pipeline: string): Promise<Text> {
  try {
    return (await loadDefinition(join(context.directory, 'pipelines', pipeline, 'pipeline.yaml'), Pipeline)).value.title;
  } catch (error) {
    if (error instanceof DefinitionError) return { en: pipeline, he: pipeline };
    throw error;
  }
}
