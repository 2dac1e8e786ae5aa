import { drawFlow } from '../../report/chart-flow.ts';
import type { Html } from '../../report/escape.ts';
import { figure } from '../../report/figure.ts';
import type { Product } from '../product.ts';
import type { Kit } from './site-kit.ts';

/** From the sources through the statistic to its published tables, as a drawing and as rows; a contract without a record keeps its name. */
export function lineageFigure(kit: Kit, products: readonly Product[]): Html {
  const { language, word, edition } = kit;
  const nameOf = (contract: string): string => edition.records.find((record) => record.contract === contract)?.title[language] ?? contract;
  const flows = products.map(({ contracts, title, tables }) => ({
    from: contracts.map(nameOf),
    through: title[language],
    to: tables.map((table) => table[language]),
  }));
  return figure({
    id: `${language}-lineage`,
    language,
    title: word('lineage'),
    subtitle: word('lineage_subtitle'),
    description: flows.map(({ from, through, to }) => `${from.join(', ')}: ${through}: ${to.join(', ')}`).join('; '),
    draw: (size) => drawFlow(flows, language, size),
    notes: [word('lineage_note')],
    data: {
      columns: [word('product'), word('sources_read'), word('tables_published')],
      rows: flows.map(({ from, through, to }) => [through, from.join('; '), to.join('; ')]),
    },
    format: String,
    isTall: true,
  });
}
