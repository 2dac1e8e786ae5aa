import { join as joinPath } from 'node:path';
import { hashJson } from '../engine/canonical-json.ts';
import type { Text } from '../engine/definitions.ts';
import { makeFolder, writeDurably } from '../engine/file-hash.ts';
import type { Session } from '../engine/session.ts';
import { join, literal, sql } from '../engine/sql.ts';
import type { Ref } from '../engine/store.ts';
import { packageVersion } from '../engine/version.ts';
import { renderRunPage } from '../report/run-page.ts';
import type {
  MonthlySeries,
  Refusal as PageRefusal,
  PipelineFigures,
  QualityFigure,
  RunPage,
  SourceFigures,
} from '../report/run-page-data.ts';
import { LINK_OUTCOMES } from '../transforms/link/outcome.ts';
import { type Context, withTabulated } from './context.ts';
import type { SourceReport } from './deliveries.ts';
import type { DemoReport } from './demo-report.ts';

const METHOD_NAMES: Readonly<Record<string, string>> = {
  jevons: 'Jevons',
  fisher: 'Fisher',
  tornqvist: 'Törnqvist',
  walsh: 'Walsh',
  geks: 'GEKS',
  ccdi: 'CCDI',
};
const EMPLOYMENT: Ref = 'employment_earnings.employees_and_pay@tabulated';
const PRICES: Ref = 'consumer_prices.price_index_published@tabulated';

const TEXTS = {
  filings: { en: 'Payroll filings joined with the population and business registers', he: 'דיווחי שכר בשילוב מרשם האוכלוסין ומרשם העסקים' },
  scanner: { en: 'Scanner data of retailers', he: 'נתוני קופות של רשתות שיווק' },
  title: { en: 'From deliveries to a protected release', he: 'מקבצים מינהליים לפרסום מוגן' },
  links: { en: 'Filings whose person was found in the register', he: 'דיווחים שהאדם שבהם נמצא במרשם' },
  linksMeaning: {
    en: 'of filings by persons with a national id; persons outside the register are left out',
    he: 'מתוך דיווחים של בעלי מספר זהות; מי שאינו במרשם אינו נספר',
  },
  rejected: { en: 'Records rejected', he: 'רשומות שנדחו' },
  rejectedMeaning: { en: 'of all records delivered', he: 'מתוך כל הרשומות שנמסרו' },
} as const satisfies Record<string, Text>;

const NOTES: readonly Text[] = [
  {
    en: 'Pay is spread over the days worked; employees are the average of the days of the month.',
    he: 'השכר נפרס על ימי העבודה; מספר השכירים הוא ממוצע על פני ימי החודש.',
  },
  {
    en: 'A suppressed group loses every measure; quantiles are rounded.',
    he: 'קבוצה חסויה מאבדת את כל המדדים; אחוזונים מעוגלים.',
  },
];

/** Makes the page of a run from what the store holds and what the run reports; gives its path relative to the data root. */
export async function writeRunPage(context: Context, report: Omit<DemoReport, 'page'>, sources: readonly SourceReport[]): Promise<string> {
  const page = await pageData(context, report, sources);
  const folder = `runs/${hashJson({ persons: report.persons, months: report.months, seed: report.seed }).slice(0, 16)}`;
  await makeFolder(joinPath(context.store.root, folder));
  await writeDurably(joinPath(context.store.root, folder, 'report.html'), renderRunPage(page));
  await writeDurably(joinPath(context.store.root, folder, 'run.json'), `${JSON.stringify(runManifest(report), null, 2)}\n`);
  return `${folder}/report.html`;
}

/** What a run did, for machines: counts, keys, seconds; no record, no name of a machine. */
function runManifest(report: Omit<DemoReport, 'page'>): object {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'twinstat/run/v1',
    subject: report.releases.flatMap((release) =>
      release.files.map((file) => ({ name: `${release.id}/${file.path}`, digest: { sha256: file.sha256 } })),
    ),
    predicate: {
      version: packageVersion(),
      persons: report.persons,
      months: report.months,
      seed: report.seed,
      deliveries: report.deliveries.map(({ error, ...delivery }) => ({ ...delivery, ...(error !== undefined && { code: error.code }) })),
      runs: report.runs,
      seconds: report.seconds,
      refused: report.refused,
    },
  };
}

async function pageData(context: Context, report: Omit<DemoReport, 'page'>, sources: readonly SourceReport[]): Promise<RunPage> {
  const figures = sources.map(sourceFigures);
  return {
    office: context.workspace.name,
    title: TEXTS.title,
    audience: 'internal',
    run: {
      id: hashJson(report.runs.map((run) => run.steps.map((step) => step.key))).slice(0, 16),
      command: `twinstat demo --persons ${report.persons} --months ${report.months} --seed ${report.seed}`,
      version: packageVersion(),
      finished: context.clock().toISOString().slice(0, 10),
      isDemo: true,
      hasDemoKeys: context.workspace.demo,
      isOneUser: true,
      persons: report.persons,
      months: report.months,
      seed: report.seed,
    },
    sources: figures,
    pipelines: report.runs.filter(({ tables }) => tables.length > 0).map(pipelineFigures),
    releases: await Promise.all(
      report.releases.map(async (release) => ({
        id: release.id,
        title: release.title,
        status: release.status,
        periods: release.periods,
        files: await releasedFiles(context, release.id),
        approvals: release.approvals.map((approval) => ({
          name: approval.approver,
          role: approval.decision === 'submit' ? ('author' as const) : ('approver' as const),
          isDemo: context.workspace.demo,
        })),
      })),
    ),
    refused: report.refused.map(pageRefusal),
    series: await series(context, report),
    quality: qualityFigures(figures),
    steps: Object.entries(report.seconds).map(([name, seconds]) => ({ name, seconds })),
    methodNotes: NOTES,
    ...protectionFloors(report),
  };
}

function sourceFigures(source: SourceReport): SourceFigures {
  const { format } = source.contract;
  const person = source.deliveries.map((delivery) => delivery.links['person']).filter((counts) => counts !== undefined);
  const links = Object.fromEntries(LINK_OUTCOMES.map((outcome) => [outcome, person.reduce((sum, counts) => sum + counts[outcome], 0)]));
  return {
    source: source.source,
    title: source.contract.title,
    deliveries: source.deliveries.map((delivery) => ({
      delivery: delivery.delivery,
      format: ['parquet', 'xlsx'].includes(format.type) ? format.type : `${format.type}, ${format.encoding}`,
      bytes: delivery.bytes,
      input: delivery.input,
      accepted: delivery.accepted,
      rejected: delivery.rejected,
      byRule: delivery.byRule,
    })),
    ...(person.length > 0 && { links: links as unknown as NonNullable<SourceFigures['links']> }),
  };
}

function pipelineFigures(run: DemoReport['runs'][number]): PipelineFigures {
  const cells = run.tables.reduce((sum, table) => sum + table.cells, 0);
  const suppressed = run.tables.reduce((sum, table) => sum + table.primary + table.secondary, 0);
  return { id: run.pipeline, title: run.title, periods: run.periods, cells, suppressed, published: cells - suppressed };
}

async function releasedFiles(context: Context, release: string): Promise<{ path: string; bytes: number }[]> {
  const manifest = await context.store.manifest(`${release}@released`);
  return (manifest?.parts ?? []).map((part) => ({ path: part.path, bytes: part.bytes }));
}

/** The floors of the policy under which employment was released; nothing where it was not. */
function protectionFloors(report: Omit<DemoReport, 'page'>): Pick<RunPage, 'protection'> {
  const policy = report.releases.find((release) => release.pipeline === 'employment_earnings')?.policy;
  const minEmployers = policy?.contributors['employer_id']?.min;
  if (policy === undefined || minEmployers === undefined) return {};
  return { protection: { minPersons: policy.contributors['person_id']?.min ?? policy.min_frequency, minEmployers } };
}

function pageRefusal(refusal: DemoReport['refused'][number]): PageRefusal {
  return {
    what: { en: refusal.what, he: refusal.what },
    why: { en: refusal.why, he: refusal.why },
    code: refusal.code,
    nextStep: { en: 'Follow the message; then run the same command again.', he: 'יש לפעול לפי ההודעה ולהריץ שוב את אותה הפקודה.' },
  };
}

function qualityFigures(sources: readonly SourceFigures[]): QualityFigure[] {
  const deliveries = sources.flatMap((source) => source.deliveries);
  const sum = (pick: (delivery: (typeof deliveries)[number]) => number): number =>
    deliveries.reduce((total, delivery) => total + pick(delivery), 0);
  const links = sources.map((source) => source.links).find((each) => each !== undefined);
  const found = links === undefined ? 0 : links.linked + links.repaired;
  return [
    {
      kind: 'rate',
      title: TEXTS.rejected,
      meaning: TEXTS.rejectedMeaning,
      numerator: sum((delivery) => delivery.rejected),
      denominator: sum((delivery) => delivery.input),
    },
    ...(links === undefined
      ? []
      : [
          {
            kind: 'rate' as const,
            title: TEXTS.links,
            meaning: TEXTS.linksMeaning,
            numerator: found,
            denominator: found + links.ambiguous + links.failed,
          },
        ]),
  ];
}

async function series(context: Context, report: Omit<DemoReport, 'page'>): Promise<RunPage['series']> {
  const released = new Set(
    report.releases.filter((release) => release.pipeline === 'employment_earnings').flatMap((release) => release.periods),
  );
  return withTabulated(context, [], async (session) => ({
    ...(await employmentSeries(context, session, released)),
    ...(await priceSeries(context, session, report)),
  }));
}

async function view(context: Context, session: Session, ref: Ref): Promise<boolean> {
  const parts = (await context.store.manifest(ref))?.parts ?? [];
  if (parts.length === 0) return false;
  const paths = await Promise.all(parts.map(async (part) => literal(await context.store.partPath(part))));
  await session.run(sql`CREATE OR REPLACE TEMP VIEW shown AS SELECT * FROM read_parquet([${join(paths)}])`);
  return true;
}

async function employmentSeries(
  context: Context,
  session: Session,
  released: ReadonlySet<string>,
): Promise<Pick<RunPage['series'], 'employees' | 'medianPay' | 'industries'>> {
  if (!(await view(context, session, EMPLOYMENT))) return {};
  const rows = await session
    .rows<{ time_period: string; employees: number | null; median: number | null }>(sql`
    SELECT time_period, employees__published AS employees, median_pay__published AS median FROM shown
    WHERE industry = '_T' AND district = '_T' AND sex = '_T' AND age_band = '_T' ORDER BY time_period`)
    .then((all) => (released.size === 0 ? all : all.filter((row) => released.has(row.time_period))));
  const periods = rows.map((row) => row.time_period);
  const common = {
    source: TEXTS.filings,
    isReleased: periods.some((period) => released.has(period)),
    periods,
    provisional: periods.filter((period) => !released.has(period)),
  };
  const monthly = (name: 'employees' | 'median'): MonthlySeries => ({ ...common, values: rows.map((row) => row[name]) });
  const last = periods.filter((period) => released.has(period)).at(-1) ?? periods.at(-1) ?? '';
  const industries = await session.rows<{ code: string; employees: number | null }>(sql`
    SELECT industry AS code, employees__published AS employees FROM shown
    WHERE time_period = ${last} AND industry <> '_T' AND district = '_T' AND sex = '_T' AND age_band = '_T' ORDER BY code`);
  return {
    employees: monthly('employees'),
    medianPay: monthly('median'),
    industries: { source: TEXTS.filings, isReleased: released.has(last), period: last, rows: industries },
  };
}

async function priceSeries(
  context: Context,
  session: Session,
  report: Omit<DemoReport, 'page'>,
): Promise<Pick<RunPage['series'], 'prices'>> {
  if (!(await view(context, session, PRICES))) return {};
  const rows = await session.rows<{ time_period: string; method: string; value: number | null }>(sql`
    SELECT time_period, method, CASE WHEN suppressed = 0 THEN round(100 * index_value, 2) END AS value FROM shown ORDER BY method, time_period`);
  const periods = [...new Set(rows.map((row) => row.time_period))].sort();
  const methods: Record<string, (number | null)[]> = {};
  for (const row of rows) {
    const name = METHOD_NAMES[row.method] ?? row.method;
    methods[name] = [...(methods[name] ?? []), row.value];
  }
  const isReleased = report.releases.some((release) => release.pipeline === 'consumer_prices');
  return { prices: { source: TEXTS.scanner, isReleased, periods, methods, headline: 'CCDI' } };
}
