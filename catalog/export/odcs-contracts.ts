import { stringify } from 'yaml';
import type { Edition, EditionRecord } from '../edition.ts';
import type { Delivered } from './delivered.ts';

const LOGICAL: Readonly<Record<string, string>> = {
  VARCHAR: 'string',
  PERIOD_M: 'string',
  INTEGER: 'integer',
  BIGINT: 'integer',
  DOUBLE: 'number',
  MONEY: 'number',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  BOOLEAN: 'boolean',
};
const STATUS: Readonly<Record<string, string>> = { agreed: 'draft', pilot: 'draft', production: 'active', retired: 'retired' };

/** An edition as data contracts of the Open Data Contract Standard 3.1, a YAML document for each source; variables where it has a contract. */
export function odcsContracts({ records }: Edition, delivered: Delivered): string {
  return records.map((record) => `---\n${stringify(contractOf(record, delivered), { lineWidth: 0 })}`).join('');
}

function contractOf(record: EditionRecord, delivered: Delivered) {
  const { about, holder, delivery } = record;
  const variables = delivery === undefined || record.contract === undefined ? undefined : delivered.get(record.contract);
  return {
    apiVersion: 'v3.1.0',
    kind: 'DataContract',
    id: record.id,
    name: record.title.en,
    version: '1.0.0',
    status: STATUS[record.lifecycle] ?? 'proposed',
    domain: record.theme,
    ...(about && { description: { purpose: about.description.en } }),
    ...(about && about.keywords.length > 0 && { tags: about.keywords.map(({ en }) => en) }),
    ...(holder && { team: { name: holder.name.en } }),
    ...(variables && {
      schema: [
        {
          name: record.contract,
          logicalType: 'object',
          properties: variables.map(({ name, label, type, role, required, unit }) => ({
            name,
            businessName: label.en,
            logicalType: LOGICAL[type] ?? 'string',
            physicalType: type,
            required,
            classification: role,
            ...(unit !== undefined && { customProperties: [{ property: 'unit', value: unit }] }),
          })),
        },
      ],
    }),
    ...(delivery && { slaProperties: [{ property: 'frequency', value: delivery.frequency }] }),
    customProperties: [
      { property: 'titleHe', value: record.title.he },
      ...(about === undefined ? [] : [{ property: 'descriptionHe', value: about.description.he }]),
      ...(holder === undefined ? [] : [{ property: 'holderHe', value: holder.name.he }]),
      ...(delivery === undefined ? [] : [{ property: 'accessRights', value: delivery.access }]),
    ],
  };
}
