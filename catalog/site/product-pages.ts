import { html, type Splice } from '../../report/escape.ts';
import type { Edition as PageEdition } from '../../report/html-shell.ts';
import { table } from '../../report/table.ts';
import { accountOf, hoursOf } from '../burden-account.ts';
import { type ProductEntry, productEntries } from '../product.ts';
import { agreementOverview } from './agreement-cell.ts';
import { accountTable } from './burden-page.ts';
import { lineageFigure } from './lineage-figure.ts';
import { type Kit, section } from './site-kit.ts';

/** All products with the sources behind them, and the way from source to published table. */
export function productsPage(kit: Kit): PageEdition {
  const { word, edition, language } = kit;
  const entries = productEntries(edition.records, edition.products);
  const list = table({
    caption: word('products'),
    hideCaption: true,
    language,
    rows: entries,
    empty: word('no_products'),
    columns: [
      { title: word('product'), cell: ({ slug, title }) => kit.link(`products/${slug}.html`, kit.said(title)) },
      { title: word('replaces'), cell: ({ product }) => kit.said(product?.replaces) ?? word('not_stated') },
      { title: word('sources_read'), cell: ({ records }) => kit.list(records.map(kit.source)) },
    ],
  });
  const drawn = edition.products.length === 0 ? undefined : section(kit, 'way', word('lineage'), lineageFigure(kit, edition.products));
  return {
    intro: html`<p class="lede">${word('products_lede')}</p>`,
    main: html`${section(kit, 'list', word('products'), list)}${drawn}`,
  };
}

/** The page of one product. */
export function productPage({ product, records }: ProductEntry, kit: Kit): PageEdition {
  const { word, said, list, facts, term, hours } = kit;
  const burden =
    product === undefined || product.burden.length === 0
      ? undefined
      : section(
          kit,
          'burden',
          word('burden_account'),
          accountTable(
            kit,
            word('survey'),
            product.burden.map((target) => ({
              name: said(target.question),
              account: accountOf([{ phase: target.status, hours: hoursOf(target) }]),
            })),
          ),
          agreementOverview(
            kit.edition.agreement.filter(({ statistic }) => statistic === product.id),
            kit,
          ),
          html`<ul>${product.burden.map((target): Splice => html`<li>${said(target.question)}: ${term('burden', target.status)}, <bdi>${hours(hoursOf(target))}</bdi>. ${word('basis')}: ${said(target.basis)}</li>`)}</ul>`,
        );
  const from = product === undefined ? undefined : section(kit, 'way', word('lineage'), lineageFigure(kit, [product]));
  return {
    intro: html`<p class="lede">${said(product?.replaces)}</p>`,
    main: html`${section(kit, 'sources', word('sources_read'), list(records.map(kit.source)) ?? html`<p class="empty">${word('no_records')}</p>`)}${from}${burden}`,
    aside: html`<h2>${word('identity')}</h2>${facts([
      ['replaces', said(product?.replaces) ?? word('not_stated')],
      ['tables_published', product === undefined ? word('not_stated') : list(product.tables.map(said))],
    ])}`,
  };
}
