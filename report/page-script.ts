/**
 * The script of every page. The page reads and prints without it: it only keeps `lang`, `dir` and the title of the document in step
 * with the edition that is shown, lets a keyboard scroll tables that are too wide, and sorts tables.
 */
export const PAGE_SCRIPT = `(() => {
  const root = document.documentElement;
  const reach = (box) => {
    if (getComputedStyle(box).overflowX === 'auto' && box.scrollWidth > box.clientWidth) box.tabIndex = 0;
    else box.removeAttribute('tabindex');
  };
  const sizes = new ResizeObserver((entries) => entries.forEach((entry) => reach(entry.target.closest('.scroll'))));
  const sync = () => {
    const edition = document.getElementById(/^#en(-|$)/.test(location.hash) ? 'en' : 'he');
    root.lang = edition.lang;
    root.dir = edition.dir;
    document.title = edition.dataset.title;
  };
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.sort ?? cell.textContent.trim();
  };
  const number = (text) => (/^[<>]?[\\d,.−-]+%?$/.test(text) ? Number(text.replace(/[<>,%]/g, '').replace('−', '-')) : NaN);
  const sort = (head, column, body) => {
    const down = head.getAttribute('aria-sort') !== 'descending';
    for (const other of head.parentElement.cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    const rows = [...body.rows].sort((a, b) => {
      const [x, y] = [key(a, column), key(b, column)];
      const [m, n] = [number(x), number(y)];
      const order = Number.isNaN(m) || Number.isNaN(n) ? x.localeCompare(y, root.lang) : m - n;
      return down ? -order : order;
    });
    body.append(...rows);
  };
  for (const part of document.querySelectorAll('.scroll, .scroll > table')) sizes.observe(part);
  for (const table of document.querySelectorAll('table.sortable')) {
    for (const head of table.tHead.rows[0].cells) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(...head.childNodes);
      button.addEventListener('click', () => sort(head, head.cellIndex, table.tBodies[0]));
      head.append(button);
    }
  }
  addEventListener('hashchange', sync);
  sync();
})();`;
