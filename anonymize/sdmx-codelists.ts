import { escapeHtml } from '../report/escape.ts';
import { unitName } from '../report/units.ts';
import { CONFIDENTIALITY_CODES } from './confidentiality-codes.ts';
import { AGENCY } from './describe-table.ts';
import type { PublicManifest } from './public-manifest.ts';
import { compareText, frequencyOf } from './sdmx-csv.ts';

type Words = { readonly en: string; readonly he: string };

/** A codelist as the structure of a release states it: the codes that the release holds, of a list that may hold more. */
export interface SdmxCodelist {
  readonly id: string;
  readonly agency: string;
  readonly version: string;
  readonly name: Words;
  readonly codes: readonly { readonly id: string; readonly name: Words }[];
}

const FREQUENCIES: Readonly<Record<string, Words>> = {
  A: { en: 'Annual', he: 'שנתי' },
  S: { en: 'Half-yearly', he: 'חצי שנתי' },
  Q: { en: 'Quarterly', he: 'רבעוני' },
  M: { en: 'Monthly', he: 'חודשי' },
  W: { en: 'Weekly', he: 'שבועי' },
  D: { en: 'Daily', he: 'יומי' },
};

/** Whether all codes are identifiers of SDMX (IDType), so that a list can hold them. */
export function isCoded(codes: readonly { readonly id: string }[]): boolean {
  return codes.every(({ id }) => /^[A-Za-z0-9_@$-]+$/.test(id));
}

/** Every codelist of a release; SDMX's own lists (CL_FREQ, CL_OBS_STATUS, CL_CONF_STATUS) under their agency and version. */
export function codelistsOf(manifest: Omit<PublicManifest, 'files'>): SdmxCodelist[] {
  const { published, estimated, undefined: missing, suppressed } = CONFIDENTIALITY_CODES;
  const frequencies = [...new Set(manifest.periods.map(frequencyOf))].sort();
  const lists: SdmxCodelist[] = [
    {
      id: 'CL_FREQ',
      agency: 'SDMX',
      version: '2.1',
      name: { en: 'Frequency', he: 'תדירות' },
      codes: frequencies.map((id) => ({ id, name: FREQUENCIES[id] ?? { en: id, he: id } })),
    },
    {
      id: 'CL_OBS_STATUS',
      agency: 'SDMX',
      version: '2.2',
      name: { en: 'Observation status', he: 'מצב התצפית' },
      codes: [
        { id: published.obs, name: { en: 'Normal value', he: 'ערך רגיל' } },
        { id: estimated.obs, name: estimated.label },
        { id: missing.obs, name: missing.label },
        { id: 'P', name: { en: 'Provisional value', he: 'ערך זמני' } },
        { id: suppressed.obs, name: { en: 'Missing value; suppressed', he: 'ערך שלא פורסם' } },
      ],
    },
    {
      id: 'CL_CONF_STATUS',
      agency: 'SDMX',
      version: '1.3',
      name: { en: 'Confidentiality status', he: 'מצב הסודיות' },
      codes: [
        { id: suppressed.conf, name: suppressed.label },
        { id: published.conf, name: { en: 'Free for publication', he: 'מותר בפרסום' } },
      ],
    },
  ];
  const own = new Map<string, SdmxCodelist>();
  const add = (id: string, name: Words, codes: SdmxCodelist['codes']): void => {
    const all = new Map([...(own.get(id)?.codes ?? []), ...codes].map((code) => [code.id, code]));
    own.set(id, {
      id,
      agency: AGENCY,
      version: '1.0.0',
      name,
      codes: [...all.values()].sort((left, right) => compareText(left.id, right.id)),
    });
  };
  for (const { structure, title, components, measures } of manifest.tables) {
    const table = /:(.*)\(/.exec(structure)?.[1] ?? structure;
    for (const each of components) if (isCoded(each.codes)) add(each.codelist, each.title, each.codes);
    const words = title ?? manifest.title;
    add(
      `CL_${table}_MEASURE`,
      words,
      measures.map((measure) => ({ id: measure.name, name: measure.title })),
    );
    const units = measures.map(({ unit }) => ({ id: unit, name: unitName(unit) }));
    if (isCoded(units)) add(`CL_${table}_UNIT`, words, units);
  }
  return [...lists, ...own.values()];
}

/** A codelist as SDMX-ML 2.1; `isPartial`: the codes that the release holds. */
export function codelistXml({ id, agency, version, name, codes }: SdmxCodelist): string {
  const lines = codes.map((code) => `<str:Code id="${escapeHtml(code.id)}">${wordsXml(code.name)}</str:Code>`);
  return `<str:Codelist id="${id}" agencyID="${agency}" version="${version}" isPartial="true">${wordsXml(name)}
${lines.join('\n')}
</str:Codelist>`;
}

/** Both languages of a name, as elements. */
export function wordsXml({ en, he }: Words): string {
  return `<com:Name xml:lang="he">${escapeHtml(he)}</com:Name><com:Name xml:lang="en">${escapeHtml(en)}</com:Name>`;
}
