/** Records of a CSV text that comes in pieces, fields unquoted; strict: `null` where a line breaks RFC 4180. Lines end in line feed. */
export async function* csvRecords(pieces: AsyncIterable<string>): AsyncGenerator<string[] | null> {
  let rest = '';
  for await (const piece of pieces) {
    rest += piece;
    let from = 0;
    for (let end = recordEnd(rest, from); end >= 0; end = recordEnd(rest, from)) {
      yield splitRecord(rest.slice(from, end));
      from = end + 1;
    }
    rest = rest.slice(from);
  }
  if (rest !== '') yield null;
}

function recordEnd(text: string, from: number): number {
  let end = text.indexOf('\n', from);
  while (end >= 0 && text.slice(from, end).split('"').length % 2 === 0) end = text.indexOf('\n', end + 1);
  return end;
}

function splitRecord(record: string): string[] | null {
  if (!record.includes('"')) return record.includes('\r') ? null : record.split(',');
  const fields: string[] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|$)/y;
  for (;;) {
    const match = pattern.exec(record);
    if (match === null) return null;
    fields.push(match[1] === undefined ? (match[2] ?? '') : match[1].replaceAll('""', '"'));
    if (match[3] === '') return fields;
  }
}
