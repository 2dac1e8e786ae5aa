import { z } from 'zod';
import { AgreementFigure } from './agreement-figure.ts';
import { Burden } from './burden.ts';
import { PublicRecords } from './public-records.ts';
import type { PackageFile, ReleaseRecord } from './release.ts';

/** What the package says and is judged by; the same fields stand in the release record. */
export type ReleaseContent = Pick<ReleaseRecord, 'id' | 'pipeline' | 'title' | 'periods' | 'policy' | 'method'>;

const Text = z.strictObject({ en: z.string(), he: z.string() });
const Measure = z.strictObject({ name: z.string(), title: Text, unit: z.string(), decimals: z.number().int() });

/** A dimension in words: its title, the codelist and the names of the codes that the release holds, in the order of its files. */
const Component = z.strictObject({
  id: z.string(),
  title: Text,
  codelist: z.string(),
  codes: z.array(z.strictObject({ id: z.string(), name: Text })),
});
export type Component = z.output<typeof Component>;

/** What a reader should see of a table: measures over time, and one map of two dimensions; ids of the structure. */
const Show = z.strictObject({
  over_time: z.array(z.string()),
  heat_map: z.strictObject({ rows: z.string(), columns: z.string(), measure: z.string() }).optional(),
  /** The dimension of the vintages, in the order of its codes. */
  vintages: z.string().optional(),
});

/** A figure of quality as it may leave: a count ("<10" for 1 to 9), a rate to 0.1 points, a number of days or months, or "–". */
const QualityFigure = z.strictObject({
  id: z.string().regex(/^[A-Z0-9-]+$/),
  title: Text,
  meaning: Text,
  value: z.string().regex(/^(–|<10|\d{1,3}(,\d{3})*|[<>]?\d{1,3}(,\d{3})*\.\d%)$/),
});

/** What the words of a release come from: the office, the sources, the method, what it replaces, figures of quality. */
export const About = z.strictObject({
  office: Text,
  is_demo: z.boolean(),
  source: Text,
  method: z.array(Text),
  replaces: Text.optional(),
  burden: z.array(Burden),
  /** Agreement of survey answers with the statistic; absent in releases of earlier versions. */
  agreement: z.array(AgreementFigure).optional(),
  quality: z.array(QualityFigure),
});
export type About = z.output<typeof About>;

/** The publishable manifest: hashes of released files only, no times, no hosts, rounded row counts. */
export const PublicManifest = z.strictObject({
  version: z.literal(1),
  release: z.string(),
  pipeline: z.string(),
  title: Text,
  periods: z.array(z.string()),
  licence: z.string(),
  method: z.string(),
  /** The floor and the embargo only: parameters of concentration rules help an attacker (release-rules.md 4). */
  policy: z.strictObject({ embargo: z.string(), min_frequency: z.number() }),
  about: About.optional(),
  tables: z.array(
    z.strictObject({
      name: z.string(),
      title: Text.optional(),
      structure: z.string(),
      dimensions: z.array(z.string()),
      components: z.array(Component),
      show: Show.optional(),
      measures: z.array(Measure),
      /** Rounded to three significant digits, never below 10. */
      rows: z.number().int(),
    }),
  ),
  /** Files of anonymised records; absent where there are none. */
  microdata: z.array(PublicRecords).optional(),
  files: z.array(z.strictObject({ path: z.string(), sha256: z.string() })),
});
export type PublicManifest = z.output<typeof PublicManifest>;

/** The publishable manifest of a package. */
export function manifestOf(
  content: ReleaseContent,
  tables: PublicManifest['tables'],
  files: readonly PackageFile[],
  about?: About,
  microdata: PublicManifest['microdata'] = [],
): PublicManifest {
  const { embargo, min_frequency, licence } = content.policy;
  return {
    version: 1,
    release: content.id,
    pipeline: content.pipeline,
    title: content.title,
    periods: [...content.periods],
    licence,
    method: content.method,
    policy: { embargo, min_frequency },
    ...(about && { about }),
    tables,
    ...(microdata.length > 0 && { microdata }),
    files: files.map(({ path, sha256 }) => ({ path, sha256 })),
  };
}

/** A count of rows as the public may see it: three significant digits, never below 10. */
export function roundRows(rows: number): number {
  return Math.max(10, Number(rows.toPrecision(3)));
}
