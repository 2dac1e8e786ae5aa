/**
 * Search and facets of the list, in the page itself. Words are compared without vowel points, with final letters as plain ones, with and
 * without one-letter prefixes, by their beginning, and with one slip in words of 4 letters and more.
 */
export const SEARCH_SCRIPT = `
const catalogSearch = (() => {
  const FINAL = { 'ך': 'כ', 'ם': 'מ', 'ן': 'נ', 'ף': 'פ', 'ץ': 'צ' };
  const plain = (text) => text.normalize('NFKD').replace(/[\\u0300-\\u036f\\u0591-\\u05c7]/g, '').toLowerCase().replace(/[ךםןףץ]/g, (c) => FINAL[c]);
  const words = (text) => plain(text).replace(/["'׳״]/g, '').split(/[^\\p{L}\\p{N}]+/u).filter(Boolean);
  const forms = (word) => {
    const found = [word];
    for (let rest = word; found.length < 3 && rest.length > 3 && 'והבכלמש'.includes(rest[0]);) found.push(rest = rest.slice(1));
    return found;
  };
  const isNear = (a, b) => {
    if (Math.abs(a.length - b.length) > 1) return false;
    let at = 0;
    while (at < a.length && a[at] === b[at]) at += 1;
    const [x, y] = [a.slice(at), b.slice(at)];
    return x.slice(1) === y.slice(1) || x.slice(1) === y || x === y.slice(1) || (x[0] === y[1] && x[1] === y[0] && x.slice(2) === y.slice(2));
  };
  const fits = (asked, word) => word.startsWith(asked) || (asked.length > 3 && isNear(asked, word));
  const matches = (query, text) => {
    const known = words(text).flatMap(forms);
    return words(query).every((asked) => forms(asked).some((form) => known.some((word) => fits(form, word))));
  };
  return { matches };
})();
if (typeof document !== 'undefined') {
  for (const panel of document.querySelectorAll('.finder')) {
    const section = panel.closest('section');
    const rows = [...section.querySelectorAll('tbody tr')].map((row) => ({ row, data: row.querySelector('[data-facets]').dataset }));
    const input = panel.querySelector('input');
    const selects = [...panel.querySelectorAll('select')];
    const show = () => {
      let shown = 0;
      for (const { row, data } of rows) {
        const facets = data.facets.split(' ');
        const isShown = selects.every((select, at) => select.value === '' || select.value === facets[at]) && catalogSearch.matches(input.value, data.words);
        row.hidden = !isShown;
        if (isShown) shown += 1;
      }
      section.querySelector('.shown').textContent = shown;
      section.querySelector('.none').hidden = shown > 0;
    };
    panel.addEventListener('input', show);
    show();
  }
}
`;
