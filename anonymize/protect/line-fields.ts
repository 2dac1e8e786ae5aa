/** Fields of a line with , or ; between them; quotes around a field may hold either. Undefined where a quote does not end, or text follows one. */
export function fieldsOf(content: string): string[] | undefined {
  const separator = !content.includes(',') && content.includes(';') ? ';' : ',';
  const fields: string[] = [];
  const pattern = new RegExp(`\\s*(?:"((?:[^"]|"")*)"|([^${separator}]*))\\s*(${separator}|$)`, 'gy');
  for (let match = pattern.exec(content); match !== null; match = pattern.exec(content)) {
    fields.push(match[1] === undefined ? (match[2] ?? '').trim() : match[1].replaceAll('""', '"'));
    if (match[3] !== separator) return fields;
  }
  return undefined;
}
